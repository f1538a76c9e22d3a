import { decodeRegistryError } from "../client/decode-error.ts";
import { RegistryError, type RegistryErrorCode } from "../client/errors.ts";
import type { WorkerStatus } from "../client/names.ts";
import { ChainsealError } from "../errors.ts";
import { OnchainError, type OnchainErrorCode } from "../tdx/onchain/errors.ts";
import { WorkerError, type WorkerErrorCode } from "./errors.ts";

/** Refusals of the registry that pass: with time, a newer block, or what others may yet do. */
const PASSING_REFUSALS: ReadonlySet<RegistryErrorCode> = new Set([
  "APPROVAL_NOT_YET_IN_FORCE",
  "CHALLENGE_BLOCK_UNKNOWN",
  "CHALLENGE_NOT_NEWER",
  "PLATFORM_NOT_ADMITTED",
  "REGISTRATIONS_PAUSED",
  // The challenge block was replaced by another one of its number.
  "REPORT_DATA_MISMATCH",
]);

/** The same of `WORKER_NOT_ACCEPTED`, by its status, which stands at the end of what was found. */
const PASSING_STATUSES: readonly WorkerStatus[] = [
  "COLLATERAL_EXPIRED",
  "TCB_EVALUATION_NUMBER_TOO_LOW",
];

const PASSING_ONCHAIN: ReadonlySet<OnchainErrorCode> = new Set([
  "COLLATERAL_MISSING",
  "PCK_CERTIFICATE_NOT_CACHED",
  "TCB_EVALUATION_NUMBER_SUPERSEDED",
  "TCB_EVALUATION_NUMBER_UNKNOWN",
  "CERTIFICATE_NOT_YET_VALID",
  "CERTIFICATE_EXPIRED",
  "CRL_NOT_YET_VALID",
  "CRL_EXPIRED",
  "TCB_INFO_NOT_YET_VALID",
  "TCB_INFO_EXPIRED",
  "QE_IDENTITY_NOT_YET_VALID",
  "QE_IDENTITY_EXPIRED",
  "CHAIN_UNREACHABLE",
  "CHAIN_TIMEOUT",
  "CHAIN_REQUEST_FAILED",
  "CALL_REVERTED",
  "TRANSACTION_NOT_INCLUDED",
]);

const PASSING_WORKER: ReadonlySet<WorkerErrorCode> = new Set([
  "QUOTE_PROVIDER_FAILED",
  "QUOTE_PROVIDER_BUSY",
  "QUOTE_PROVIDER_TIMEOUT",
  "COLLATERAL_NUMBER_MISSING",
  "RENEWAL_NOT_LONGER",
  "CHALLENGE_NOT_YET",
  "WORKER_HOOK_FAILED",
  "REGISTRATION_NOT_INCLUDED",
  "REGISTRATION_REVERTED",
  "REGISTRATION_DROPPED",
  "REGISTRATION_NOT_FINAL",
  "RELAYER_UNREACHABLE",
]);

function refusalMayPass({ code, found }: RegistryError): boolean {
  if (code !== "WORKER_NOT_ACCEPTED") return PASSING_REFUSALS.has(code);
  return PASSING_STATUSES.some((status) => String(found).endsWith(` ${status}`));
}

/** Whether the same may go well later. A refusal that no time heals is not repeated. */
export function mayPass(error: unknown): boolean {
  if (error instanceof RegistryError) return refusalMayPass(error);
  if (error instanceof OnchainError) return PASSING_ONCHAIN.has(error.code);
  return error instanceof WorkerError && PASSING_WORKER.has(error.code);
}

/**
 * What was thrown, as an error of Chainseal: `RegistryError` for what the registry refuses,
 * `OnchainError` for refused evidence and failures on the way. `undefined` for what nobody expected.
 */
export function toKnownError(error: unknown): ChainsealError | undefined {
  if (error instanceof ChainsealError) return error;
  try {
    return decodeRegistryError(error);
  } catch {
    return undefined;
  }
}
