import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { checkAddress, checkWord, type RegistryParameters } from "./contract.ts";
import { writeRegistry } from "./write-registry.ts";

export interface ProposeOwnerParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly newOwner: Hex;
}

export type ProposeOwnerReturnType = SentTransaction;

/**
 * Proposes another owner, who may accept once the notice is over (`acceptOwnership`).
 *
 * Errors: `NOT_PROGRAM_OWNER`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { proposeOwner } from "chainseal/sdk/client";
 *
 * await proposeOwner(walletClient, { address, programId, newOwner });
 */
export async function proposeOwner(
  client: ChainClient,
  parameters: ProposeOwnerParameters,
): Promise<ProposeOwnerReturnType> {
  return writeRegistry(client, parameters, {
    functionName: "proposeOwner",
    args: [
      checkWord(parameters.programId, "programId"),
      checkAddress(parameters.newOwner, "newOwner"),
    ],
  });
}
