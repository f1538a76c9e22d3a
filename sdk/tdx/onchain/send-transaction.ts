import {
  call,
  estimateGas,
  sendTransaction as send,
  waitForTransactionReceipt,
} from "viem/actions";
import type { Hex } from "../../bytes.ts";
import { type ChainClient, decodingBy } from "./contract.ts";
import { decodeAttestationError } from "./decode-error.ts";
import { invalidParameter, OnchainError } from "./errors.ts";

/** The most gas that one transaction may have (EIP-7825). */
export const TRANSACTION_GAS_CAP = 16_777_216n;

/** A transaction that was included, and what it took. */
export interface SentTransaction {
  readonly hash: Hex;
  readonly gasUsed: bigint;
  /** What was paid for it, in wei, without what a rollup takes for its data. */
  readonly cost: bigint;
}

export interface SendOptions {
  /**
   * The gas limit. Default: the node's estimate and a fifth, never more than EIP-7825 allows; the
   * contract's refusal is then found before anything is sent.
   */
  readonly gas?: bigint;
  /** How long to wait until a transaction is included, in milliseconds. Default: two minutes. */
  readonly timeout?: number;
}

/** Turns whatever a viem action threw into an error of Chainseal. */
type ErrorDecoder = (error: unknown) => Error;

async function limitOf(
  client: ChainClient,
  { to, data, gas, decode }: { to: Hex; data: Hex; gas: bigint | undefined; decode: ErrorDecoder },
): Promise<bigint> {
  const decoding = decodingBy(decode);
  const account = client.account;
  if (account === undefined) throw invalidParameter("client.account", "an account", "none");
  if (gas !== undefined) {
    // A transaction that reverts says no more than that; a call says why.
    await decoding(call(client, { account, to, data, gas }));
    return gas;
  }
  const estimate = await decoding(estimateGas(client, { account, to, data }));
  if (estimate > TRANSACTION_GAS_CAP) {
    throw new OnchainError("TRANSACTION_TOO_LARGE", {
      expected: `at most ${TRANSACTION_GAS_CAP} gas`,
      found: `${estimate} gas`,
    });
  }
  const roomy = (estimate * 6n) / 5n;
  return roomy < TRANSACTION_GAS_CAP ? roomy : TRANSACTION_GAS_CAP;
}

export interface SendTransactionParameters extends SendOptions {
  readonly to: Hex;
  readonly data: Hex;
  /** For another contract's errors. Default: `decodeAttestationError`. */
  readonly decode?: ErrorDecoder;
}

/**
 * Sends one transaction and waits until it is included.
 *
 * Errors: the contract's, decoded; `TRANSACTION_TOO_LARGE`, `TRANSACTION_NOT_INCLUDED`, `CHAIN_…`.
 */
export async function sendTransaction(
  client: ChainClient,
  { to, data, gas, timeout = 120_000, decode = decodeAttestationError }: SendTransactionParameters,
): Promise<SentTransaction> {
  const decoding = decodingBy(decode);
  const limit = await limitOf(client, { to, data, gas, decode });
  const { account, chain } = client;
  if (account === undefined) throw invalidParameter("client.account", "an account", "none");
  const hash = await decoding(
    send(client, { account, chain: chain ?? null, to, data, gas: limit }),
  );
  const receipt = await decoding(waitForTransactionReceipt(client, { hash, timeout }));
  const { gasUsed, effectiveGasPrice, status, blockNumber } = receipt;
  if (status !== "success") {
    // What the state was for it is gone; the state behind its block mostly gives the same reason.
    await decoding(call(client, { account, to, data, gas: limit, blockNumber }));
    throw new OnchainError("CALL_REVERTED", { subject: `transaction ${hash}`, found: "no reason" });
  }
  return { hash, gasUsed, cost: gasUsed * effectiveGasPrice };
}
