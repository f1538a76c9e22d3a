import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface ListPlatformsParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  /** keccak256 of each machine's PPID. */
  readonly platformIds: readonly Hex[];
}

export type ListPlatformsReturnType = SentTransaction;

/**
 * Has a program admit machines, after the notice. Those that are listed already are left as they are.
 *
 * Errors: `NOT_PROGRAM_OWNER`, `PLATFORM_IS_REVOKED`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { listPlatforms } from "chainseal/sdk/client";
 *
 * await listPlatforms(walletClient, { address, programId, platformIds });
 */
export async function listPlatforms(
  client: ChainClient,
  parameters: ListPlatformsParameters,
): Promise<ListPlatformsReturnType> {
  const platformIds = parameters.platformIds.map((id) => checkWord(id, "platformIds"));
  return writeRegistry(client, parameters, {
    functionName: "listPlatforms",
    args: [checkWord(parameters.programId, "programId"), platformIds],
  });
}
