import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { readStatuses, type WorkerQuestion, type WorkerStatuses } from "./reads/worker.ts";

export interface GetWorkerStatusesParameters extends RegistryParameters, ReadOptions {
  /** At most 100,000; 500 are asked for in one call. */
  readonly workers: readonly WorkerQuestion[];
}

export type GetWorkerStatusesReturnType = WorkerStatuses;

/**
 * The statuses of many workers, all at one block.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { getWorkerStatuses } from "chainseal/sdk/client";
 *
 * const { statuses, blockNumber } = await getWorkerStatuses(client, {
 *   address,
 *   workers: identities.map((identity) => ({ programId, identity })),
 * });
 */
export async function getWorkerStatuses(
  client: ChainClient,
  parameters: GetWorkerStatusesParameters,
): Promise<GetWorkerStatusesReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readStatuses(snapshot, parameters.address, parameters.workers);
}
