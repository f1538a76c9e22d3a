import type { Registration } from "./events.ts";
import type { Context } from "./prepare.ts";
import { readChainTime, readStatus } from "./registry-state.ts";
import { renewalTime } from "./renewal.ts";
import { abortable } from "./timing.ts";

/** Statuses that attesting again does not change; somebody else has to act. */
const NOT_BY_ATTESTING = new Set(["VALID", "GPU_REQUIRED"]);

/** Tells a sleeping schedule that somebody wants a renewal now. */
export class Alarm {
  #controller = new AbortController();

  ring(): void {
    this.#controller.abort();
  }

  /** A signal that also aborts when the alarm rings. */
  signalWith(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#controller.signal]);
  }

  /** Whether it has rung since the last time it was asked. */
  take(): boolean {
    const hasRung = this.#controller.signal.aborted;
    if (hasRung) this.#controller = new AbortController();
    return hasRung;
  }
}

/** Waits, but not on when the alarm rings. Rejects when the worker is stopped. */
export async function sleepUnlessRung(
  { settings, signal }: Context,
  alarm: Alarm,
  milliseconds: number,
): Promise<void> {
  try {
    await settings.timing.sleep(milliseconds, alarm.signalWith(signal));
  } catch (error) {
    signal.throwIfAborted();
    if (!alarm.signalWith(signal).aborted) throw error;
  }
}

/** The chain's time and status; what cannot be asked now is asked at the next look. */
async function look({ settings, identity, signal }: Context) {
  const { client, registry, programId } = settings;
  const name = { registry, programId, identity: identity.address };
  try {
    const asked = Promise.all([readChainTime(client), readStatus(client, name)]);
    return await abortable(asked, signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/**
 * Waits until a registration is to be renewed, and says why: it is due, somebody asked, or the
 * registry does not take the worker for valid any more.
 */
export async function waitForRenewal(
  context: Context,
  alarm: Alarm,
  registration: Registration,
): Promise<string> {
  const { settings, emit } = context;
  const { timing, limits, renewal } = settings;
  const at = renewalTime(registration, renewal, timing.random);
  emit({ name: "renewal-scheduled", at, validUntil: registration.validUntil });
  // Where no blocks are made, the time that was slept goes on instead of the chain's.
  let now = registration.attestedAt;
  for (;;) {
    if (alarm.take()) return "asked for";
    const [time, status] = (await look(context)) ?? [now, "VALID"];
    now = Math.max(now, time);
    if (!NOT_BY_ATTESTING.has(status)) return status;
    if (now >= at) return "due";
    const wait = Math.min((at - now) * 1000, limits.check);
    await sleepUnlessRung(context, alarm, wait);
    now += wait / 1000;
  }
}
