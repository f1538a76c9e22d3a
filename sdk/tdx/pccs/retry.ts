import { PassingFailure } from "./errors.ts";

export interface RetryPolicy {
  readonly retries: number;
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Reads a Retry-After header (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from
 * `now`; `undefined` when it is neither.
 */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  if (!HTTP_DATE.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/**
 * Milliseconds to wait after the `failures`-th failure: twice as long each time, of which half is
 * random, so that clients that failed together do not come back together. Never less than the
 * service asked for.
 */
function delayAfter(failures: number, { retryAfter = 0 }: PassingFailure, policy: RetryPolicy) {
  const backoff = Math.min(policy.retryDelay * 2 ** (failures - 1), policy.maxRetryDelay);
  return Math.max(backoff * (0.5 + Math.random() / 2), retryAfter);
}

/**
 * Repeats what fails in a way that may pass; throws the last failure's error when the policy
 * allows no further try. `wait` is told how often it has failed and for how long to wait.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  attempt: () => Promise<T>,
  wait: (failures: number, delay: number, failure: PassingFailure) => Promise<void>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof PassingFailure)) throw failure;
      if (failures > policy.retries) throw failure.error;
      await wait(failures, delayAfter(failures, failure, policy), failure);
    }
  }
}
