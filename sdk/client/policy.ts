import { type Hex, zeroAddress } from "viem";
import { type TcbStatus, tcbStatuses } from "../tdx/tcb-status.ts";
import { invalidArgument } from "./errors.ts";
import { type Admission, admissions } from "./names.ts";

/** `ProgramPolicy` of `contracts/registry/RegistryTypes.sol`, with its numbers as names. */
export interface ProgramPolicy {
  /** Neither of these lists may have `Revoked`. */
  readonly acceptedStatuses: readonly TcbStatus[];
  /** Accepted for `gracePeriod` after the TCB info that says so was uploaded. */
  readonly graceStatuses: readonly TcbStatus[];
  /** Seconds, at most 365 days. */
  readonly gracePeriod: number;
  /** Seconds from a quote until another is needed, at most 90 days. */
  readonly maxAge: number;
  readonly minTcbEvaluationDataNumber: number;
  readonly requireSeptVeDisable: boolean;
  readonly requireGpu: boolean;
  /** Seconds that widening waits: 1 to 30 days under Intel's root. */
  readonly notice: number;
  readonly admission: Admission;
  /** Under OPEN: whether workers may derive keys. */
  readonly deriveUnderOpen: boolean;
  /** Under LIST: a contract that vouches for platforms. */
  readonly endorser: Hex | null;
}

/** As viem encodes and decodes it. */
export interface RawPolicy {
  readonly acceptedStatuses: number;
  readonly graceStatuses: number;
  readonly gracePeriod: number;
  readonly maxAge: number;
  readonly minTcbEvaluationDataNumber: number;
  readonly requireSeptVeDisable: boolean;
  readonly requireGpu: boolean;
  readonly notice: number;
  readonly admission: number;
  readonly deriveUnderOpen: boolean;
  readonly endorser: Hex;
}

/** What most programs want: up-to-date machines that the owner lists, a quote a day. */
export const defaultProgramPolicy: ProgramPolicy = Object.freeze({
  acceptedStatuses: Object.freeze(["UpToDate", "SWHardeningNeeded"] as const),
  graceStatuses: Object.freeze(["OutOfDate"] as const),
  gracePeriod: 14 * 86_400,
  maxAge: 86_400,
  minTcbEvaluationDataNumber: 0,
  requireSeptVeDisable: true,
  requireGpu: false,
  notice: 7 * 86_400,
  admission: "LIST",
  deriveUnderOpen: false,
  endorser: null,
});

/** Bit 0 is no status. */
function toBits(statuses: readonly TcbStatus[], subject: string): number {
  let bits = 0;
  for (const status of statuses) {
    const index = tcbStatuses.indexOf(status);
    if (index < 0) throw invalidArgument(subject, tcbStatuses.join(", "), String(status));
    bits |= 1 << (index + 1);
  }
  return bits;
}

function fromBits(bits: number): readonly TcbStatus[] {
  return Object.freeze(tcbStatuses.filter((_, index) => (bits >> (index + 1)) & 1));
}

function checkNumber(value: number, bits: number, subject: string): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) return value;
  throw invalidArgument(subject, `a whole number of ${bits} bits`, String(value));
}

/** Errors: `CLIENT_PARAMETER_INVALID`. What no program may have is for the contract to refuse. */
export function encodePolicy(policy: ProgramPolicy): RawPolicy {
  const admission = admissions.indexOf(policy.admission);
  if (admission < 1) {
    throw invalidArgument("admission", "LIST, COSIGN or OPEN", String(policy.admission));
  }
  return {
    acceptedStatuses: toBits(policy.acceptedStatuses, "acceptedStatuses"),
    graceStatuses: toBits(policy.graceStatuses, "graceStatuses"),
    gracePeriod: checkNumber(policy.gracePeriod, 32, "gracePeriod"),
    maxAge: checkNumber(policy.maxAge, 32, "maxAge"),
    minTcbEvaluationDataNumber: checkNumber(
      policy.minTcbEvaluationDataNumber,
      16,
      "minTcbEvaluationDataNumber",
    ),
    requireSeptVeDisable: policy.requireSeptVeDisable,
    requireGpu: policy.requireGpu,
    notice: checkNumber(policy.notice, 32, "notice"),
    admission,
    deriveUnderOpen: policy.deriveUnderOpen,
    endorser: policy.endorser ?? zeroAddress,
  };
}

export function decodePolicy(raw: RawPolicy): ProgramPolicy {
  const admission = admissions[raw.admission];
  if (admission === undefined || admission === "NONE") {
    throw invalidArgument("admission", "LIST, COSIGN or OPEN", raw.admission);
  }
  return Object.freeze({
    ...raw,
    acceptedStatuses: fromBits(raw.acceptedStatuses),
    graceStatuses: fromBits(raw.graceStatuses),
    admission,
    endorser: raw.endorser === zeroAddress ? null : raw.endorser,
  });
}
