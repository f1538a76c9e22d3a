import assert from "node:assert/strict";
import { createPublicClient, createWalletClient, http } from "viem";
import { differences } from "../../../../cli/chain/compare.ts";
import { judgeOnChain } from "../../../../cli/chain/judge.ts";
import { type LocalChain, startLocalChain } from "../../../../cli/chain/local-chain.ts";
import { judge } from "../../../../cli/support/verdict.ts";
import { defaultPolicy, intelSgxRootCa } from "../../../../sdk/tdx/index.ts";
import {
  buildEvidence,
  estimateVerification,
  OnchainError,
  pushCollateral,
  type TdxEvidence,
  verifyQuote,
} from "../../../../sdk/tdx/onchain/index.ts";
import { readVerdict } from "../../../../sdk/tdx/onchain/verdict.ts";
import { caseNamed, collateralOf, quoteOf } from "../../../support/vectors.ts";
import { builtOf, GOOD } from "./support.ts";

const root = intelSgxRootCa();

describe("verifyQuote", () => {
  const recorded = caseNamed(GOOD);
  /** Of another machine of the same type. */
  const other = caseNamed("v4-00806f050000-85ef3b3f/collateral-20260715-eval19");
  const at = recorded.verify_at;
  let chain: LocalChain;

  before(async () => {
    chain = await startLocalChain({ root, earliest: 1_700_000_000 });
  });
  after(() => chain.stop());

  for (const name of [
    GOOD,
    "v5-90c06f000000-d0010db6/collateral-20260127-eval18",
    "v4-00806f050000-7ea0d11c/collateral-20260211-eval18",
    "v4-b0c06f000000-063c31a7/collateral-20260828-eval20",
  ]) {
    it(`says all that verify says of ${name}`, async () => {
      const entry = caseNamed(name);
      const quote = quoteOf(entry);
      const collateral = collateralOf(entry);
      const options = { at: entry.verify_at, root, policy: defaultPolicy };
      const offChain = judge(quote, collateral, options);
      const onChain = await judgeOnChain(chain, quote, collateral, entry.verify_at);
      assert.equal(onChain.found, entry.expected.tcb_status);
      assert.deepEqual(differences(offChain, onChain), []);
      assert.deepEqual(onChain.verdict?.advisoryIds, offChain.advisoryIds);
      // The comparison sees what differs.
      const { verdict } = onChain;
      assert.ok(verdict);
      for (const change of [{ status: "Revoked" }, { advisoryIds: ["x"] }, { earliestExpiry: 1 }]) {
        const other = { ...onChain, verdict: { ...verdict, ...change } as typeof verdict };
        assert.deepEqual(differences(offChain, other), Object.keys(change));
      }
      const refused = { ...onChain, verified: false, verdict: null };
      assert.deepEqual(differences(offChain, refused), ["verified"]);
    });
  }

  describe("with all collateral in place", () => {
    const { evidence } = builtOf(GOOD);
    const collateral = collateralOf(recorded);

    before(async () => {
      await chain.reset(at);
      const { client, address } = chain;
      await pushCollateral(client, { address, collateral, quote: quoteOf(recorded) });
    });

    const ask = async (changed: TdxEvidence): Promise<string> => {
      const { client, address } = chain;
      try {
        return (await verifyQuote(client, { address, evidence: changed })).status;
      } catch (error) {
        assert.ok(error instanceof OnchainError, String(error));
        return error.code;
      }
    };
    const withByte = (offset: number): TdxEvidence => {
      const bytes = Buffer.from(evidence.quote.slice(2), "hex");
      bytes[offset] = (bytes[offset] ?? 0) ^ 1;
      return { ...evidence, quote: `0x${bytes.toString("hex")}` };
    };

    it("gives the status, and says when it was asked of an older block", async () => {
      assert.equal(await ask(evidence), "UpToDate");
      const { client, address } = chain;
      const before = verifyQuote(client, { address, evidence, blockNumber: 1n });
      await assert.rejects(before, (error) => error instanceof OnchainError);
    });

    it("refuses a flipped bit of each part of the quote by its own code", async () => {
      const signed = 632;
      assert.equal(await ask(withByte(200)), "QUOTE_SIGNATURE_INVALID");
      assert.equal(await ask(withByte(signed + 40)), "QUOTE_SIGNATURE_INVALID");
      assert.equal(await ask(withByte(signed + 64)), "QE_REPORT_DATA_MISMATCH");
      assert.equal(await ask(withByte(signed + 128)), "QE_REPORT_SIGNATURE_INVALID");
      assert.equal(await ask(withByte(signed + 576)), "QE_REPORT_DATA_MISMATCH");
      assert.equal(await ask(withByte(0)), "QUOTE_BODY_TYPE_UNSUPPORTED");
    });

    it("refuses another leaf than the one that was cached", async () => {
      for (const change of [{ pceSvn: 99 }, { fmspc: "0x000000000001" }, { serial: 1n }] as const) {
        const other = { ...evidence, leaf: { ...evidence.leaf, ...change } };
        assert.equal(await ask(other), "PCK_CERTIFICATE_NOT_CACHED");
      }
    });

    it("refuses a number of which the chain has nothing", async () => {
      assert.equal(await ask({ ...evidence, tcbInfoNumber: 18 }), "COLLATERAL_MISSING");
      assert.equal(await ask({ ...evidence, qeIdentityNumber: 18 }), "COLLATERAL_MISSING");
    });
  });

  it("gives the same where P-256 has no precompile, for more gas", async () => {
    const prague = await startLocalChain({ root, earliest: at, hardfork: "prague" });
    try {
      const answer = await judgeOnChain(prague, quoteOf(recorded), collateralOf(recorded), at);
      assert.equal(answer.found, "UpToDate");
      const more =
        (answer.gas.verifyQuote ?? 0) - estimateVerification(builtOf(GOOD)).verifyQuote.totalGas;
      // Two signatures; `chain check` names the price of one.
      assert.ok(more > 2 * 220_000 && more < 2 * 260_000, `${more} gas`);
    } finally {
      await prague.stop();
    }
  });

  it("takes the clients that viem makes", async () => {
    await chain.reset(at);
    const transport = http(chain.url);
    const wallet = createWalletClient({ account: chain.client.account, transport });
    const reader = createPublicClient({ transport });
    const { address } = chain;
    const collateral = collateralOf(recorded);
    const quote = quoteOf(recorded);
    await pushCollateral(wallet, { address, collateral, quote });
    const { evidence } = buildEvidence(quote, { collateral });
    assert.equal((await verifyQuote(reader, { address, evidence })).status, "UpToDate");
    await assert.rejects(
      pushCollateral(reader, { address, collateral: { ...collateral }, quote: quoteOf(other) }),
      (error) => error instanceof OnchainError && error.code === "ONCHAIN_PARAMETER_INVALID",
    );
  });

  it("judges nothing by what the quote alone brings", async () => {
    const answer = await judgeOnChain(chain, quoteOf(recorded), null, at);
    assert.equal(answer.found, "COLLATERAL_MISSING");
    assert.equal(answer.verified, false);
    assert.deepEqual(answer.gas, {});
  });
});

describe("readVerdict", () => {
  it("refuses a status that is none", () => {
    const raw = {
      status: 1,
      currentStatus: 1,
      tcbDate: 1,
      currentTcbDate: 1,
      expiresAt: 1,
      supersededAt: 0,
      tcbInfoSince: 1,
      tcbEvaluationDataNumber: 1,
      evidenceDigest: `0x${"11".repeat(32)}` as const,
      advisoryIds: [],
    };
    assert.equal(readVerdict(raw).status, "UpToDate");
    assert.equal(readVerdict(raw).supersededAt, null);
    for (const status of [0, 10]) {
      assert.throws(
        () => readVerdict({ ...raw, status }),
        (error) => error instanceof OnchainError && error.code === "TCB_STATUS_UNKNOWN",
      );
    }
  });
});
