import assert from "node:assert/strict";
import { createCollateral, intelSgxRootCa, type QuoteCollateral } from "../../../sdk/tdx/index.ts";
import { caseNamed, collateralOf } from "../../support/vectors.ts";
import { fastBackend } from "./support/backends.ts";
import { refusesEveryFlip } from "./support/flips.ts";
import { certificatesOf, toPem } from "./support/pem.ts";

const CASES = [
  "v4-00806f050000-0b7c5579/collateral-20260715-eval19",
  "v4-50806f000000-12b401a8/collateral-20230628-eval15",
  "v5-90c06f000000-d0010db6/collateral-20250624-eval17",
].map(caseNamed);

const root = intelSgxRootCa();

const CHAINS = [
  "pck_crl_issuer_chain",
  "tcb_info_issuer_chain",
  "qe_identity_issuer_chain",
] as const;
const HEX = ["root_ca_crl", "pck_crl", "tcb_info_signature", "qe_identity_signature"] as const;
const TEXTS = ["tcb_info", "qe_identity"] as const;

for (const entry of CASES) {
  describe(`one bit flipped in the collateral ${entry.name}`, function () {
    this.timeout(60_000);
    const json = collateralOf(entry);
    const check = (changed: Partial<QuoteCollateral>) =>
      createCollateral({ ...json, ...changed }, { root, crypto: fastBackend });

    it("is accepted unchanged", () => {
      assert.equal(check({}).fmspc, `0x${entry.fmspc}`);
    });

    for (const name of HEX) {
      const bytes = new Uint8Array(Buffer.from(json[name], "hex"));
      it(`${name}: refused at each of ${bytes.length} bytes`, () => {
        refusesEveryFlip(bytes, (flipped) =>
          check({ [name]: Buffer.from(flipped).toString("hex") }),
        );
      });
    }

    for (const name of TEXTS) {
      // One character a byte, so that a flip of the eighth bit is still a text.
      const bytes = new Uint8Array(Buffer.from(json[name], "latin1"));
      it(`${name}: refused at each of ${bytes.length} bytes`, () => {
        assert.equal(bytes.length, Buffer.byteLength(json[name], "utf8"));
        refusesEveryFlip(bytes, (flipped) =>
          check({ [name]: Buffer.from(flipped).toString("latin1") }),
        );
      });
    }

    for (const name of CHAINS) {
      const chain = certificatesOf(json[name]);
      for (const [index, der] of chain.entries()) {
        it(`${name}, certificate ${index}: refused at each of ${der.length} bytes`, () => {
          refusesEveryFlip(der, (flipped) =>
            check({ [name]: toPem(...chain.with(index, flipped)) }),
          );
        });
      }
    }
  });
}
