import assert from "node:assert/strict";
import { hexToBytes } from "viem";
import { judgeOnChain } from "../../../../cli/chain/judge.ts";
import { type LocalChain, startLocalChain } from "../../../../cli/chain/local-chain.ts";
import { intelSgxRootCa } from "../../../../sdk/tdx/index.ts";
import { estimateVerification, verifyQuoteCalldata } from "../../../../sdk/tdx/onchain/index.ts";
import { caseNamed, collateralOf, quoteOf } from "../../../support/vectors.ts";
import { builtOf, GOOD } from "./support.ts";

/** How far a transaction may be from the estimate. */
const TOLERANCE = 0.05;

/** Several platform types, evaluation numbers, statuses and both layouts. */
const CASES = [
  GOOD,
  "v4-50806f000000-12b401a8/collateral-20230628-eval15",
  "v4-90c06f000000-859dea9b/collateral-20260714-eval19",
  "v5-90c06f000000-d0010db6/collateral-20250624-eval17",
  "v5-90c06f000000-d0010db6/collateral-20260127-eval18",
  "v4-00806f050000-7ea0d11c/collateral-20260211-eval18",
  "v4-b0c06f000000-063c31a7/collateral-20260828-eval20",
];

describe("estimateVerification", () => {
  it("counts calldata by EIP-2028 and EIP-7623", () => {
    const built = builtOf(GOOD);
    const { verifyQuote } = estimateVerification(built);
    const bytes = hexToBytes(verifyQuoteCalldata(built.evidence));
    const zeros = bytes.filter((byte) => byte === 0).length;
    const others = bytes.length - zeros;
    assert.equal(verifyQuote.calldataBytes, bytes.length);
    assert.equal(verifyQuote.intrinsicGas, 21_000 + 4 * zeros + 16 * others);
    assert.equal(verifyQuote.floorGas, 21_000 + 10 * zeros + 40 * others);
    assert.ok(bytes.length < 1_900, `${bytes.length} bytes`);
  });

  it("adds up", () => {
    const { verifyQuote, cachePckCertificate, totalGasUncached } = estimateVerification(
      builtOf(GOOD),
    );
    for (const one of [verifyQuote, cachePckCertificate]) {
      assert.equal(one.totalGas, Math.max(one.floorGas, one.intrinsicGas + one.executionGas));
    }
    assert.equal(totalGasUncached, verifyQuote.totalGas + cachePckCertificate.totalGas);
  });

  describe("against the contract", () => {
    let chain: LocalChain;

    before(async () => {
      const earliest = Math.min(...CASES.map((name) => caseNamed(name).verify_at));
      chain = await startLocalChain({ root: intelSgxRootCa(), earliest });
    });
    after(() => chain.stop());

    for (const name of CASES) {
      it(`is right for ${name}`, async () => {
        const entry = caseNamed(name);
        const quote = quoteOf(entry);
        const answer = await judgeOnChain(chain, quote, collateralOf(entry), entry.verify_at);
        const estimate = estimateVerification(builtOf(name));
        const isCurrent = answer.found === "UpToDate";
        const pairs = {
          verifyQuote: isCurrent ? estimate.verifyQuote : estimate.verifyQuoteOutOfDate,
          cachePckCertificate: estimate.cachePckCertificate,
        };
        for (const [transaction, { totalGas, intrinsicGas }] of Object.entries(pairs)) {
          const used = answer.gas[transaction] ?? 0;
          const off = Math.abs(used - totalGas) / used;
          const measured = `${transaction}: execution takes ${used - intrinsicGas}`;
          assert.ok(off < TOLERANCE, `${measured}, ${(100 * off).toFixed(1)} % off`);
        }
      });
    }
  });
});
