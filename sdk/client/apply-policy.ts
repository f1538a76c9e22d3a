import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface ApplyPolicyParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
}

export type ApplyPolicyReturnType = SentTransaction;

/**
 * Puts a policy in force whose notice is over. Anyone may.
 *
 * Errors: `NOTHING_PENDING`, `NOTICE_NOT_OVER`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { applyPolicy } from "chainseal/sdk/client";
 *
 * await applyPolicy(walletClient, { address, programId });
 */
export async function applyPolicy(
  client: ChainClient,
  parameters: ApplyPolicyParameters,
): Promise<ApplyPolicyReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "applyPolicy",
    args: [checkWord(parameters.programId, "programId")],
  });
}
