import { TransactionReceiptNotFoundError } from "viem";
import { estimateGas, getTransactionReceipt, sendTransaction } from "viem/actions";
import { type ChainClient, decoding } from "../../tdx/onchain/contract.ts";
import { TRANSACTION_GAS_CAP } from "../../tdx/onchain/send-transaction.ts";
import { invalidParameter, WorkerError } from "../errors.ts";
import { abortable } from "../timing.ts";
import { registerCalldata, type Submitter } from "./submitter.ts";

export interface DirectOptions {
  /** A viem wallet client; its account pays for the gas. It need not be the worker's identity. */
  readonly walletClient: ChainClient;
}

/** Sends registrations from an account of one's own. */
export function direct({ walletClient: client }: DirectOptions): Submitter {
  const name = "direct";
  return {
    name,
    async submit(registration, signal) {
      const { account, chain } = client;
      if (account === undefined) throw invalidParameter("walletClient.account", "one", "none");
      const call = { account, to: registration.registry, data: registerCalldata(registration) };
      const estimate = await abortable(estimateGas(client, call), signal);
      const roomy = (estimate * 6n) / 5n;
      const gas = roomy < TRANSACTION_GAS_CAP ? roomy : TRANSACTION_GAS_CAP;
      const sent = sendTransaction(client, { ...call, chain: chain ?? null, gas });
      const hash = await abortable(sent, signal);
      return {
        reference: hash,
        async findFailure() {
          const receipt = await decoding(
            getTransactionReceipt(client, { hash }).catch((error: unknown) => {
              if (error instanceof TransactionReceiptNotFoundError) return undefined;
              throw error;
            }),
          );
          if (receipt?.status !== "reverted") return undefined;
          return new WorkerError("REGISTRATION_REVERTED", { subject: `transaction ${hash}` });
        },
      };
    },
  };
}
