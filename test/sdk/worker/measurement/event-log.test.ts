import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseQuote } from "../../../../sdk/tdx/index.ts";
import {
  parseEventLog,
  replayEventLog,
  replayRegister,
  type WorkerErrorCode,
} from "../../../../sdk/worker/index.ts";
import { readVectorText } from "../../../support/vectors.ts";

interface Event {
  imr: number;
  event_type: number;
  digest: string;
  event: string;
  event_payload: string;
}

interface Finding {
  readonly rtmr3: string;
  readonly compose_hash_event: string;
  readonly app_id_event: string;
  readonly rtmr3_events_in_order: readonly { readonly event: string }[];
}

const manifest: { readonly findings: Readonly<Record<string, Finding>> } = JSON.parse(
  readVectorText("dstack/manifest.json"),
);

function reportOf(file: string) {
  const report: { quote: string; event_log: string } = JSON.parse(readVectorText(`dstack/${file}`));
  const quote = new Uint8Array(Buffer.from(report.quote, "hex"));
  const events: Event[] = JSON.parse(report.event_log);
  return { quote, log: report.event_log, events };
}

const text = (events: readonly Event[]) => JSON.stringify(events);

function refused(code: WorkerErrorCode, quote: Uint8Array, log: string, subject?: string) {
  assert.throws(
    () => replayEventLog(quote, log),
    (error: { code?: string; subject?: string; message: string }) => {
      assert.equal(error.code, code, error.message);
      if (subject !== undefined) assert.equal(error.subject, subject);
      return true;
    },
  );
}

/** The same quote with other registers: what a machine with this log would have quoted. */
function quoteWith(quote: Uint8Array, events: readonly Event[]): Uint8Array {
  const changed = quote.slice();
  const log = parseEventLog(text(events));
  for (let imr = 0; imr < 4; imr++) changed.set(replayRegister(log, imr), 376 + 48 * imr);
  return changed;
}

function runtimeEvent(event: string, payload: string, isStripped = true): Event {
  const digest = createHash("sha384")
    .update(Buffer.from("01000008", "hex"))
    .update(`:${event}:`)
    .update(Buffer.from(payload, "hex"))
    .digest("hex");
  return {
    imr: 3,
    event_type: 0x08000001,
    digest: isStripped ? "" : digest,
    event,
    event_payload: payload,
  };
}

describe("the event log of a dstack guest", () => {
  for (const [file, found] of Object.entries(manifest.findings)) {
    it(`of ${file} replays to all four registers of its quote`, () => {
      const { quote, log } = reportOf(file);
      const { report } = parseQuote(quote);
      const events = parseEventLog(log);
      const replayed = [0, 1, 2, 3].map((imr) =>
        Buffer.from(replayRegister(events, imr)).toString("hex"),
      );
      assert.deepEqual(
        replayed.map((digits) => `0x${digits}`),
        [report.rtmr0, report.rtmr1, report.rtmr2, report.rtmr3],
      );
      assert.equal(replayed[3], found.rtmr3);
      const { composeDigest, appId } = replayEventLog(quote, log);
      assert.equal(composeDigest, `0x${found.compose_hash_event}`);
      assert.equal(appId, `0x${found.app_id_event}`);
    });
  }

  it("recomputes the digests that the agent left out", () => {
    const { quote, events } = reportOf("tdx-lite-getquote.json");
    assert.ok(events.filter(({ imr }) => imr === 3).every(({ digest }) => digest === ""));
    assert.equal(replayEventLog(quote, text(events)).platform.size, 9);
  });

  it("takes the digests that are there for nothing either", () => {
    const { quote, events } = reportOf("quote-report.json");
    const lying = events.map((event) =>
      event.event === "compose-hash" ? { ...event, event_payload: "00".repeat(32) } : event,
    );
    // The digest beside it is still the genuine one.
    refused("EVENT_LOG_MISMATCH", quote, text(lying), "RTMR3");
  });

  it("tells what the application added from what the platform did", () => {
    const { quote, log } = reportOf("quote-report.json");
    const { platform, applicationEvents } = replayEventLog(quote, log);
    assert.equal(applicationEvents, 1);
    assert.ok(!([...platform.keys()] as string[]).includes("LIUM_MINER_HOTKEY"));
  });

  it("does not listen to an application that speaks as the platform, after system-ready", () => {
    const { quote, events } = reportOf("quote-report.json");
    const more = [...events, runtimeEvent("compose-hash", "ee".repeat(32))];
    const { composeDigest, applicationEvents } = replayEventLog(quoteWith(quote, more), text(more));
    assert.equal(applicationEvents, 2);
    assert.equal(composeDigest, `0x${manifest.findings["quote-report.json"]?.compose_hash_event}`);
  });

  it("refuses a platform event that stands twice", () => {
    const { quote, events } = reportOf("quote-report.json");
    const at = events.findIndex(({ event }) => event === "compose-hash");
    const twice = events.toSpliced(at, 0, runtimeEvent("compose-hash", "ee".repeat(32)));
    const subject = "RTMR3, compose-hash";
    refused("EVENT_LOG_MISMATCH", quoteWith(quote, twice), text(twice), subject);
  });

  it("refuses names and payloads of RTMR3 that no digest binds", () => {
    const { quote, events } = reportOf("quote-report.json");
    const forged = events.map((event) =>
      event.event === "compose-hash"
        ? { ...event, event_type: 13, event_payload: "ee".repeat(32) }
        : event,
    );
    // The registers come out as quoted, as a boot event's digest is taken as it stands.
    assert.deepEqual(quoteWith(quote, forged), quote);
    refused("EVENT_LOG_MISMATCH", quote, text(forged), "RTMR3");
  });

  it("does not take another cut between name and payload for a platform event", () => {
    const { quote, events } = reportOf("quote-report.json");
    const cut = events.map((event) => {
      if (event.event !== "key-provider") return event;
      // {"name":"kms",...}: measured the same when the name goes on to the colon in the payload.
      const payload = Buffer.from(event.event_payload, "hex").toString();
      const colon = payload.indexOf(":");
      const name = `key-provider:${payload.slice(0, colon)}`;
      return {
        ...event,
        event: name,
        event_payload: Buffer.from(payload.slice(colon + 1)).toString("hex"),
      };
    });
    assert.ok(replayEventLog(quote, text(events)).platform.has("key-provider"));
    assert.ok(!replayEventLog(quote, text(cut)).platform.has("key-provider"));
  });

  it("refuses one without the events that count", () => {
    const { quote, events } = reportOf("quote-report.json");
    for (const missing of ["system-ready", "compose-hash"]) {
      const rest = events.filter(({ event }) => event !== missing);
      refused("EVENT_LOG_MISMATCH", quoteWith(quote, rest), text(rest));
    }
    const short = events.map((event) =>
      event.event === "compose-hash" ? runtimeEvent("compose-hash", "ee".repeat(20)) : event,
    );
    refused("EVENT_LOG_MISMATCH", quoteWith(quote, short), text(short), "RTMR3, compose-hash");
  });

  it("refuses events in another order, or left out, of any register", () => {
    const { quote, events } = reportOf("rtmr3-based-report.json");
    for (let imr = 0; imr < 4; imr++) {
      const at = events.findIndex((event) => event.imr === imr);
      refused("EVENT_LOG_MISMATCH", quote, text(events.toSpliced(at, 1)), `RTMR${imr}`);
    }
    refused("EVENT_LOG_MISMATCH", quote, text(events.toReversed()));
  });

  describe("that is malformed", () => {
    const { quote, events } = reportOf("quote-report.json");
    const [first = assert.fail()] = events;
    const logs = {
      "no JSON": "events",
      "no list": "{}",
      "more than its list": `${text(events)},"more":1`,
      "an event without a register": text([{ ...first, imr: undefined as never }]),
      "a register that there is not": text([{ ...first, imr: 4 }]),
      "a digest of another length": text([{ ...first, digest: "00".repeat(32) }]),
      "a boot event without its digest": text([{ ...first, digest: "" }]),
      "a payload that is no hex": text([{ ...first, event_payload: "xy" }]),
      "a member that stands twice": `[{"imr":0,"imr":3,"event_type":1,"digest":"","event":"","event_payload":""}]`,
      "too many events": text(Array.from({ length: 4097 }, () => first)),
      "too many characters": `[${" ".repeat(4_200_000)}]`,
    };
    for (const [name, log] of Object.entries(logs)) {
      it(name, () => {
        refused("EVENT_LOG_MALFORMED", quote, log);
      });
    }
  });
});
