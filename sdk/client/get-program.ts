import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "./contract.ts";
import { type Program, readProgram } from "./reads/program.ts";
export interface GetProgramParameters extends RegistryParameters, ReadOptions {
  readonly programId: Hex;
}

export type GetProgramReturnType = Program | null;

/**
 * A program: its owner, its policy by name, what waits for the notice, whether workers may derive keys,
 * and how many approvals it has. `null`: there is none of this id.
 *
 * Errors: `STALE_BLOCK`, `RPCS_DISAGREE`, `BLOCK_UNKNOWN`, `CHAIN_…`, `CONTRACT_MISSING`.
 *
 * @example
 * import { getProgram } from "chainseal/sdk/client";
 *
 * const program = await getProgram(client, { address, programId });
 * console.log(program?.policy.admission, program?.pendingPolicy?.from);
 */
export async function getProgram(
  client: ChainClient,
  parameters: GetProgramParameters,
): Promise<GetProgramReturnType> {
  const snapshot = await snapshotOf(client, parameters);
  return readProgram(snapshot, parameters.address, parameters.programId);
}
