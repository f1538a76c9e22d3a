import { sleep } from "../tdx/pccs/cancellation.ts";

/** Waiting and chance, which tests replace. */
export interface Timing {
  /** Waits for milliseconds; rejects with the signal's reason when that aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Between 0 and 1, as `Math.random`. It spreads load, and guards nothing. */
  readonly random: () => number;
}

export const systemTiming: Timing = { sleep, random: Math.random };

/** How often something that may pass is tried again, and how long is waited in between. */
export interface RetryPolicy {
  /** All tries, the first included. */
  readonly attempts: number;
  /** Milliseconds after the first failure; each further one doubles it. */
  readonly firstDelay: number;
  /** Milliseconds that no wait exceeds. */
  readonly maxDelay: number;
}

/** Half of a doubling delay is fixed, half by chance, so that workers do not come back together. */
export function retryDelay(failures: number, policy: RetryPolicy, random: () => number): number {
  const delay = Math.min(policy.firstDelay * 2 ** (failures - 1), policy.maxDelay);
  return delay * (0.5 + random() / 2);
}

/** Waits for `work`, but no longer than until the signal aborts. `work` itself may go on. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
  }
}

/** A promise that others settle. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export function deferred<T>(): Deferred<T> {
  let resolve: ((value: T) => void) | undefined;
  let reject: ((reason: unknown) => void) | undefined;
  const promise = new Promise<T>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  if (resolve === undefined || reject === undefined) throw new Error("no executor was run");
  return { promise, resolve, reject };
}
