import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface DelistPlatformParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly platformId: Hex;
}

export type DelistPlatformReturnType = SentTransaction;

/**
 * Takes a machine off a program's list, at once. It may be listed again.
 *
 * Errors: `NOT_PROGRAM_OWNER`, `PLATFORM_NOT_ADMITTED`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { delistPlatform } from "chainseal/sdk/client";
 *
 * await delistPlatform(walletClient, { address, programId, platformId });
 */
export async function delistPlatform(
  client: ChainClient,
  parameters: DelistPlatformParameters,
): Promise<DelistPlatformReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "delistPlatform",
    args: [
      checkWord(parameters.programId, "programId"),
      checkWord(parameters.platformId, "platformId"),
    ],
  });
}
