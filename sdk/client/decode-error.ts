import { BaseError, decodeErrorResult, type Hex, isHex } from "viem";
import { decodeAttestationError, errorCodeOf, revertDataIn } from "../tdx/onchain/decode-error.ts";
import { errorDetails } from "../tdx/onchain/error-details.ts";
import type { OnchainError } from "../tdx/onchain/errors.ts";
import { workerRegistryAbi } from "./abi.ts";
import { gateErrors, registryErrors } from "./error-table.ts";
import { RegistryError } from "./errors.ts";
import { workerStatuses } from "./names.ts";
import { workerGateAbi } from "./worker-gate-abi.ts";

const abi = [...workerRegistryAbi, ...workerGateAbi] as const;
const refusals = { ...registryErrors, ...gateErrors } as const;

const ENUMS = { "enum WorkerStatus": workerStatuses };

function isRefusal(code: string): code is keyof typeof refusals {
  return Object.hasOwn(refusals, code);
}

function decodeData(data: Hex): RegistryError | OnchainError {
  try {
    const decoded = decodeErrorResult({ abi, data });
    const code = errorCodeOf(decoded.errorName);
    if (isRefusal(code)) return new RegistryError(code, errorDetails(code, decoded, ENUMS));
  } catch {
    // Not an error of the registry: the attestation contract's, which it passes on, or another's.
  }
  return decodeAttestationError(data);
}

/**
 * Turns what a call of the registry, or of a contract behind a `WorkerGate`, failed with into an
 * error with the code of `docs/errors.md`: a `RegistryError` for what they refuse, an `OnchainError`
 * for what the attestation contract refuses under them and for the way to the chain.
 *
 * Takes the data of a revert as hex, or whatever a viem action threw. Errors of Chainseal pass
 * through; anything else is thrown on.
 *
 * @example
 * import { decodeRegistryError } from "chainseal/sdk/client";
 *
 * try {
 *   await writeContract(client, { abi: marketAbi, address, functionName: "take", args: [job] });
 * } catch (error) {
 *   const { code, found } = decodeRegistryError(error); // WORKER_NOT_VALID, "... status REVOKED"
 * }
 */
export function decodeRegistryError(error: unknown): RegistryError | OnchainError {
  if (isHex(error)) return decodeData(error);
  if (error instanceof RegistryError) return error;
  if (error instanceof BaseError) {
    const data = revertDataIn(error);
    if (data !== undefined) return decodeData(data);
  }
  return decodeAttestationError(error);
}
