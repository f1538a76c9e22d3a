import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { advisoryWord } from "./advisory.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface RefuseAdvisoryParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  /** Such as INTEL-SA-00837. */
  readonly advisoryId: string;
}

export type RefuseAdvisoryReturnType = SentTransaction;

/**
 * Refuses machines that a security advisory concerns, at once. Every worker then needs `reevaluateWorker`.
 *
 * Errors: `NOT_PROGRAM_OWNER`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { refuseAdvisory } from "chainseal/sdk/client";
 *
 * await refuseAdvisory(walletClient, { address, programId, advisoryId: "INTEL-SA-00837" });
 */
export async function refuseAdvisory(
  client: ChainClient,
  parameters: RefuseAdvisoryParameters,
): Promise<RefuseAdvisoryReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "refuseAdvisory",
    args: [checkWord(parameters.programId, "programId"), advisoryWord(parameters.advisoryId)],
  });
}
