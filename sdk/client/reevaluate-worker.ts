import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { EvaluationNumbers, PckLeaf } from "../tdx/onchain/evidence.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkAddress, checkWord, type RegistryParameters } from "./contract.ts";
import type { TcbClaims } from "./tcb-claims.ts";
import { writeRegistry } from "./write-registry.ts";

export interface ReevaluateWorkerParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly identity: Hex;
  /** Of its last quote: `buildEvidence(quote).evidence.leaf`. */
  readonly leaf: PckLeaf;
  /** Of its last quote: `tcbClaimsOf(quote)`. */
  readonly claims: TcbClaims;
  readonly numbers: EvaluationNumbers;
}

export type ReevaluateWorkerReturnType = SentTransaction;

/**
 * Judges a worker again under newer collateral, without a quote. Anyone may. It extends the worker's
 * expiry, or ends it when its certificate was revoked meanwhile.
 *
 * Errors: `WORKER_UNKNOWN`, `EVIDENCE_MISMATCH`, `REEVALUATION_NOT_NEWER`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { reevaluateWorker, tcbClaimsOf } from "chainseal/sdk/client";
 * import { buildEvidence } from "chainseal/sdk/tdx/onchain";
 *
 * const numbers = { tcbInfo: 20, qeIdentity: 20 };
 * const { leaf } = buildEvidence(quoteBytes, { numbers }).evidence;
 * const claims = tcbClaimsOf(quoteBytes);
 * await reevaluateWorker(walletClient, { address, programId, identity, leaf, claims, numbers });
 */
export async function reevaluateWorker(
  client: ChainClient,
  parameters: ReevaluateWorkerParameters,
): Promise<ReevaluateWorkerReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "reevaluate",
    args: [
      checkWord(parameters.programId, "programId"),
      checkAddress(parameters.identity, "identity"),
      parameters.leaf,
      parameters.claims,
      parameters.numbers.tcbInfo,
      parameters.numbers.qeIdentity,
    ],
  });
}
