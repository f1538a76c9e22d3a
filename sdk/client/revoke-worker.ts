import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkAddress, checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface RevokeWorkerParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly identity: Hex;
}

export type RevokeWorkerReturnType = SentTransaction;

/**
 * Revokes a worker, at once and for ever. For the worker itself, the program's owner and the guardian.
 *
 * Errors: `WORKER_UNKNOWN`, `WORKER_IS_REVOKED`, `ACCESS_MANAGED_UNAUTHORIZED`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { revokeWorker } from "chainseal/sdk/client";
 *
 * await revokeWorker(walletClient, { address, programId, identity });
 */
export async function revokeWorker(
  client: ChainClient,
  parameters: RevokeWorkerParameters,
): Promise<RevokeWorkerReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "revokeWorker",
    args: [
      checkWord(parameters.programId, "programId"),
      checkAddress(parameters.identity, "identity"),
    ],
  });
}
