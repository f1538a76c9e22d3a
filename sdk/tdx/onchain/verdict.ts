import type { Hex } from "../../bytes.ts";
import { type TcbStatus, tcbStatuses } from "../tcb-status.ts";
import { OnchainError } from "./errors.ts";
import { textInHex } from "./text-in-hex.ts";

/** `TcbStatus` of `contracts/attestation/TdxTypes.sol`, by value. Zero is no status. */
const STATUSES: readonly (TcbStatus | undefined)[] = [undefined, ...tcbStatuses];

/** The contract's answer on a quote whose evidence holds. */
export interface OnchainVerdict {
  /** Intel's status. A DEBUG TD gets one too: refusing it is for a policy. */
  readonly status: TcbStatus;
  /** Status of the TCB as it runs now; refuse `Revoked` here whatever `status` says. */
  readonly currentStatus: TcbStatus;
  /** Such as 2025-05-14T00:00:00Z: all issues known by then are fixed. */
  readonly tcbDate: string;
  readonly currentTcbDate: string;
  /** Advisories that concern this TCB, at launch or now, sorted. */
  readonly advisoryIds: readonly string[];
  /** When the first part that the verdict stands on expires; Unix seconds. */
  readonly earliestExpiry: number;
  /** When a higher evaluation number becomes the minimum; `null` while none is known. */
  readonly supersededAt: number | null;
  /** Since when this chain has had these TCB levels; Unix seconds. */
  readonly tcbInfoSince: number;
  /** The lower of the two numbers judged at. */
  readonly tcbEvaluationDataNumber: number;
  /** Of what was judged, certificate and claims: a record keeps it, to be judged by again. */
  readonly evidenceDigest: Hex;
}

/** `TdxVerdict` as viem decodes it. */
export interface RawVerdict {
  readonly status: number;
  readonly currentStatus: number;
  readonly tcbDate: number;
  readonly currentTcbDate: number;
  readonly expiresAt: number;
  readonly supersededAt: number;
  readonly tcbInfoSince: number;
  readonly tcbEvaluationDataNumber: number;
  readonly evidenceDigest: Hex;
  readonly advisoryIds: readonly Hex[];
}

function statusOf(value: number, subject: string): TcbStatus {
  const status = STATUSES[value];
  if (status === undefined) {
    throw new OnchainError("TCB_STATUS_UNKNOWN", { subject, found: value });
  }
  return status;
}

function isoDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** Errors: `TCB_STATUS_UNKNOWN`. */
export function readVerdict(raw: RawVerdict): OnchainVerdict {
  return Object.freeze({
    status: statusOf(raw.status, "status"),
    currentStatus: statusOf(raw.currentStatus, "currentStatus"),
    tcbDate: isoDate(raw.tcbDate),
    currentTcbDate: isoDate(raw.currentTcbDate),
    advisoryIds: Object.freeze(raw.advisoryIds.map((id) => textInHex(id) ?? id).sort()),
    earliestExpiry: raw.expiresAt,
    supersededAt: raw.supersededAt === 0 ? null : raw.supersededAt,
    tcbInfoSince: raw.tcbInfoSince,
    tcbEvaluationDataNumber: raw.tcbEvaluationDataNumber,
    evidenceDigest: raw.evidenceDigest,
  });
}
