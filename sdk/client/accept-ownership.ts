import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface AcceptOwnershipParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
}

export type AcceptOwnershipReturnType = SentTransaction;

/**
 * Takes over a program that was offered to this account.
 *
 * Errors: `NOTHING_PENDING`, `NOT_PENDING_OWNER`, `NOTICE_NOT_OVER`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { acceptOwnership } from "chainseal/sdk/client";
 *
 * await acceptOwnership(walletClient, { address, programId });
 */
export async function acceptOwnership(
  client: ChainClient,
  parameters: AcceptOwnershipParameters,
): Promise<AcceptOwnershipReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "acceptOwnership",
    args: [checkWord(parameters.programId, "programId")],
  });
}
