import type { Hex } from "viem";
import type { LocalAccount } from "viem/accounts";
import { readContract } from "viem/actions";
import { type ChainClient, decodingBy } from "../tdx/onchain/contract.ts";
import { checkAddress } from "./contract.ts";
import { decodeRegistryError } from "./decode-error.ts";
import { workerCallTypes } from "./typed-data.ts";
import { workerGateAbi as abi } from "./worker-gate-abi.ts";

/** A call of a gated contract that a worker signed (`WorkerGate.WorkerCall`). */
export interface SignedWorkerCall {
  readonly worker: Hex;
  readonly data: Hex;
  readonly nonce: bigint;
  /** Unix seconds, included. */
  readonly deadline: bigint;
  readonly signature: Hex;
}

export interface SignWorkerCallParameters {
  /** The gated contract. */
  readonly address: Hex;
  /** The worker's identity. It needs no gas. */
  readonly account: LocalAccount;
  /** The calldata: a function's selector and arguments. */
  readonly data: Hex;
  /** Unix seconds. Default: ten minutes from now. */
  readonly deadline?: number;
  /** Default: the next one that the contract names. */
  readonly nonce?: bigint;
}

export type SignWorkerCallReturnType = SignedWorkerCall;

const TEN_MINUTES = 600;

/**
 * Signs a call of a gated contract with the worker's key, for another account to carry. The name
 * and version that are signed for are those that the contract gives (EIP-5267).
 *
 * Errors: those of `decodeRegistryError`.
 *
 * @example
 * import { encodeFunctionData } from "viem";
 * import { carryWorkerCall, signWorkerCall } from "chainseal/sdk/client";
 *
 * const data = encodeFunctionData({ abi: marketAbi, functionName: "take", args: [job] });
 * const call = await signWorkerCall(publicClient, { address, account: identity, data });
 * await carryWorkerCall(walletClient, { address, call });
 */
export async function signWorkerCall(
  client: ChainClient,
  { address, account, data, deadline, nonce }: SignWorkerCallParameters,
): Promise<SignWorkerCallReturnType> {
  const decoding = decodingBy(decodeRegistryError);
  const gate = checkAddress(address);
  const [[, name, version, chainId], next] = await decoding(
    Promise.all([
      readContract(client, { abi, address: gate, functionName: "eip712Domain" }),
      nonce ??
        readContract(client, {
          abi,
          address: gate,
          functionName: "nonces",
          args: [account.address],
        }),
    ]),
  );
  const message = {
    worker: account.address,
    data,
    nonce: next,
    deadline: BigInt(deadline ?? Math.floor(Date.now() / 1000) + TEN_MINUTES),
  };
  const signature = await account.signTypedData({
    domain: { name, version, chainId: Number(chainId), verifyingContract: gate },
    types: workerCallTypes,
    primaryType: "WorkerCall",
    message,
  });
  return Object.freeze({ ...message, signature });
}
