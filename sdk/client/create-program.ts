import { type Hex, parseEventLogs } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { workerRegistryAbi as abi } from "./abi.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { encodeMeasurements, type Measurements } from "./measurements.ts";
import { defaultProgramPolicy, encodePolicy, type ProgramPolicy } from "./policy.ts";
import { missingLog, registryLogs, writeRegistry } from "./write-registry.ts";

export interface CreateProgramParameters extends RegistryParameters, SendOptions {
  /** 32 bytes of the creator's choice: each gives another program. */
  readonly salt: Hex;
  /** Default: `defaultProgramPolicy`. */
  readonly policy?: ProgramPolicy;
  /** Approved at once: nobody relies on the program yet. */
  readonly measurements?: readonly Measurements[];
  /** Listed at once. */
  readonly platformIds?: readonly Hex[];
}

export type CreateProgramReturnType = SentTransaction & { readonly programId: Hex };

/**
 * Creates a program of this account: `programId = keccak256(chainId, creator, salt)`.
 *
 * Errors: `PROGRAM_EXISTS`, `POLICY_INVALID`, `MEASUREMENTS_INVALID` and others of approvals, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { createProgram, measurementsFromQuote } from "chainseal/sdk/client";
 *
 * const { programId } = await createProgram(walletClient, {
 *   address,
 *   salt,
 *   measurements: [measurementsFromQuote(quoteBytes)],
 *   platformIds,
 * });
 */
export async function createProgram(
  client: ChainClient,
  parameters: CreateProgramParameters,
): Promise<CreateProgramReturnType> {
  const { policy = defaultProgramPolicy, measurements = [], platformIds = [] } = parameters;
  const sent = await writeRegistry(client, parameters, {
    functionName: "createProgram",
    args: [
      checkWord(parameters.salt, "salt"),
      encodePolicy(policy),
      measurements.map(encodeMeasurements),
      platformIds.map((id) => checkWord(id, "platformIds")),
    ],
  });
  const logs = await registryLogs(client, sent, parameters.address);
  const [log] = parseEventLogs({ abi, eventName: "ProgramCreated", logs });
  if (log === undefined) throw missingLog(sent, "ProgramCreated");
  return { ...sent, programId: log.args.programId };
}
