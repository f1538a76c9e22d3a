import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { advisoryWord } from "./advisory.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface AcceptAdvisoryParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  /** Such as INTEL-SA-00837. */
  readonly advisoryId: string;
}

export type AcceptAdvisoryReturnType = SentTransaction;

/**
 * Accepts an advisory again that was refused, after the notice.
 *
 * Errors: `NOT_PROGRAM_OWNER`, `NOTHING_PENDING`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { acceptAdvisory } from "chainseal/sdk/client";
 *
 * await acceptAdvisory(walletClient, { address, programId, advisoryId: "INTEL-SA-00837" });
 */
export async function acceptAdvisory(
  client: ChainClient,
  parameters: AcceptAdvisoryParameters,
): Promise<AcceptAdvisoryReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "acceptAdvisory",
    args: [checkWord(parameters.programId, "programId"), advisoryWord(parameters.advisoryId)],
  });
}
