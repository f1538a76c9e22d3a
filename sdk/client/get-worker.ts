import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { readWorker, type WorkerQuestion, type WorkerRecord } from "./reads/worker.ts";

export interface GetWorkerParameters extends RegistryParameters, ReadOptions, WorkerQuestion {}

export type GetWorkerReturnType = WorkerRecord | null;

/**
 * A worker as the registry keeps it: TCB, approval, platform, when it attested and expires, and its
 * status at this block. `null`: it never registered.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { createPublicClient, http } from "viem";
 * import { getWorker } from "chainseal/sdk/client";
 *
 * const client = createPublicClient({ transport: http(url) });
 * const worker = await getWorker(client, { address, programId, identity });
 * console.log(worker?.status, worker?.tcbStatus, worker?.expiresAt);
 */
export async function getWorker(
  client: ChainClient,
  parameters: GetWorkerParameters,
): Promise<GetWorkerReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readWorker(snapshot, parameters.address, parameters);
}
