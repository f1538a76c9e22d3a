import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { type PlatformRecord, readPlatform } from "./reads/program.ts";
export interface GetPlatformParameters extends RegistryParameters, ReadOptions {
  readonly programId: Hex;
  /** keccak256 of the machine's PPID. */
  readonly platformId: Hex;
}

export type GetPlatformReturnType = PlatformRecord;

/**
 * Whether a program lists a machine, and whether it is revoked, for this program or for all.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { getPlatform } from "chainseal/sdk/client";
 *
 * const { isListed, isRevokedForAll } = await getPlatform(client, { address, programId, platformId });
 */
export async function getPlatform(
  client: ChainClient,
  parameters: GetPlatformParameters,
): Promise<GetPlatformReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readPlatform(snapshot, parameters.address, parameters.programId, parameters.platformId);
}
