import { type DecodeErrorResultReturnType, decodeErrorResult, isHex } from "viem";
import type { Hex } from "../bytes.ts";
import { workerRegistryAbi } from "../client/abi.ts";
import { ChainsealError } from "../errors.ts";
import { decodeAttestationError } from "../tdx/onchain/decode-error.ts";
import { OnchainError, type OnchainErrorCode } from "../tdx/onchain/errors.ts";
import { WorkerError, type WorkerErrorCode } from "./errors.ts";
import { workerStatuses } from "./registry-state.ts";

/** Refusals of the registry that pass: with time, a newer block, or what others may yet do. */
const PASSING_REFUSALS: ReadonlySet<string> = new Set([
  "ApprovalNotYetInForce",
  "ChallengeBlockUnknown",
  "ChallengeNotNewer",
  "PlatformNotAdmitted",
  "RegistrationsPaused",
  // The challenge block was replaced by another one of its number.
  "ReportDataMismatch",
]);

/** The same of `WorkerNotAccepted`, by its status. */
const PASSING_STATUSES: ReadonlySet<string> = new Set([
  "COLLATERAL_EXPIRED",
  "TCB_EVALUATION_NUMBER_TOO_LOW",
]);

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
  "REGISTRATION_DEFERRED",
  "REGISTRATION_NOT_INCLUDED",
  "REGISTRATION_REVERTED",
  "REGISTRATION_DROPPED",
  "REGISTRATION_NOT_FINAL",
  "RELAYER_UNREACHABLE",
]);

/** Whether the same may go well later. A refusal that no time heals is not repeated. */
export function mayPass(error: unknown): boolean {
  if (error instanceof OnchainError) return PASSING_ONCHAIN.has(error.code);
  return error instanceof WorkerError && PASSING_WORKER.has(error.code);
}

type DecodedRefusal = DecodeErrorResultReturnType<typeof workerRegistryAbi>;

function decode(data: Hex): DecodedRefusal | undefined {
  try {
    return decodeErrorResult({ abi: workerRegistryAbi, data });
  } catch {
    // Not an error of the registry.
    return undefined;
  }
}

function toWorkerError({ errorName, abiItem, args }: DecodedRefusal): WorkerError {
  const inputs = "inputs" in abiItem ? abiItem.inputs : [];
  let isPassing = PASSING_REFUSALS.has(errorName);
  const values = inputs.map(({ name, internalType }, index) => {
    const value = String((args as readonly unknown[] | undefined)?.[index]);
    if (internalType !== "enum WorkerStatus") return { name, value };
    const status = workerStatuses[Number(value)] ?? value;
    isPassing = PASSING_STATUSES.has(status);
    return { name, value: status };
  });
  const expected = values.find(({ name }) => name === "expected")?.value;
  const others = values.filter(({ name }) => name !== "expected");
  const found = others.map(({ name, value }) => `${name} ${value}`).join(", ");
  return new WorkerError(isPassing ? "REGISTRATION_DEFERRED" : "REGISTRATION_REFUSED", {
    subject: errorName,
    ...(expected === undefined ? {} : { expected }),
    ...(found === "" ? {} : { found: found.replace(/^found /, "") }),
  });
}

/**
 * What a call of the registry failed with, as an error whose `subject` is the contract's own name
 * for it: `REGISTRATION_REFUSED` or `REGISTRATION_DEFERRED`. Refusals of the evidence are
 * `OnchainError`s, as are failures on the way.
 */
export function decodeRefusal(error: unknown): ChainsealError {
  if (error instanceof ChainsealError && !(error instanceof OnchainError)) return error;
  const known = decodeAttestationError(error);
  // The attestation contract's decoder hands on the data of an error that it does not know.
  if (known.code !== "CALL_REVERTED" || !isHex(known.found)) return known;
  const refusal = decode(known.found);
  return refusal === undefined ? known : toWorkerError(refusal);
}
