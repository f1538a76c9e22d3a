import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { measureGas } from "../../bench/support/gas-scenarios.ts";

const RESULT = new URL("../../bench/results/gas.json", import.meta.url);

describe("gas on chain", () => {
  it("is what bench/results/gas.json says; if the change is meant, run `npm run bench:gas` and `npm run docs`", async function () {
    this.timeout(120_000);
    const { what: _, ...committed } = JSON.parse(readFileSync(RESULT, "utf8"));
    assert.deepEqual(await measureGas(), committed);
  });
});
