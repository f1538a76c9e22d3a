import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface RevokePlatformParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly platformId: Hex;
}

export type RevokePlatformReturnType = SentTransaction;

/**
 * Revokes a machine for a program, at once and for ever: its workers are not valid from then on.
 *
 * Errors: `NOT_PROGRAM_OWNER`, `PLATFORM_IS_REVOKED`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { revokePlatform } from "chainseal/sdk/client";
 *
 * await revokePlatform(walletClient, { address, programId, platformId });
 */
export async function revokePlatform(
  client: ChainClient,
  parameters: RevokePlatformParameters,
): Promise<RevokePlatformReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "revokePlatform",
    args: [
      checkWord(parameters.programId, "programId"),
      checkWord(parameters.platformId, "platformId"),
    ],
  });
}
