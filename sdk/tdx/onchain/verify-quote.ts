import { readContract } from "viem/actions";
import { tdxAttestationAbi as abi } from "./abi.ts";
import { type ChainClient, type ContractParameters, checkAddress, decoding } from "./contract.ts";
import type { TdxEvidence } from "./evidence.ts";
import { type OnchainVerdict, readVerdict } from "./verdict.ts";

export interface VerifyQuoteParameters extends ContractParameters {
  /** From `buildEvidence`. */
  readonly evidence: TdxEvidence;
  /** Default: the newest block. */
  readonly blockNumber?: bigint;
}

export type VerifyQuoteReturnType = OnchainVerdict;

/**
 * Asks the contract for its verdict on a quote, at the time of the block asked. It costs nothing.
 *
 * The PCK certificate must have been cached (`cachePckCertificate`) and the collateral be there
 * (`pushCollateral`). Refusals throw an `OnchainError` with the code that `verify` gives for the
 * same fault.
 *
 * @example
 * import { createPublicClient, http } from "viem";
 * import { buildEvidence, verifyQuote } from "chainseal/sdk/tdx/onchain";
 *
 * const client = createPublicClient({ transport: http(url) });
 * const { evidence } = buildEvidence(quoteBytes, { numbers: { tcbInfo: 19, qeIdentity: 19 } });
 * const { status, advisoryIds } = await verifyQuote(client, { address, evidence });
 */
export async function verifyQuote(
  client: ChainClient,
  { address, evidence, blockNumber }: VerifyQuoteParameters,
): Promise<VerifyQuoteReturnType> {
  const raw = await decoding(
    readContract(client, {
      abi,
      address: checkAddress(address),
      functionName: "verifyQuote",
      args: [evidence],
      ...(blockNumber === undefined ? {} : { blockNumber }),
    }),
  );
  return readVerdict(raw);
}
