import {
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  type Hex,
  type Log,
} from "viem";
import { getTransactionReceipt } from "viem/actions";
import { type ChainClient, decodingBy } from "../tdx/onchain/contract.ts";
import {
  type SendOptions,
  type SentTransaction,
  sendTransaction,
} from "../tdx/onchain/send-transaction.ts";
import { workerRegistryAbi as abi } from "./abi.ts";
import { checkAddress, type RegistryParameters } from "./contract.ts";
import { decodeRegistryError } from "./decode-error.ts";
import { RegistryError } from "./errors.ts";

type Write = ContractFunctionName<typeof abi, "nonpayable">;

/** Sends one call of the registry; what it refuses is found before anything is sent. */
export function writeRegistry<name extends Write>(
  client: ChainClient,
  { address, gas, timeout }: RegistryParameters & SendOptions,
  call: {
    readonly functionName: name;
    readonly args: ContractFunctionArgs<typeof abi, "nonpayable", name>;
  },
): Promise<SentTransaction> {
  // The arguments' types are checked by the signature above.
  const data = encodeFunctionData({ abi, ...call } as never);
  return sendTransaction(client, {
    to: checkAddress(address),
    data,
    decode: decodeRegistryError,
    ...(gas === undefined ? {} : { gas }),
    ...(timeout === undefined ? {} : { timeout }),
  });
}

/** What the registry logged in a transaction. */
export async function registryLogs(
  client: ChainClient,
  { hash }: SentTransaction,
  address: Hex,
): Promise<Log[]> {
  const decoding = decodingBy(decodeRegistryError);
  const { logs } = await decoding(getTransactionReceipt(client, { hash }));
  return logs.filter((log) => log.address.toLowerCase() === address.toLowerCase());
}

/** For a transaction that was included but did not log what it must have. */
export function missingLog({ hash }: SentTransaction, eventName: string): RegistryError {
  return new RegistryError("TRANSACTION_LOGS_MISSING", { subject: hash, expected: eventName });
}
