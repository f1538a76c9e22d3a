import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { type CollateralStatus, readCollateral } from "./reads/collateral.ts";
export interface GetCollateralStatusParameters extends RegistryParameters, ReadOptions {
  /** Platform type, 6 bytes. */
  readonly fmspc: Hex;
  /** One TCB evaluation number. Default: all that the chain knows. */
  readonly number?: number;
}

export type GetCollateralStatusReturnType = CollateralStatus;

/**
 * What collateral the chain has for machines of one type: TCB info and QE identity of each evaluation
 * number with their dates, the lowest number that counts, and the clock of each.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { getCollateralStatus } from "chainseal/sdk/client";
 *
 * const { minimumNumber, evaluations } = await getCollateralStatus(client, {
 *   address,
 *   fmspc: "0x00806f050000",
 * });
 */
export async function getCollateralStatus(
  client: ChainClient,
  parameters: GetCollateralStatusParameters,
): Promise<GetCollateralStatusReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readCollateral(snapshot, parameters.address, parameters);
}
