import { sha384 } from "@noble/hashes/sha2.js";
import { concatBytes, fromHex, toUtf8 } from "../../bytes.ts";
import {
  asArray,
  asObject,
  asString,
  asUnsigned,
  JsonError,
  parseStrictJsonValue,
} from "../../json.ts";
import { WorkerError } from "../errors.ts";

/** One measurement, in the order in which it was made. */
export interface LoggedEvent {
  /** 0 to 3: RTMR0 to RTMR3. */
  readonly imr: number;
  readonly type: number;
  /** Empty where the guest agent left it out. */
  readonly digest: Uint8Array;
  /** Empty for events of the boot firmware. */
  readonly name: string;
  readonly payload: Uint8Array;
}

/** Type of the events that dstack and its applications make at run time. */
export const RUNTIME_EVENT = 0x08000001;
const REGISTER_LENGTH = 48;
const MAX_EVENTS = 4096;
const MAX_LOG = 4 * 1024 * 1024;

const malformed = (subject: string, expected: string, found: string | number) =>
  new WorkerError("EVENT_LOG_MALFORMED", { subject, expected, found });

function readHex(value: unknown, subject: string): Uint8Array {
  const bytes = fromHex(asString(value, subject));
  if (bytes === undefined) throw malformed(subject, "hex", "other text");
  return bytes;
}

function readEvent(value: unknown, index: number): LoggedEvent {
  const subject = `event ${index}`;
  const event = asObject(value, subject);
  const digest = readHex(event.digest, `${subject}.digest`);
  const type = asUnsigned(event.event_type, `${subject}.event_type`);
  if (digest.length !== REGISTER_LENGTH && !(digest.length === 0 && type === RUNTIME_EVENT)) {
    throw malformed(`${subject}.digest`, `${REGISTER_LENGTH} bytes`, `${digest.length} bytes`);
  }
  return {
    imr: asUnsigned(event.imr, `${subject}.imr`, 3),
    type,
    digest,
    name: asString(event.event, `${subject}.event`),
    payload: readHex(event.event_payload, `${subject}.event_payload`),
  };
}

/**
 * Reads the event log of dstack's guest agent: the JSON text that GetQuote returns.
 *
 * Errors: `EVENT_LOG_MALFORMED`.
 */
export function parseEventLog(text: string): readonly LoggedEvent[] {
  if (text.length > MAX_LOG) {
    throw malformed("event log", `at most ${MAX_LOG} characters`, text.length);
  }
  try {
    const events = asArray(parseStrictJsonValue(text), "event log");
    if (events.length > MAX_EVENTS) {
      throw malformed("event log", `at most ${MAX_EVENTS} events`, events.length);
    }
    return events.map(readEvent);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed("event log", "JSON of the guest agent", error.message);
  }
}

/**
 * What an event extends its register by. For run-time events it is computed from name and payload,
 * as SHA-384(type, little-endian || ":" || name || ":" || payload), whatever the log says: a digest
 * beside a payload that it is not of would let the log tell a tale. Boot events have theirs as it
 * stands; nothing binds their payload.
 */
function measuredDigest(event: LoggedEvent): Uint8Array {
  if (event.type !== RUNTIME_EVENT) return event.digest;
  const type = new Uint8Array(4);
  new DataView(type.buffer).setUint32(0, event.type, true);
  const colon = Uint8Array.of(0x3a);
  return sha384(concatBytes(type, colon, toUtf8(event.name), colon, event.payload));
}

/** The value of one register after the whole log: each event in order, over what was before. */
export function replayRegister(events: readonly LoggedEvent[], imr: number): Uint8Array {
  let register: Uint8Array = new Uint8Array(REGISTER_LENGTH);
  for (const event of events) {
    if (event.imr !== imr) continue;
    register = sha384(concatBytes(register, measuredDigest(event)));
  }
  return register;
}
