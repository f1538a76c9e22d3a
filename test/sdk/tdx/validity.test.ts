import assert from "node:assert/strict";
import {
  type Collateral,
  createCollateral,
  intelSgxRootCa,
  PckChainCache,
  type VerifiedQuote,
  verify,
  verifySignatures,
} from "../../../sdk/tdx/index.ts";
import { checkPeriod } from "../../../sdk/tdx/period.ts";
import { parseCertificate } from "../../../sdk/tdx/x509.ts";
import {
  type CollateralCase,
  collateralCases,
  collateralOf,
  quoteOf,
  statusCases,
} from "../../support/vectors.ts";
import { fastBackend } from "./support/backends.ts";
import { certificatesOf } from "./support/pem.ts";
import { pckChainOf } from "./support/quote-layout.ts";
import { refusalOf, refusedWith } from "./support/refusal.ts";

const root = intelSgxRootCa();
const pckChainCache = new PckChainCache();

/** The first period, in the order they are checked in, that a time is outside of. */
function firstViolated(collateral: Collateral, at: number): readonly [string, string] | undefined {
  for (const { part, from, until, tooEarly, tooLate } of collateral.periods) {
    if (at < from) return [part, tooEarly];
    if (at > until) return [part, tooLate];
  }
  return undefined;
}

const PARTS = [
  ["root", "CERTIFICATE_NOT_YET_VALID", "CERTIFICATE_EXPIRED"],
  ["root CRL", "CRL_NOT_YET_VALID", "CRL_EXPIRED"],
  ["issuer of the PCK CRL", "CERTIFICATE_NOT_YET_VALID", "CERTIFICATE_EXPIRED"],
  ["PCK CRL", "CRL_NOT_YET_VALID", "CRL_EXPIRED"],
  ["signer of the TCB info", "CERTIFICATE_NOT_YET_VALID", "CERTIFICATE_EXPIRED"],
  ["TCB info", "TCB_INFO_NOT_YET_VALID", "TCB_INFO_EXPIRED"],
  ["signer of the QE identity", "CERTIFICATE_NOT_YET_VALID", "CERTIFICATE_EXPIRED"],
  ["QE identity", "QE_IDENTITY_NOT_YET_VALID", "QE_IDENTITY_EXPIRED"],
] as const;

function collateralFor(entry: CollateralCase): Collateral {
  return createCollateral(collateralOf(entry), { root });
}

describe("validity periods of collateral", () => {
  for (const entry of collateralCases) {
    it(`${entry.name}: each part, its own codes, both ends included`, () => {
      const collateral = collateralFor(entry);
      assert.deepEqual(
        collateral.periods.map(({ part, tooEarly, tooLate }) => [part, tooEarly, tooLate]),
        PARTS,
      );
      for (const period of collateral.periods) {
        const { part, from, until } = period;
        checkPeriod(period, from);
        checkPeriod(period, until);
        const early = refusedWith(period.tooEarly, () => checkPeriod(period, from - 1));
        const late = refusedWith(period.tooLate, () => checkPeriod(period, until + 1));
        assert.deepEqual([early.subject, late.subject], [part, part]);
      }
    });

    it(`${entry.name}: verify refuses one second outside of each part`, () => {
      const collateral = collateralFor(entry);
      const quote = quoteOf(entry);
      for (const { part, from, until } of collateral.periods) {
        for (const at of [from - 1, until + 1]) {
          const expected = firstViolated(collateral, at);
          assert.ok(expected !== undefined);
          for (const given of [collateral, collateralOf(entry)]) {
            const error = refusalOf(
              () => verify(quote, given, { at, root, pckChainCache }),
              `${part} at ${at}`,
            );
            assert.deepEqual([error.subject, error.code], expected);
          }
        }
      }
    });
  }

  for (const entry of statusCases) {
    it(`${entry.name}: accepted from the first second to the last`, () => {
      const collateral = collateralFor(entry);
      assert.equal(collateral.validUntil, entry.collateral_valid_to);
      const check = (at: number): VerifiedQuote => {
        const options = { at, root, pckChainCache };
        return verify(quoteOf(entry), collateral, options);
      };
      const expected = check(entry.verify_at);
      const [leaf] = certificatesOf(pckChainOf(quoteOf(entry))).map((der) =>
        parseCertificate(der, "PCK certificate"),
      );
      assert.ok(leaf !== undefined);
      // Some collateral is older than the machine's certificate.
      const start = Math.max(collateral.validFrom, leaf.notBefore);
      assert.equal(start, entry.collateral_valid_from);
      assert.deepEqual(check(start), expected);
      assert.deepEqual(check(collateral.validUntil), expected);
      assert.equal(expected.earliestExpiry, collateral.validUntil);
      if (leaf.notBefore > collateral.validFrom) {
        const error = refusedWith("CERTIFICATE_NOT_YET_VALID", () => check(leaf.notBefore - 1));
        assert.equal(error.subject, "PCK certificate");
      }
    });
  }
});

describe("validity periods of the PCK chain", () => {
  const seen = new Set<string>();
  for (const entry of collateralCases) {
    if (seen.has(entry.dir)) continue;
    seen.add(entry.dir);
    it(`${entry.dir}: leaf, PCK CA and root, both ends included`, () => {
      const quote = quoteOf(entry);
      const [leaf, ca, top] = certificatesOf(pckChainOf(quote)).map((der) =>
        parseCertificate(der, "a certificate"),
      );
      assert.ok(leaf !== undefined && ca !== undefined && top !== undefined);
      const check = (at: number) => () => verifySignatures(quote, { at, root, pckChainCache });
      const from = Math.max(leaf.notBefore, ca.notBefore, top.notBefore);
      const until = Math.min(leaf.notAfter, ca.notAfter, top.notAfter);
      check(from)();
      check(until)();

      // Periods nest: what ends is the leaf, unless the moment is outside of its issuers' too.
      const subject = (at: number) =>
        at < top.notBefore || at > top.notAfter
          ? "root"
          : at < ca.notBefore || at > ca.notAfter
            ? "PCK CA"
            : "PCK certificate";
      for (const { notBefore, notAfter } of [leaf, ca, top]) {
        const early = refusedWith("CERTIFICATE_NOT_YET_VALID", check(notBefore - 1));
        assert.equal(early.subject, subject(notBefore - 1));
        const late = refusedWith("CERTIFICATE_EXPIRED", check(notAfter + 1));
        assert.equal(late.subject, subject(notAfter + 1));
      }
    });
  }
});

describe("the verification time", () => {
  const [entry] = statusCases;
  assert.ok(entry !== undefined);
  const check = (at: unknown) => () =>
    verify(quoteOf(entry), collateralOf(entry), {
      at: at as number,
      root,
      crypto: fastBackend,
      pckChainCache,
    });

  const bad: readonly [name: string, at: unknown][] = [
    ["not a number", Number.NaN],
    ["infinite", Number.POSITIVE_INFINITY],
    ["a fraction of a second", entry.verify_at + 0.5],
    ["further than any Date", 8.64e12 + 1],
    ["an invalid Date", new Date("no date")],
    ["text", String(entry.verify_at)],
    ["a bigint", BigInt(entry.verify_at)],
    ["missing", undefined],
    ["null", null],
    ["an object", { getTime: () => entry.verify_at * 1000 }],
  ];
  for (const [name, at] of bad) {
    it(`is refused when it is ${name}`, () => {
      refusedWith("TIME_INVALID", check(at));
    });
  }

  it("is far outside of every period at both ends of the calendar", () => {
    for (const at of [-8.64e12, -1, 0, 2_524_608_000, 8.64e12]) {
      refusalOf(check(at), `the time ${at}`);
    }
    assert.equal(refusedWith("CERTIFICATE_NOT_YET_VALID", check(0)).subject, "root");
    assert.equal(refusedWith("CERTIFICATE_EXPIRED", check(2_648_073_600)).subject, "root");
  });
});
