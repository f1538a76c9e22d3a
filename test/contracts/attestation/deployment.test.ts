import assert from "node:assert/strict";
import { artifacts } from "hardhat";
import { intelSgxRootCa } from "../../../sdk/tdx/index.ts";
import { buildEvidence } from "../../../sdk/tdx/onchain/index.ts";
import { createSimulator, issueCertificate } from "../../../sdk/tdx/simulator/index.ts";
import { simulator } from "../../sdk/tdx/support/simulated.ts";
import { v4 } from "../../sdk/tdx/support/specimen.ts";
import { collateralOf, quoteOf } from "../../support/vectors.ts";
import { withQuote } from "../support/cases.ts";
import { AttestationChain, LIBRARIES } from "../support/chain.ts";
import { verifyOnChain } from "../support/evidence.ts";
import { playRaw, rawEvidence } from "../support/raw-evidence.ts";
import { simulatedChain, uploadsOf } from "../support/simulated-chain.ts";

/** EIP-170. */
const MAX_CODE = 24_576;
/** EIP-3860. */
const MAX_INIT_CODE = 2 * MAX_CODE;

describe("a deployment of TdxAttestation", () => {
  for (const name of [...LIBRARIES, "TdxAttestation"]) {
    it(`has a ${name} that every chain takes`, async () => {
      const { deployedBytecode, bytecode } = await artifacts.readArtifact(name);
      const [code, initCode] = [deployedBytecode, bytecode].map((hex) => (hex.length - 2) / 2);
      assert.ok(code !== undefined && code <= MAX_CODE, `${code} bytes`);
      assert.ok(initCode !== undefined && initCode <= MAX_INIT_CODE, `${initCode} bytes`);
    });
  }

  it("says whose root it trusts, for ever", async () => {
    const development = await simulatedChain();
    const real = await AttestationChain.create({ root: intelSgxRootCa() });
    assert.equal(await development.read("isIntelRoot"), false);
    assert.equal(await real.read("isIntelRoot"), true);
  });

  it("trusts no root but its own, not even one of the same name", async () => {
    const other = createSimulator({ seed: "another root" });
    const chain = await simulatedChain();
    const answer = await playRaw(chain, rawEvidence(other.platform().quote(), other.collateral()));
    assert.equal(answer, "CRL_ISSUER_MISMATCH");
  });

  for (const [what, root] of [
    ["is signed by another key", { signer: simulator.key("mallory") }],
    [
      "may not sign certificates",
      { extensions: simulator.authorities.tcbSigner.template.extensions },
    ],
    ["is no certificate", { edit: () => new Uint8Array(40) }],
  ] as const) {
    it(`is refused for a root that ${what}`, async () => {
      const certificate = issueCertificate({ ...simulator.authorities.root.template, ...root });
      await assert.rejects(AttestationChain.create({ root: certificate }));
    });
  }

  describe("on a chain without the P-256 precompile", () => {
    let chain: AttestationChain;

    before(async () => {
      chain = await simulatedChain({ hardfork: "prague" });
    });

    it("has none there", async () => {
      const answer = await chain.provider.request({
        method: "eth_call",
        params: [{ to: `0x${"100".padStart(40, "0")}`, data: `0x${"11".repeat(160)}` }, "latest"],
      });
      assert.equal(answer, "0x");
    });

    it("verifies a quote in Solidity", () =>
      chain.undoing(async () => {
        const quote = simulator.platform().quote();
        const answer = await verifyOnChain(chain, quote, simulator.collateral());
        assert.ok(typeof answer !== "string");
        assert.equal(answer.status, "UpToDate");
      }));

    it("refuses what is wrongly signed", () =>
      chain.undoing(async () => {
        await chain.uploadAll(uploadsOf(simulator.collateral(), { quote: withQuote({}).quote }));
        for (const [code, { quote, collateral }] of [
          ["QE_REPORT_SIGNATURE_INVALID", withQuote({ pckKey: simulator.key("mallory") })],
          ["QUOTE_SIGNATURE_INVALID", withQuote({ edit: (q) => q.with(600, 0xff) })],
          [
            "ATTESTATION_KEY_INVALID",
            withQuote({ attestationPublicKey: new Uint8Array(64).fill(1) }),
          ],
        ] as const) {
          const { evidence } = buildEvidence(quote, { collateral });
          assert.equal(await chain.verify(evidence), code);
        }
      }));

    it("verifies a real quote of Intel's", async () => {
      const real = await AttestationChain.create({ root: intelSgxRootCa(), hardfork: "prague" });
      await real.setTime(v4.entry.verify_at);
      const answer = await verifyOnChain(real, quoteOf(v4.entry), collateralOf(v4.entry));
      assert.ok(typeof answer !== "string");
      assert.equal(answer.status, v4.entry.expected.tcb_status);
    });
  });
});
