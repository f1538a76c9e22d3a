/**
 * Uploads what a chain lacks to judge a quote, estimates the gas, and asks the contract.
 *
 * After `npm run build`, with Node 22.18 or newer, and the key of a funded account in the
 * environment variable CHAINSEAL_PRIVATE_KEY:
 *
 *   node examples/verify-on-chain.ts RPC CONTRACT QUOTE COLLATERAL
 */
import { readFileSync } from "node:fs";
import {
  buildEvidence,
  estimateVerification,
  OnchainError,
  pushCollateral,
  verifyQuote,
} from "chainseal/sdk/tdx/onchain";
import { createClient, type Hex, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const [rpc = "", address = "", quoteFile = "", collateralFile = ""] = process.argv.slice(2);
const contract = { address: address as Hex };
const account = privateKeyToAccount(process.env.CHAINSEAL_PRIVATE_KEY as Hex);
const client = createClient({ account, transport: http(rpc) });

const quote = new Uint8Array(readFileSync(quoteFile));
const collateral = JSON.parse(readFileSync(collateralFile, "utf8"));

try {
  const built = buildEvidence(quote, { collateral });
  const estimate = estimateVerification(built);
  console.log(`a transaction would take about ${estimate.verifyQuote.totalGas} gas`);

  const { parts } = await pushCollateral(client, { ...contract, collateral, quote });
  const sent = parts.filter(({ transactions }) => transactions.length > 0);
  console.log(`uploaded: ${sent.map(({ part }) => part).join(", ") || "nothing"}`);

  const verdict = await verifyQuote(client, { ...contract, evidence: built.evidence });
  console.log(`${verdict.status}, TCB of ${verdict.tcbDate}`);
} catch (error) {
  if (!(error instanceof OnchainError)) throw error;
  console.log(`refused: ${error.code}`);
}
