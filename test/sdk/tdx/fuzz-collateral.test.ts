import assert from "node:assert/strict";
import fc from "fast-check";
import { createCollateral, type QuoteCollateral, verify } from "../../../sdk/tdx/index.ts";
import { collateralCases, collateralOf } from "../../support/vectors.ts";
import { fastBackend } from "./support/backends.ts";
import { anything, forAll, mutated, withinLimits } from "./support/fuzz.ts";
import { refusedWith } from "./support/refusal.ts";
import { root, v4 } from "./support/specimen.ts";

const { json, quote, entry } = v4;
const options = { at: entry.verify_at, root, crypto: fastBackend };
const fields = Object.keys(json) as (keyof QuoteCollateral)[];
const realOnes = collateralCases.map(collateralOf);

function tryCollateral(collateral: object): void {
  const created = withinLimits(() => createCollateral(collateral, options));
  const result = withinLimits(() => verify(quote, collateral, options));
  if (result instanceof Error) return;
  assert.ok(!(created instanceof Error));
  assert.equal(result.status, entry.expected.tcb_status);
}

describe("generated collateral", function () {
  this.timeout(60_000);

  it("the real one is accepted", () => {
    assert.ok(!(withinLimits(() => verify(quote, json, options)) instanceof Error));
  });

  it("values of every sort", () => {
    forAll(anything, (value) => {
      withinLimits(() => createCollateral(value as object, options));
      withinLimits(() => verify(quote, value as object, options));
    });
  });

  it("objects with values of every sort in their fields", () => {
    const shape = Object.fromEntries(fields.map((field) => [field, anything]));
    forAll(fc.record(shape, { requiredKeys: [] }), tryCollateral);
  });

  it("the real one with one field of another sort", () => {
    const change = fc.tuple(fc.constantFrom(...fields), anything);
    forAll(change, ([field, value]) => tryCollateral({ ...json, [field]: value }));
  });

  it("the real one with changes in one text", () => {
    const change = fc.constantFrom(...fields).chain((field) =>
      mutated([new TextEncoder().encode(json[field])]).map((bytes) => ({
        ...json,
        [field]: new TextDecoder().decode(bytes),
      })),
    );
    forAll(change, tryCollateral);
  });

  it("fields of different real ones put together", () => {
    const parts = fc.array(fc.constantFrom(...realOnes), {
      minLength: fields.length,
      maxLength: fields.length,
    });
    forAll(parts, (sources) => {
      const mixed = Object.fromEntries(fields.map((field, i) => [field, sources[i]?.[field]]));
      withinLimits(() => createCollateral(mixed, options));
      withinLimits(() => verify(quote, mixed, options));
    });
  });

  for (const field of fields) {
    it(`${field}: a text of 20 million characters`, () => {
      for (const character of ["0", "-", "{", "\ud800"]) {
        tryCollateral({ ...json, [field]: character.repeat(20_000_000) });
      }
    });
  }

  it("fields that change between two looks", () => {
    for (const field of fields) {
      let looks = 0;
      const restless = Object.defineProperty({ ...json }, field, {
        get: () => (looks++ === 0 ? json[field] : "something else"),
      });
      tryCollateral(restless);
    }
  });

  it("objects that throw when they are looked at", () => {
    const refuse = () => {
      throw new RangeError("not for you");
    };
    for (const field of fields) {
      const guarded = Object.defineProperty({ ...json }, field, { get: refuse });
      refusedWith("COLLATERAL_MALFORMED", () => createCollateral(guarded, options));
    }
    const trap = new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse });
    refusedWith("COLLATERAL_MALFORMED", () => createCollateral(trap, options));
  });
});
