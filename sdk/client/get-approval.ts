import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { type Approval, readApproval } from "./reads/program.ts";
export interface GetApprovalParameters extends RegistryParameters, ReadOptions {
  readonly programId: Hex;
  /** From 1 on. */
  readonly approvalId: number;
}

export type GetApprovalReturnType = Approval | null;

/**
 * One approval of a program: from when it counts, and whether it was withdrawn. `null`: there is none
 * of this number.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { getApproval } from "chainseal/sdk/client";
 *
 * const approval = await getApproval(client, { address, programId, approvalId: 1 });
 * console.log(approval?.isInForce);
 */
export async function getApproval(
  client: ChainClient,
  parameters: GetApprovalParameters,
): Promise<GetApprovalReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readApproval(snapshot, parameters.address, parameters.programId, parameters.approvalId);
}
