import type { Registration } from "./events.ts";
import type { WorkerRecord } from "./registry-state.ts";

export interface RenewalOptions {
  /** Seconds before its end at which a registration is renewed. Default: a third of its life, at most 6 hours. */
  readonly margin?: number;
  /** Seconds, of which a random part comes earlier still. Default: a tenth of its life, at most an hour. */
  readonly jitter?: number;
}

const HOUR = 3600;

/** A record as its worker sees it, with the end that the program's maximum age sets. */
export function toRegistration(record: WorkerRecord, maxAge: number): Registration {
  const { challengeBlock, approvalId, platformId, attestedAt, expiresAt } = record;
  const validUntil = Math.min(expiresAt, attestedAt + maxAge);
  return { challengeBlock, approvalId, platformId, attestedAt, expiresAt, validUntil };
}

/**
 * When to attest again, in Unix seconds of the chain: before the end, by a margin and a random bit
 * more, so that workers that booted together do not come back together. Never in the first half of a
 * registration's life, whatever the options say.
 */
export function renewalTime(
  { attestedAt, validUntil }: Registration,
  options: RenewalOptions,
  random: () => number,
): number {
  const life = Math.max(0, validUntil - attestedAt);
  const margin = options.margin ?? Math.min(life / 3, 6 * HOUR);
  const jitter = options.jitter ?? Math.min(life / 10, HOUR);
  const wanted = validUntil - margin - jitter * random();
  return Math.ceil(Math.max(wanted, attestedAt + life / 2));
}
