import assert from "node:assert/strict";
import {
  createCollateral,
  intelSgxRootCa,
  PckChainCache,
  parseQuote,
  type QuoteCollateral,
  type VerifiedQuote,
  verify,
} from "../../../sdk/tdx/index.ts";
import { caseNamed, collateralOf, quoteOf } from "../../support/vectors.ts";
import { backends } from "./support/backends.ts";
import { certificatesOf, toPem } from "./support/pem.ts";
import { layoutOf, pckChainOf, withBytes, withPckChain, withU16 } from "./support/quote-layout.ts";
import { SeededRandom } from "./support/random.ts";
import { refusedWith } from "./support/refusal.ts";
import { twinOf, withTwinSignature } from "./support/signatures.ts";

// What nothing signs can be changed by anyone on the way. Such changes are accepted, as Intel's
// library accepts them, and must change nothing in the verdict: it is why a quote is never to be
// known by the hash of its bytes.

const root = intelSgxRootCa();
const CASES = [
  "v4-00806f050000-0b7c5579/collateral-20260715-eval19",
  "v5-90c06f000000-d0010db6/collateral-20250624-eval17",
].map(caseNamed);

for (const crypto of backends) {
  for (const entry of CASES) {
    describe(`what nothing signs, ${entry.name}, ${crypto.name} backend`, () => {
      const quote = quoteOf(entry);
      const json = collateralOf(entry);
      const layout = layoutOf(quote);
      const check = (bytes: Uint8Array, changes: Partial<QuoteCollateral> = {}) =>
        verify(
          bytes,
          { ...json, ...changes },
          { at: entry.verify_at, root, crypto, pckChainCache: new PckChainCache() },
        );
      const verdictOf = ({ quote: parsed, ...verdict }: VerifiedQuote) => ({
        ...verdict,
        signedRegion: parsed.signedRegion,
      });
      const expected = verdictOf(check(quote));
      const same = (bytes: Uint8Array, changes: Partial<QuoteCollateral> = {}) =>
        assert.deepEqual(verdictOf(check(bytes, changes)), expected);

      const twin = (bytes: Uint8Array, offset: number) =>
        withBytes(bytes, offset, twinOf(bytes.subarray(offset, offset + 64)));

      it("s or n - s in the quote's signatures", () => {
        const quoteTwin = twin(quote, layout.signature);
        assert.notDeepEqual(quoteTwin, quote);
        same(quoteTwin);
        same(twin(quote, layout.qeReportSignature));
        same(twin(quoteTwin, layout.qeReportSignature));
      });

      it("s or n - s in the signatures of TCB info and QE identity", () => {
        for (const name of ["tcb_info_signature", "qe_identity_signature"] as const) {
          const other = twinOf(new Uint8Array(Buffer.from(json[name], "hex")));
          same(quote, { [name]: Buffer.from(other).toString("hex") });
        }
      });

      it("s or n - s in the signatures of certificates and CRLs", () => {
        const chain = certificatesOf(pckChainOf(quote));
        const [leaf, ca] = chain;
        assert.ok(leaf !== undefined && ca !== undefined);
        same(withPckChain(quote, toPem(...chain.with(0, withTwinSignature(leaf)))));
        same(withPckChain(quote, toPem(...chain.with(1, withTwinSignature(ca)))));
        for (const name of ["root_ca_crl", "pck_crl"] as const) {
          const other = withTwinSignature(new Uint8Array(Buffer.from(json[name], "hex")));
          same(quote, { [name]: Buffer.from(other).toString("hex") });
        }
      });

      it("but not in the root's: the root is known by its bytes", () => {
        const chain = certificatesOf(pckChainOf(quote));
        const other = withPckChain(quote, toPem(...chain.with(2, withTwinSignature(root))));
        refusedWith("ROOT_UNTRUSTED", () => check(other));
      });

      it("bytes after the declared end", () => {
        const random = new SeededRandom(1);
        for (const length of [1, 2, 63, 3_065, 65_536 - quote.length]) {
          const tail = Uint8Array.from({ length }, () => random.below(256));
          const padded = new Uint8Array([...quote, ...tail]);
          same(padded);
          assert.equal(parseQuote(padded).trailingLength, length);
        }
      });

      it("white space of the PCK chain, and NUL after it", () => {
        const pem = pckChainOf(quote).replaceAll("\0", "");
        const texts = [
          pem,
          pem.trimEnd(),
          `${pem}\0`,
          `${pem}\0\0\n\0`,
          `\r\n\t ${pem}`,
          pem.replaceAll("\n", "\r\n"),
          pem.replaceAll("-----\n-----", "-----\n\n \t\n-----"),
          pem.replaceAll(/(?<!-----)\n(?!-----)/g, ""),
          pem.replaceAll(/[A-Za-z0-9+/=]{64}(?=\n)/g, (line) => line.replaceAll(/.{8}/g, "$&\n")),
        ];
        assert.equal(new Set(texts).size, texts.length);
        for (const text of texts) same(withPckChain(quote, text));
      });

      it("white space of the collateral's chains, and the case of its hex", () => {
        for (const name of [
          "pck_crl_issuer_chain",
          "tcb_info_issuer_chain",
          "qe_identity_issuer_chain",
        ] as const) {
          same(quote, { [name]: json[name].replaceAll("\n", "\r\n") });
          same(quote, { [name]: ` ${json[name]}\n\n` });
        }
        for (const name of ["root_ca_crl", "pck_crl"] as const) {
          same(quote, { [name]: json[name].toUpperCase() });
          same(quote, { [name]: `0x${json[name]}` });
        }
      });

      it("the type that says where the PCK chain is, given the chain", () => {
        const pck_certificate_chain = pckChainOf(quote);
        for (const type of [1, 2, 3, 4]) {
          const changed = withU16(quote, layout.innerType, type);
          refusedWith("PCK_CHAIN_MISSING", () => check(changed));
          same(changed, { pck_certificate_chain });
        }
        same(quote, { pck_certificate_chain: "not looked at, since the quote has its own" });
        const collateral = createCollateral({ ...json, pck_certificate_chain }, { root, crypto });
        assert.equal(collateral.pckCertificateChain, pck_certificate_chain);
      });
    });
  }
}
