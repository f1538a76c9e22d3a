import { isAddress, isHex, type LocalAccount } from "viem";
import type { Hex } from "../bytes.ts";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import type { EvaluationNumbers } from "../tdx/onchain/evidence.ts";
import { invalidParameter } from "./errors.ts";
import type { Challenge, Confirmation, Logger, WorkerEvent } from "./events.ts";
import type { QuoteProvider } from "./quote-provider.ts";
import type { RenewalOptions } from "./renewal.ts";
import type { Submitter } from "./submit/submitter.ts";
import { type RetryPolicy, systemTiming, type Timing } from "./timing.ts";

/** What a program's owner signs to admit a worker, `Admit` of `sdk/client/typed-data.ts`. */
export interface AdmitRequest {
  readonly programId: Hex;
  readonly identity: Hex;
  readonly platformId: Hex;
  readonly challengeBlock: bigint;
  readonly chainId: number;
  readonly registry: Hex;
}

export interface RegisterOnBootOptions {
  /** A viem client that reads the chain. */
  readonly client: ChainClient;
  /** Address of `WorkerRegistry`. The attestation contract is the one it names. */
  readonly registry: Hex;
  /** 32 bytes. */
  readonly programId: Hex;
  /** Which of the program's approvals this machine's measurements are; from 1 on. */
  readonly approvalId: number;
  readonly provider: QuoteProvider;
  /** `direct({ walletClient })` or `relayer({ url })`. */
  readonly submit: Submitter;
  /**
   * The worker's key. Default: a new one, made in this process and nowhere else. Give one only that
   * has never left the TD.
   */
  readonly identity?: LocalAccount;
  /** Default: what the chain has in force for this platform, highest number first. */
  readonly collateral?: EvaluationNumbers;
  /** Collects GPU evidence for this challenge and gives its root, 32 bytes. Default: no GPU. */
  readonly evidenceRoot?: (challenge: Challenge, identity: Hex) => Promise<Hex>;
  /** Under COSIGN: gets the owner's EIP-712 signature. */
  readonly cosign?: (request: AdmitRequest) => Promise<Hex>;
  /** When a registration counts. Default: `finalized`. */
  readonly confirmation?: Confirmation;
  /** Blocks that the challenge lies behind the newest. Default: 3. */
  readonly challengeDepth?: number;
  readonly renewal?: RenewalOptions;
  /** Tries of one registration. Default: 8, from 2 s to 60 s apart. */
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds. */
  readonly limits?: Partial<Limits>;
  readonly logger?: Logger;
  readonly onEvent?: (event: WorkerEvent) => void;
  /** Ends everything, as `stop` does. */
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly timing?: Partial<Timing>;
}

/** Milliseconds. */
export interface Limits {
  /** For one quote. Default: two minutes. */
  readonly quote: number;
  /** From submission to inclusion. Default: five minutes. */
  readonly inclusion: number;
  /** From inclusion to confirmation. Default: 30 minutes. */
  readonly confirmation: number;
  /** Between two looks at the chain while waiting for it. Default: four seconds. */
  readonly polling: number;
  /** Between two looks at the worker's own status, and between rounds of a failing renewal. Default: ten minutes. */
  readonly check: number;
}

const defaultLimits: Limits = {
  quote: 120_000,
  inclusion: 300_000,
  confirmation: 1_800_000,
  polling: 4000,
  check: 600_000,
};

const defaultRetry: RetryPolicy = { attempts: 8, firstDelay: 2000, maxDelay: 60_000 };

/** The options with every default in place. */
export interface Settings
  extends Omit<RegisterOnBootOptions, "limits" | "retry" | "timing" | "renewal"> {
  readonly confirmation: Confirmation;
  readonly challengeDepth: number;
  readonly limits: Limits;
  readonly retry: RetryPolicy;
  readonly renewal: RenewalOptions;
  readonly timing: Timing;
}

/** Timers count milliseconds in 31 bits. */
const MAX_WAIT = 2_147_483_647;

function checkWait(value: number, subject: string): void {
  if (Number.isFinite(value) && value > 0 && value <= MAX_WAIT) return;
  throw invalidParameter(subject, `1 to ${MAX_WAIT} milliseconds`, value);
}

function checkSeconds(value: number | undefined, subject: string): void {
  if (value === undefined || (Number.isFinite(value) && value >= 0)) return;
  throw invalidParameter(subject, "seconds", value);
}

/** Errors: `WORKER_PARAMETER_INVALID`. */
export function readOptions(options: RegisterOnBootOptions): Settings {
  const { registry, programId, approvalId, renewal = {} } = options;
  if (!isAddress(registry, { strict: false })) {
    throw invalidParameter("registry", "20 bytes in hex", String(registry));
  }
  if (!isHex(programId) || programId.length !== 66) {
    throw invalidParameter("programId", "32 bytes in hex", String(programId));
  }
  if (!Number.isInteger(approvalId) || approvalId < 1 || approvalId > 0xff_ffff) {
    throw invalidParameter("approvalId", "a whole number from 1 on", approvalId);
  }
  const limits = { ...defaultLimits, ...options.limits };
  for (const [name, value] of Object.entries(limits)) checkWait(value, `limits.${name}`);
  const retry = { ...defaultRetry, ...options.retry };
  if (!Number.isInteger(retry.attempts) || retry.attempts < 1 || retry.attempts > 100) {
    throw invalidParameter("retry.attempts", "1 to 100", retry.attempts);
  }
  checkWait(retry.firstDelay, "retry.firstDelay");
  checkWait(retry.maxDelay, "retry.maxDelay");
  checkSeconds(renewal.margin, "renewal.margin");
  checkSeconds(renewal.jitter, "renewal.jitter");
  return {
    ...options,
    confirmation: options.confirmation ?? "finalized",
    challengeDepth: options.challengeDepth ?? 3,
    limits,
    retry,
    renewal,
    timing: { ...systemTiming, ...options.timing },
  };
}
