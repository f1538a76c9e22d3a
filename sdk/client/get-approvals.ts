import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { type Approvals, readApprovals } from "./reads/program.ts";
export interface GetApprovalsParameters extends RegistryParameters, ReadOptions {
  readonly programId: Hex;
  /** The newest so many. Default: 100; at most 10,000. */
  readonly limit?: number;
}

export type GetApprovalsReturnType = Approvals;

/**
 * A program's approvals, the newest first.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { getApprovals } from "chainseal/sdk/client";
 *
 * const { approvals } = await getApprovals(client, { address, programId });
 * const inForce = approvals.filter(({ isInForce }) => isInForce);
 */
export async function getApprovals(
  client: ChainClient,
  parameters: GetApprovalsParameters,
): Promise<GetApprovalsReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readApprovals(snapshot, parameters.address, parameters.programId, parameters.limit ?? 100);
}
