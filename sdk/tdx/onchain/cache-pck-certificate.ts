import { encodeFunctionData } from "viem";
import { tdxAttestationAbi as abi } from "./abi.ts";
import { type ChainClient, type ContractParameters, checkAddress } from "./contract.ts";
import type { BuiltEvidence } from "./evidence.ts";
import { type SendOptions, type SentTransaction, sendTransaction } from "./send-transaction.ts";

export interface CachePckCertificateParameters extends ContractParameters, SendOptions {
  /** From `buildEvidence`: its certificate and issuer. */
  readonly built: Pick<BuiltEvidence, "pckCertificate" | "issuerId">;
}

export type CachePckCertificateReturnType = SentTransaction;

/**
 * Has the contract verify a PCK certificate and remember it: needed once for each certificate, and
 * harmless when repeated. The PCK CA and both CRLs must be there (`pushCollateral`).
 *
 * @example
 * import { buildEvidence, cachePckCertificate } from "chainseal/sdk/tdx/onchain";
 *
 * const built = buildEvidence(quoteBytes, { collateral });
 * const { gasUsed } = await cachePckCertificate(walletClient, { address, built });
 */
export async function cachePckCertificate(
  client: ChainClient,
  { address, built, ...options }: CachePckCertificateParameters,
): Promise<CachePckCertificateReturnType> {
  const data = encodeFunctionData({
    abi,
    functionName: "cachePckCertificate",
    args: [built.pckCertificate, built.issuerId],
  });
  return sendTransaction(client, { ...options, to: checkAddress(address), data });
}
