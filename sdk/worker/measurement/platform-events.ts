import { type Hex, toHex } from "../../bytes.ts";
import { parseQuote } from "../../tdx/quote.ts";
import { WorkerError } from "../errors.ts";
import { type LoggedEvent, parseEventLog, RUNTIME_EVENT, replayRegister } from "./event-log.ts";

/**
 * The names of dstack's own events. They have no ":", which the digest of an event does not tell
 * apart from what follows the name: ("a", "b:c") and ("a:b", "c") measure the same.
 */
const PLATFORM_EVENTS = [
  "system-preparing",
  "app-id",
  "compose-hash",
  "init-script-hash",
  "gpu-policy-hash",
  "gpu-attestation",
  "instance-id",
  "boot-mr-done",
  "os-image-hash",
  "rootfs-hash",
  "mr-kms",
  "key-provider",
  "storage-fs",
  "system-ready",
] as const;

export type PlatformEvent = (typeof PLATFORM_EVENTS)[number];

/** From here on the application may extend RTMR3, by any name. */
const LAST_PLATFORM_EVENT: PlatformEvent = "system-ready";

const RTMRS = ["rtmr0", "rtmr1", "rtmr2", "rtmr3"] as const;

export interface ReplayedEventLog {
  /** What the OS measured about itself and its application, by name. */
  readonly platform: ReadonlyMap<PlatformEvent, Hex>;
  /** The event `compose-hash`, 32 bytes. */
  readonly composeDigest: Hex;
  /** The event `app-id`. */
  readonly appId: Hex | undefined;
  /** How many events the application added. They say nothing about the platform. */
  readonly applicationEvents: number;
}

const isPlatformEvent = (name: string): name is PlatformEvent =>
  (PLATFORM_EVENTS as readonly string[]).includes(name);

function readPlatformEvents(events: readonly LoggedEvent[]): Map<PlatformEvent, Hex> {
  const found = new Map<PlatformEvent, Hex>();
  for (const { name, payload } of events) {
    if (!isPlatformEvent(name)) continue;
    // A second one could only be there to be taken for the first.
    if (found.has(name)) {
      throw new WorkerError("EVENT_LOG_MISMATCH", {
        subject: `RTMR3, ${name}`,
        expected: "one event of this name",
        found: "two",
      });
    }
    found.set(name, toHex(payload));
  }
  return found;
}

/**
 * Replays an event log against the quote it came with: all four registers have to come out as the
 * quote has them. Only events up to `system-ready` are taken as the platform's, as the application
 * can add others of the same names later.
 *
 * The quote is not verified here: use `verify`, or the contract.
 *
 * Errors: `EVENT_LOG_MALFORMED`, `EVENT_LOG_MISMATCH`; the `QUOTE_…` codes of `parseQuote`.
 *
 * @param log The JSON text of the log, as the guest agent's GetQuote returned it.
 */
export function replayEventLog(quoteBytes: Uint8Array, log: string): ReplayedEventLog {
  const { report } = parseQuote(quoteBytes);
  const events = parseEventLog(log);
  RTMRS.forEach((register, imr) => {
    const found = toHex(replayRegister(events, imr));
    if (found === report[register]) return;
    const subject = register.toUpperCase();
    throw new WorkerError("EVENT_LOG_MISMATCH", { subject, expected: report[register], found });
  });
  const runtime = events.filter(({ imr }) => imr === 3);
  // Of any other type the digest stands in the log, and would go with a name and payload of choice.
  const other = runtime.find(({ type }) => type !== RUNTIME_EVENT);
  if (other !== undefined) {
    throw new WorkerError("EVENT_LOG_MISMATCH", {
      subject: "RTMR3",
      expected: `events of type ${RUNTIME_EVENT}`,
      found: other.type,
    });
  }
  const last = runtime.findIndex(({ name }) => name === LAST_PLATFORM_EVENT);
  if (last < 0) {
    throw new WorkerError("EVENT_LOG_MISMATCH", {
      subject: "RTMR3",
      expected: `an event "${LAST_PLATFORM_EVENT}"`,
      found: "none",
    });
  }
  const platform = readPlatformEvents(runtime.slice(0, last + 1));
  const composeDigest = platform.get("compose-hash");
  if (composeDigest?.length !== 66) {
    throw new WorkerError("EVENT_LOG_MISMATCH", {
      subject: "RTMR3, compose-hash",
      expected: "32 bytes",
      found: composeDigest ?? "no such event",
    });
  }
  return {
    platform,
    composeDigest,
    appId: platform.get("app-id"),
    applicationEvents: runtime.length - last - 1,
  };
}
