import { type Hex, parseEventLogs } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import { workerRegistryAbi as abi } from "./abi.ts";
import { checkWord, type RegistryParameters } from "./contract.ts";
import { encodeMeasurements, type Measurements } from "./measurements.ts";
import { missingLog, registryLogs, writeRegistry } from "./write-registry.ts";

export interface ApproveMeasurementsParameters extends RegistryParameters, SendOptions {
  readonly programId: Hex;
  readonly measurements: Measurements;
}

export type ApproveMeasurementsReturnType = SentTransaction & {
  readonly approvalId: number;
  /** From when it counts; Unix seconds. */
  readonly approvedFrom: number;
};

/**
 * Approves an image: an OS and an application on it. It counts once the notice is over.
 *
 * Errors: `NOT_PROGRAM_OWNER`, `MEASUREMENTS_INVALID`, `APPLICATION_NOT_MEASURED`, `MR_CONFIG_ID_NOT_ENFORCED`, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { approveMeasurements, measurementsFromQuote } from "chainseal/sdk/client";
 *
 * const measurements = measurementsFromQuote(quoteBytes);
 * const { approvalId } = await approveMeasurements(walletClient, { address, programId, measurements });
 */
export async function approveMeasurements(
  client: ChainClient,
  parameters: ApproveMeasurementsParameters,
): Promise<ApproveMeasurementsReturnType> {
  const sent = await writeRegistry(client, parameters, {
    functionName: "approve",
    args: [
      checkWord(parameters.programId, "programId"),
      encodeMeasurements(parameters.measurements),
    ],
  });
  const logs = await registryLogs(client, sent, parameters.address);
  const [log] = parseEventLogs({ abi, eventName: "MeasurementsApproved", logs });
  if (log === undefined) throw missingLog(sent, "MeasurementsApproved");
  return { ...sent, approvalId: log.args.approvalId, approvedFrom: Number(log.args.from) };
}
