import type { Hex } from "../bytes.ts";
import type { ChainsealError } from "../errors.ts";
import { deferred } from "./timing.ts";

/** A block that a registration names, by number and hash. */
export interface Challenge {
  readonly number: bigint;
  readonly hash: Hex;
}

/** A worker's record, as the chain has it. Times are Unix seconds of the chain. */
export interface Registration {
  readonly challengeBlock: bigint;
  readonly approvalId: number;
  readonly platformId: Hex;
  readonly attestedAt: number;
  /** When its collateral ends. */
  readonly expiresAt: number;
  /** When it ends: the earlier of `expiresAt` and the program's maximum age. */
  readonly validUntil: number;
}

/** Which state of the chain has to have a registration before it counts. */
export type Confirmation = "latest" | "safe" | "finalized";

/** Everything that happens to a worker, in the order in which it happens. */
export type WorkerEvent =
  | { readonly name: "keys-made"; readonly identity: Hex }
  | { readonly name: "challenge-chosen"; readonly challenge: Challenge }
  | {
      readonly name: "quoted";
      readonly provider: string;
      readonly length: number;
      readonly fmspc: Hex;
      readonly platformId: Hex;
    }
  | {
      readonly name: "submitted";
      readonly submitter: string;
      /** The transaction's hash, or the relayer's id. */
      readonly reference: string;
    }
  | { readonly name: "included"; readonly challengeBlock: bigint }
  | {
      readonly name: "registered" | "renewed";
      readonly confirmation: Confirmation;
      readonly registration: Registration;
    }
  | {
      readonly name: "renewal-scheduled";
      /** Unix seconds of the chain. */
      readonly at: number;
      readonly validUntil: number;
    }
  | {
      readonly name: "renewal-started";
      /** Why: it is due, somebody asked, or what `statusOf` says. */
      readonly reason: string;
    }
  | {
      readonly name: "retrying";
      /** How often it has failed, from 1. */
      readonly failures: number;
      /** Milliseconds until the next try. */
      readonly delay: number;
      readonly error: ChainsealError;
    }
  | {
      readonly name: "renewal-failed";
      /** The next try is this many milliseconds away. */
      readonly delay: number;
      readonly error: ChainsealError;
    }
  | { readonly name: "failed"; readonly error: ChainsealError }
  | { readonly name: "stopped" };

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One line of a log: plain values that JSON can hold, and nothing secret. */
export interface LogLine {
  readonly level: LogLevel;
  readonly event: WorkerEvent["name"];
  readonly identity: Hex;
  readonly [field: string]: unknown;
}

export type Logger = (line: LogLine) => void;

const LEVELS: Readonly<Record<WorkerEvent["name"], LogLevel>> = {
  "keys-made": "info",
  "challenge-chosen": "debug",
  quoted: "info",
  submitted: "info",
  included: "info",
  registered: "info",
  renewed: "info",
  "renewal-scheduled": "info",
  "renewal-started": "info",
  retrying: "warn",
  "renewal-failed": "warn",
  failed: "error",
  stopped: "info",
};

/** An event as a line of a log. */
export function logLineOf(event: WorkerEvent, identity: Hex): LogLine {
  const { name, ...fields } = event;
  const plain: Record<string, unknown> = JSON.parse(
    JSON.stringify(fields, (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    ),
  );
  return { level: LEVELS[name], event: name, ...plain, identity };
}

/** What an iterator that starts late is told of the past. */
const MAX_HISTORY = 256;

/** Hands events to a log, to a listener and to any number of iterators. */
export class EventHub {
  readonly #identity: Hex;
  readonly #listeners: readonly ((event: WorkerEvent) => void)[];
  readonly #history: WorkerEvent[] = [];
  #count = 0;
  #isEnded = false;
  #wake = deferred<void>();

  constructor(
    identity: Hex,
    { onEvent, logger }: { onEvent?: (event: WorkerEvent) => void; logger?: Logger },
  ) {
    this.#identity = identity;
    this.#listeners = [
      ...(logger === undefined
        ? []
        : [(event: WorkerEvent) => logger(logLineOf(event, this.#identity))]),
      ...(onEvent === undefined ? [] : [onEvent]),
    ];
  }

  readonly emit = (event: WorkerEvent): void => {
    this.#history.push(Object.freeze(event));
    this.#count++;
    if (this.#history.length > MAX_HISTORY) this.#history.shift();
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A worker does not end because somebody who watches it fails.
      }
    }
    this.#notify();
  };

  /** No event comes after this; iterators end. */
  end(): void {
    this.#isEnded = true;
    this.#notify();
  }

  /** All events from the first that is remembered. One who is slow loses the oldest. */
  async *events(): AsyncGenerator<WorkerEvent, void, undefined> {
    let next = this.#count - this.#history.length;
    for (;;) {
      next = Math.max(next, this.#count - this.#history.length);
      const event = this.#history[next - (this.#count - this.#history.length)];
      if (event !== undefined) {
        next++;
        yield event;
      } else if (this.#isEnded) return;
      else await this.#wake.promise;
    }
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = deferred<void>();
  }
}
