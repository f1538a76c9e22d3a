import { encodeFunctionData, type Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import {
  type SendOptions,
  type SentTransaction,
  sendTransaction,
} from "../tdx/onchain/send-transaction.ts";
import { checkAddress } from "./contract.ts";
import { decodeRegistryError } from "./decode-error.ts";
import type { SignedWorkerCall } from "./sign-worker-call.ts";
import { workerGateAbi as abi } from "./worker-gate-abi.ts";

export interface CarryWorkerCallParameters extends SendOptions {
  /** The gated contract. */
  readonly address: Hex;
  /** From `signWorkerCall`. */
  readonly call: SignedWorkerCall;
}

export type CarryWorkerCallReturnType = SentTransaction;

/**
 * Sends a call that a worker signed, and pays for it. The contract runs it once, as the worker's.
 *
 * Errors: `WORKER_NOT_VALID`, `WORKER_CALL_EXPIRED`, `WORKER_CALL_SIGNATURE_INVALID`,
 * `INVALID_ACCOUNT_NONCE`, others of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { carryWorkerCall } from "chainseal/sdk/client";
 *
 * await carryWorkerCall(walletClient, { address, call });
 */
export async function carryWorkerCall(
  client: ChainClient,
  { address, call: { signature, ...call }, ...options }: CarryWorkerCallParameters,
): Promise<CarryWorkerCallReturnType> {
  const data = encodeFunctionData({ abi, functionName: "callAs", args: [call, signature] });
  return sendTransaction(client, {
    ...options,
    to: checkAddress(address),
    data,
    decode: decodeRegistryError,
  });
}
