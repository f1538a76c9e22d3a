import assert from "node:assert/strict";
import {
  intelSgxRootCa,
  parseQuote,
  type VerifyOptions,
  verify,
  verifySignatures,
} from "../../../sdk/tdx/index.ts";
import {
  caseNamed,
  collateralOf,
  type QuoteCase,
  quoteCases,
  quoteOf,
} from "../../support/vectors.ts";
import { backends } from "./support/backends.ts";
import { certificatesOf } from "./support/pem.ts";
import { pckChainOf } from "./support/quote-layout.ts";
import { refusedWith } from "./support/refusal.ts";

const intel = intelSgxRootCa();

/** The first second at which the quote's PCK certificate is valid. */
function startOf({ pck_not_before }: QuoteCase): number {
  assert.ok(pck_not_before !== null);
  return Date.parse(pck_not_before.replace(" ", "T")) / 1000;
}

function ownRootOf(quote: Uint8Array): Uint8Array {
  const root = certificatesOf(pckChainOf(quote)).at(-1);
  assert.ok(root !== undefined);
  return root;
}

for (const crypto of backends) {
  describe(`real quotes without collateral, ${crypto.name} backend`, () => {
    for (const entry of quoteCases("quote-only")) {
      it(`${entry.name}: signatures verify, and it is refused for want of collateral`, () => {
        const options: VerifyOptions = { at: startOf(entry), root: intel, crypto };
        const quote = quoteOf(entry);
        const { platform } = verifySignatures(quote, options);
        assert.equal(platform.fmspc, `0x${entry.fmspc}`);
        assert.equal(platform.cpuSvn, `0x${entry.cpu_svn}`);
        assert.equal(platform.pceSvn, entry.pce_svn);
        for (const nothing of [null, undefined]) {
          refusedWith("COLLATERAL_MISSING", () => verify(quote, nothing, options));
        }
      });
    }

    for (const entry of quoteCases("test-root")) {
      it(`${entry.name}: its root is not Intel's`, () => {
        const at = startOf(entry);
        const quote = quoteOf(entry);
        const trusting = { at, root: intel, crypto };
        refusedWith("ROOT_UNTRUSTED", () => verifySignatures(quote, trusting));
        refusedWith("ROOT_UNTRUSTED", () => verify(quote, null, trusting));
        const real = caseNamed("v4-00806f050000-4b23198a/collateral-20240527-eval17");
        refusedWith("ROOT_UNTRUSTED", () =>
          verify(quote, collateralOf(real), { ...trusting, at: real.verify_at }),
        );
      });

      it(`${entry.name}: verifies for one who trusts that root on purpose`, () => {
        const quote = quoteOf(entry);
        const options = { at: startOf(entry), root: ownRootOf(quote), crypto };
        assert.equal(verifySignatures(quote, options).platform.fmspc, `0x${entry.fmspc}`);
        refusedWith("COLLATERAL_MISSING", () => verify(quote, null, options));
      });
    }

    for (const entry of quoteCases("sgx")) {
      it(`${entry.name}: an SGX quote`, () => {
        const options = { at: 1750000000, root: intel, crypto };
        refusedWith("QUOTE_IS_SGX", () => parseQuote(quoteOf(entry)));
        refusedWith("QUOTE_IS_SGX", () => verify(quoteOf(entry), null, options));
        refusedWith("QUOTE_IS_SGX", () => verifySignatures(quoteOf(entry), options));
      });
    }
  });
}
