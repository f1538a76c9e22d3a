import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { SendOptions, SentTransaction } from "../tdx/onchain/send-transaction.ts";
import type { RegistryParameters } from "./contract.ts";
import type { Registration } from "./registration.ts";
import { writeRegistry } from "./write-registry.ts";

export interface RegisterWorkerParameters extends RegistryParameters, SendOptions {
  /** What `register` takes; `signRegistration` makes the signed part. */
  readonly registration: Registration;
}

export type RegisterWorkerReturnType = SentTransaction;

/**
 * Registers a worker, or attests one again. Whoever sends it pays and is trusted with nothing: the
 * contract verifies the quote, and the identity signed.
 *
 * Errors: every refusal of a quote (`OnchainError`) or of the registry, those of `decodeRegistryError`; `TRANSACTION_…`.
 *
 * @example
 * import { registerWorker } from "chainseal/sdk/client";
 *
 * const { hash } = await registerWorker(walletClient, { address, registration });
 */
export async function registerWorker(
  client: ChainClient,
  parameters: RegisterWorkerParameters,
): Promise<RegisterWorkerReturnType> {
  const { registration } = parameters;
  return writeRegistry(client, parameters, {
    functionName: "register",
    args: [registration.request, registration.evidence, registration.pckCertificate ?? "0x"],
  });
}
