import { ChainsealError, type ErrorDetails } from "../errors.ts";

interface Entry {
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** What the person who sees it can do. */
  readonly remedy: string;
}

/** Every way in which a worker's boot, or the measuring of its program, fails on purpose. */
export const workerErrors = {
  WORKER_PARAMETER_INVALID: {
    summary: "An argument cannot be used",
    remedy: "Compare the argument with the documentation of the function.",
  },
  QUOTE_PROVIDER_MISSING: {
    summary: "Nothing on this machine gives TDX quotes",
    remedy:
      "Run inside a TD with Linux 6.7 or newer (configfs-tsm), or mount the guest agent's socket.",
  },
  QUOTE_PROVIDER_UNSUPPORTED: {
    summary: "What gives quotes on this machine does not give TDX quotes",
    remedy: "Run inside a TDX guest; other kinds of TEE are not supported.",
  },
  QUOTE_PROVIDER_FAILED: {
    summary: "The quote provider could not be asked, or refused",
    remedy: "Look at the quoting service of the host (QGS) or at the guest agent's log.",
  },
  QUOTE_PROVIDER_BUSY: {
    summary: "The quote provider stayed busy, or others kept asking it in between",
    remedy: "Try again later; look whether the quoting service of the host (QGS) is overloaded.",
  },
  QUOTE_PROVIDER_TIMEOUT: {
    summary: "The quote provider did not answer in time",
    remedy: "Try again; a quoting service that is starting may take long.",
  },
  QUOTE_PROVIDER_RESPONSE_INVALID: {
    summary: "The quote provider's answer is not what its protocol says, or too large",
    remedy: "Check that the socket or folder is that of the provider, and its version.",
  },
  QUOTE_REPORT_DATA_MISMATCH: {
    summary: "The quote holds other report data than was asked for",
    remedy: "Do not use this provider: it replays quotes, or several processes share one entry.",
  },
  COLLATERAL_NUMBER_MISSING: {
    summary: "The chain has no collateral in force for this platform",
    remedy: "Upload the TCB info of its FMSPC and the QE identity: `chainseal collateral push`.",
  },
  RENEWAL_NOT_LONGER: {
    summary: "Attesting again would not last longer: the chain's collateral has not moved on",
    remedy: "Upload newer collateral: `chainseal collateral push`.",
  },
  CHALLENGE_NOT_YET: {
    summary: "The chain has no block yet that could be the challenge",
    remedy: "Wait for a block: a challenge is newer than the last one, and not the newest block.",
  },
  COSIGNATURE_MISSING: {
    summary: "The program's owner signs for each worker, and there is no signature",
    remedy: "Give `cosign`, which gets the owner's signature for this worker.",
  },
  REGISTRATION_REFUSED: {
    summary: "The registry refuses this worker, and trying again does not change that",
    remedy:
      "Read the reason: approval, platform, TCB status or revocation are the owner's to change.",
  },
  REGISTRATION_DEFERRED: {
    summary: "The registry refuses this worker for now",
    remedy: "Read the reason: it passes with time, a newer block, or what the owner may still do.",
  },
  REGISTRATION_NOT_INCLUDED: {
    summary: "The registration was submitted, but did not arrive on chain in time",
    remedy: "Look whether the fee was enough or the relayer works; it is submitted again.",
  },
  REGISTRATION_REVERTED: {
    summary: "The registration's transaction was included, but failed",
    remedy: "Usually the state changed meanwhile; it is submitted again.",
  },
  REGISTRATION_DROPPED: {
    summary: "A reorganisation of the chain took the registration back",
    remedy: "Nothing is to be done: it is submitted again.",
  },
  REGISTRATION_NOT_FINAL: {
    summary: "The registration is on chain, but its block did not become final in time",
    remedy: "Look whether the chain finalises; a longer limit may be chosen.",
  },
  WORKER_STOPPED: {
    summary: "The worker was stopped",
    remedy: "Nothing is to be done: somebody called `stop`, or aborted the signal.",
  },
  RELAYER_UNREACHABLE: {
    summary: "The relayer cannot be reached, or did not answer in time",
    remedy: "Check the address and the network.",
  },
  RELAYER_REFUSED: {
    summary: "The relayer refused the registration, or could not bring it on chain",
    remedy: "Read its reason; it may need a key, or its budget is spent.",
  },
  RELAYER_RESPONSE_INVALID: {
    summary: "The relayer's answer is not of its protocol, or too large",
    remedy: "Check that the address is that of a Chainseal relayer.",
  },
  COMPOSE_MALFORMED: {
    summary: "The file is neither an app-compose.json nor a compose file that can be measured",
    remedy: "Compare it with the part that is named; docs/worker.md has an example.",
  },
  COMPOSE_TOO_LARGE: {
    summary: "The compose file is larger than a guest would take",
    remedy: "Keep data out of the compose file.",
  },
  IMAGE_NOT_PINNED: {
    summary: "An image is not named by its sha256 digest, so that the measurement does not fix it",
    remedy: "Write `image: name@sha256:…`; `docker buildx imagetools inspect` shows the digest.",
  },
  EVENT_LOG_MALFORMED: {
    summary: "The event log is not of the guest agent's form",
    remedy: "Give the event log as the guest agent's GetQuote returned it.",
  },
  EVENT_LOG_MISMATCH: {
    summary: "The event log does not give what the quote measured",
    remedy: "Do not trust it: take quote and event log from one answer.",
  },
} as const satisfies Record<string, Entry>;

export type WorkerErrorCode = keyof typeof workerErrors;

/** Thrown by `sdk/worker`. It never carries a key, a signature or an address with credentials. */
export class WorkerError extends ChainsealError {
  override readonly name: string = "WorkerError";
  declare readonly code: WorkerErrorCode;

  constructor(code: WorkerErrorCode, details: ErrorDetails = {}) {
    super(code, workerErrors[code].summary, details);
  }
}

/** An argument that the caller got wrong. */
export function invalidParameter(
  subject: string,
  expected: string,
  found: string | number,
): WorkerError {
  return new WorkerError("WORKER_PARAMETER_INVALID", { subject, expected, found });
}
