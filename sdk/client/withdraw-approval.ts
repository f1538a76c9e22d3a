import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface WithdrawApprovalParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly approvalId: number;
}

export type WithdrawApprovalReturnType = SentTransaction;

/**
 * Takes an approval back, at once and for ever: workers that run under it are not valid from then on.
 *
 * Errors: `NOT_PROGRAM_OWNER`, `APPROVAL_UNKNOWN`, `APPROVAL_IS_WITHDRAWN`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { withdrawApproval } from "chainseal/sdk/client";
 *
 * await withdrawApproval(walletClient, { address, programId, approvalId: 1 });
 */
export async function withdrawApproval(
  client: ChainClient,
  parameters: WithdrawApprovalParameters,
): Promise<WithdrawApprovalReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "withdraw",
    args: [checkWord(parameters.programId, "programId"), parameters.approvalId],
  });
}
