import { judgeOnChain } from "../cli/chain/judge.ts";
import { startLocalChain } from "../cli/chain/local-chain.ts";
import { readCollateral } from "../cli/support/collateral-file.ts";
import { readQuote } from "../cli/support/input.ts";
import { earliestOf, readManifest } from "../cli/support/manifest.ts";
import { intelSgxRootCa } from "../sdk/tdx/index.ts";
import { buildEvidence, estimateVerification } from "../sdk/tdx/onchain/index.ts";

const MANIFEST = new URL("../test/vectors/tdx/manifest.json", import.meta.url).pathname;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** What the contract's execution takes over the recorded quotes: medians, in gas. */
export async function measureExecution(): Promise<Readonly<Record<string, number>>> {
  const cases = (await readManifest(MANIFEST)).filter(
    ({ collateralPath, at }) => collateralPath !== null && at !== null,
  );
  const chain = await startLocalChain({ root: intelSgxRootCa(), earliest: earliestOf(cases, 0) });
  const measured = {
    verifyQuote: [] as number[],
    verifyQuoteOutOfDate: [] as number[],
    cachePckCertificate: [] as number[],
  };
  try {
    for (const { quotePath, collateralPath, at } of cases) {
      const quote = await readQuote(quotePath);
      const collateral = await readCollateral(collateralPath ?? "");
      const { verified, found, gas } = await judgeOnChain(chain, quote, collateral, at ?? 0);
      if (!verified) continue;
      const estimate = estimateVerification(buildEvidence(quote, { collateral }));
      const ofQuote = found === "UpToDate" ? measured.verifyQuote : measured.verifyQuoteOutOfDate;
      ofQuote.push((gas.verifyQuote ?? 0) - estimate.verifyQuote.intrinsicGas);
      const ofLeaf = gas.cachePckCertificate ?? 0;
      measured.cachePckCertificate.push(ofLeaf - estimate.cachePckCertificate.intrinsicGas);
    }
  } finally {
    await chain.stop();
  }
  return Object.fromEntries(
    Object.entries(measured).map(([name, values]) => [name, median(values)]),
  );
}
