import type { Hex } from "viem";

/** What the model knows of one quote that it made: genuine ones are good for one registration. */
export interface Attested {
  readonly platform: number;
  readonly challengeBlock: bigint;
  readonly attestedAt: number;
  readonly approvalId: number;
}

export interface ModelWorker {
  attested: Attested | undefined;
  isRevoked: boolean;
}

interface ModelPolicy {
  maxAge: number;
  minNumber: number;
  accepted: number;
  notice: number;
  isOpen: boolean;
}

export interface Wanted {
  readonly maxAge: number;
  readonly minNumber: number;
  readonly accepted: number;
  readonly isOpen: boolean;
}

/**
 * A program as the design tells of it, in plain sets and dates, without words, epochs or slots.
 * Whatever the contract caches, it has to answer as this does.
 */
export class Model {
  readonly workers: ModelWorker[];
  readonly revokedPlatforms = new Set<number>();
  readonly revokedForAll = new Set<number>();
  readonly withdrawn = new Set<number>();
  /** From when each approval counts; approval n is at n - 1. */
  readonly approvedFrom: number[] = [];
  readonly listedFrom = new Map<number, number>();
  policy: ModelPolicy;
  pending: { readonly wanted: Wanted; readonly from: number } | undefined;
  pausedAt: number | undefined;
  readonly expiresAt: number;

  constructor(workers: number, policy: ModelPolicy, expiresAt: number) {
    this.workers = Array.from({ length: workers }, () => ({
      attested: undefined,
      isRevoked: false,
    }));
    this.policy = policy;
    this.expiresAt = expiresAt;
  }

  isPaused(now: number): boolean {
    return this.pausedAt !== undefined && now < this.pausedAt + 72 * 3600;
  }

  platformStatus(platform: number, now: number): string {
    if (this.revokedPlatforms.has(platform) || this.revokedForAll.has(platform)) {
      return "PLATFORM_REVOKED";
    }
    if (this.policy.isOpen) return "VALID";
    const from = this.listedFrom.get(platform);
    return from !== undefined && now >= from ? "VALID" : "PLATFORM_NOT_ADMITTED";
  }

  statusOf(index: number, now: number): string {
    const worker = this.workers[index];
    if (worker?.attested === undefined) return "WORKER_UNKNOWN";
    if (worker.isRevoked) return "REVOKED";
    if (now > this.expiresAt) return "COLLATERAL_EXPIRED";
    if (now > worker.attested.attestedAt + this.policy.maxAge) return "ATTESTATION_TOO_OLD";
    if ((this.policy.accepted & (1 << 1)) === 0) return "TCB_STATUS_NOT_ACCEPTED";
    if (this.policy.minNumber > 20) return "TCB_EVALUATION_NUMBER_TOO_LOW";
    if (this.withdrawn.has(worker.attested.approvalId)) return "APPROVAL_WITHDRAWN";
    return this.platformStatus(worker.attested.platform, now);
  }

  /** Whether a genuine registration made now is accepted, or why not. */
  registration(index: number, attested: Attested, now: number): string {
    const worker = this.workers[index];
    if (worker === undefined) throw new Error("no such worker");
    if (worker.isRevoked) return "WorkerIsRevoked";
    if (worker.attested === undefined) {
      if (this.isPaused(now)) return "RegistrationsPaused";
    } else if (attested.challengeBlock <= worker.attested.challengeBlock) {
      return "ChallengeNotNewer";
    }
    if (now > this.expiresAt) return "expired";
    const from = this.approvedFrom[attested.approvalId - 1];
    if (from === undefined) return "ApprovalUnknown";
    if (this.withdrawn.has(attested.approvalId)) return "ApprovalIsWithdrawn";
    if (now < from) return "ApprovalNotYetInForce";
    if ((this.policy.accepted & (1 << 1)) === 0 || this.policy.minNumber > 20) {
      return "WorkerNotAccepted";
    }
    const admitted = this.platformStatus(attested.platform, now);
    if (admitted === "PLATFORM_REVOKED") return "PlatformIsRevoked";
    return admitted === "VALID" ? "ok" : "PlatformNotAdmitted";
  }

  /** Field by field the narrower at once; what is left of it waits. */
  setPolicy(wanted: Wanted, now: number): void {
    const { policy } = this;
    const from = now + policy.notice;
    policy.maxAge = Math.min(policy.maxAge, wanted.maxAge);
    policy.minNumber = Math.max(policy.minNumber, wanted.minNumber);
    policy.accepted &= wanted.accepted;
    policy.isOpen &&= wanted.isOpen;
    const isReached =
      policy.maxAge === wanted.maxAge &&
      policy.minNumber === wanted.minNumber &&
      policy.accepted === wanted.accepted &&
      policy.isOpen === wanted.isOpen;
    this.pending = isReached ? undefined : { wanted, from };
  }
}

/** What must never change once it was seen, kept beside the model. */
export interface Ghosts {
  readonly revoked: Set<number>;
  readonly verified: Set<Hex>;
  readonly newestChallenge: Map<number, bigint>;
}
