import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { readValidity, type WorkerQuestion, type WorkerValidity } from "./reads/worker.ts";

export interface IsWorkerValidParameters extends RegistryParameters, ReadOptions, WorkerQuestion {}

export type IsWorkerValidReturnType = WorkerValidity;

/**
 * Whether a worker is valid, and if not, why: what a gate would say at this block.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { createPublicClient, http } from "viem";
 * import { isWorkerValid } from "chainseal/sdk/client";
 *
 * const client = createPublicClient({ transport: http(url) });
 * const { valid, status } = await isWorkerValid(client, {
 *   address,
 *   programId,
 *   identity,
 *   agree: { clients: [second, third], quorum: 2 },
 * });
 */
export async function isWorkerValid(
  client: ChainClient,
  parameters: IsWorkerValidParameters,
): Promise<IsWorkerValidReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readValidity(snapshot, parameters.address, parameters);
}
