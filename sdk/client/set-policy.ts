import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { encodePolicy, type ProgramPolicy } from "./policy.ts";
import { writeRegistry } from "./write-registry.ts";

export interface SetPolicyParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly policy: ProgramPolicy;
}

export type SetPolicyReturnType = SentTransaction;

/**
 * Changes what a program demands. What of it is narrower is in force at once; if anything is wider, the
 * whole waits for the notice in force and then for `applyPolicy`.
 *
 * Errors: `NOT_PROGRAM_OWNER`, `POLICY_INVALID`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { defaultProgramPolicy, setPolicy } from "chainseal/sdk/client";
 *
 * const policy = { ...defaultProgramPolicy, maxAge: 3600 };
 * await setPolicy(walletClient, { address, programId, policy });
 */
export async function setPolicy(
  client: ChainClient,
  parameters: SetPolicyParameters,
): Promise<SetPolicyReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "setPolicy",
    args: [checkWord(parameters.programId, "programId"), encodePolicy(parameters.policy)],
  });
}
