import assert from "node:assert/strict";
import {
  createCollateral,
  intelSgxRootCa,
  nobleBackend,
  PckChainCache,
  type VerifiedQuote,
  verify,
} from "../../../sdk/tdx/index.ts";
import { caseNamed, collateralOf, quoteOf } from "../../support/vectors.ts";
import { fastBackend } from "./support/backends.ts";
import { forEachFlip, refusesEveryFlip } from "./support/flips.ts";
import { certificatesOf, toPem } from "./support/pem.ts";
import { layoutOf, pckChainOf, withBitFlipped, withPckChain } from "./support/quote-layout.ts";
import { refusalOf } from "./support/refusal.ts";

const CASES = [
  "v4-00806f050000-0b7c5579/collateral-20260715-eval19",
  "v4-50806f000000-12b401a8/collateral-20230628-eval15",
  "v5-90c06f000000-d0010db6/collateral-20250624-eval17",
].map(caseNamed);

const root = intelSgxRootCa();

for (const entry of CASES) {
  describe(`one bit flipped in the quote ${entry.name}`, function () {
    this.timeout(60_000);
    const quote = quoteOf(entry);
    const layout = layoutOf(quote);
    const pckChainCache = new PckChainCache();
    const checkWith = (crypto = fastBackend) => {
      const collateral = createCollateral(collateralOf(entry), { root, crypto });
      return (bytes: Uint8Array): VerifiedQuote =>
        verify(bytes, collateral, { at: entry.verify_at, root, crypto, pckChainCache });
    };
    const check = checkWith();

    it("is accepted unchanged", () => {
      assert.equal(check(quote).status, entry.expected.tcb_status);
    });

    const parts: readonly [name: string, from: number, to: number][] = [
      ["header and body", 0, layout.authLength],
      ["length of the authentication data", layout.authLength, layout.signature],
      ["quote signature", layout.signature, layout.attestationKey],
      ["attestation key", layout.attestationKey, layout.outerType],
      ["type and length of the certification data", layout.outerType, layout.qeReport],
      ["QE report", layout.qeReport, layout.qeReportSignature],
      ["QE report signature", layout.qeReportSignature, layout.qeAuthLength],
      ["length of the QE authentication data", layout.qeAuthLength, layout.qeAuth],
      ["QE authentication data", layout.qeAuth, layout.innerType],
      ["type and length of the PCK chain", layout.innerType, layout.pem],
    ];
    for (const [name, from, to] of parts) {
      it(`${name}: refused at each of ${to - from} bytes`, () => {
        refusesEveryFlip(quote, check, { from, to });
      });
    }

    const chain = certificatesOf(pckChainOf(quote));
    for (const [index, name] of ["PCK certificate", "PCK CA", "root"].entries()) {
      const der = chain[index];
      assert.ok(der !== undefined);
      it(`DER of the ${name}: refused at each of ${der.length} bytes`, () => {
        refusesEveryFlip(der, (flipped) =>
          check(withPckChain(quote, toPem(...chain.with(index, flipped)))),
        );
      });
    }

    it("text of the chain: refused at each byte to the end of the last certificate", () => {
      const END = "-----END CERTIFICATE-----";
      const end = layout.pem + pckChainOf(quote).lastIndexOf(END) + END.length;
      refusesEveryFlip(quote, check, { from: layout.pem, to: end });
      // What follows is white space or NUL; one such for another is the same chain.
      const { quote: _, ...verdict } = check(quote);
      forEachFlip(
        quote,
        (flipped, what, offset) => {
          if ([0x00, 0x09, 0x0a, 0x0d, 0x20].includes(flipped[offset] ?? -1)) {
            const { quote: _, ...same } = check(flipped);
            assert.deepEqual(same, verdict, what);
          } else {
            refusalOf(() => check(flipped), what);
          }
        },
        { from: end },
      );
    });

    if (entry.quote_version === 5) {
      it("every bit before the PCK chain: refused", () => {
        for (let offset = 0; offset < layout.pem; offset++) {
          for (let bit = 0; bit < 8; bit++) {
            const what = `bit ${bit} of byte ${offset} flipped`;
            refusalOf(() => check(withBitFlipped(quote, offset, bit)), what);
          }
        }
      });
    }

    it("refused by the noble backend too, at every 16th byte", () => {
      refusesEveryFlip(quote, checkWith(nobleBackend), { to: layout.pem, step: 16 });
    });
  });
}
