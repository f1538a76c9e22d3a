import { decodeBase64 } from "../base64.ts";
import { fromHex, toUtf8 } from "../bytes.ts";
import { asArray, asObject, asString, JsonError, parseStrictJsonValue } from "../json.ts";
import { type Architecture, architectures } from "./architecture.ts";
import { GpuError } from "./errors.ts";

/** The evidence of one device, as its driver gives it. */
export interface GpuEvidence {
  /** What was said of the device; checked against its certificates. */
  readonly architecture?: Architecture;
  readonly report: Uint8Array;
  /** PEM: leaf, identity, provisioner, family, root. */
  readonly chain: Uint8Array | string;
}

/** The largest JSON that is looked at: 8 GPUs with 4 NVSwitches take 138 KB. */
export const MAX_EVIDENCE_LENGTH = 1_048_576;
/** The most devices of one machine. */
export const MAX_DEVICES = 64;

function malformed(found: string): JsonError {
  return new JsonError(found);
}

function base64(text: string, name: string): Uint8Array {
  const bytes = toUtf8(text);
  return decodeBase64(bytes, 0, bytes.length, (found) => malformed(`${name}: ${found}`));
}

/** Base64, or hex as in older files: an even number of hex digits is read as hex. */
function reportOf(text: string, name: string): Uint8Array {
  return fromHex(text) ?? base64(text, name);
}

/** PEM in base64, or PEM as it is. */
function chainOf(text: string, name: string): Uint8Array {
  return text.startsWith("-----BEGIN") ? toUtf8(text) : base64(text, name);
}

function architectureOf(value: unknown, name: string): Architecture {
  const found = asString(value, name).toUpperCase();
  const known = architectures.find((one) => one === found);
  if (known === undefined) throw malformed(`${name} is none of ${architectures.join(", ")}`);
  return known;
}

function readOne(value: unknown, index: number): GpuEvidence {
  const name = `evidence ${index}`;
  const entry = asObject(value, name);
  return Object.freeze({
    architecture: architectureOf(entry.arch, `${name}: arch`),
    report: reportOf(asString(entry.evidence, `${name}: evidence`), `${name}: evidence`),
    chain: chainOf(asString(entry.certificate, `${name}: certificate`), `${name}: certificate`),
  });
}

/** A list, an object with `evidence_list` as a request to NRAS is, or one entry alone. */
function entriesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const object = asObject(value, "the top");
  if (!("evidence_list" in object)) return [object];
  const { arch } = object;
  return asArray(object.evidence_list, "evidence_list").map((entry, index) => {
    const own = asObject(entry, `evidence ${index}`);
    return "arch" in own ? own : { ...own, arch };
  });
}

/**
 * Reads evidence in the JSON of NVIDIA's tools: `{"arch", "evidence", "certificate"}` each, in a
 * list or alone. `nonce` and versions in the JSON are not looked at: the report has its own, signed.
 *
 * Errors: `EVIDENCE_MALFORMED`, `EVIDENCE_TOO_LARGE`.
 */
export function parseEvidence(json: string): readonly GpuEvidence[] {
  if (typeof json !== "string") {
    throw new GpuError("EVIDENCE_MALFORMED", { expected: "JSON text", found: typeof json });
  }
  if (json.length > MAX_EVIDENCE_LENGTH) {
    throw new GpuError("EVIDENCE_TOO_LARGE", {
      expected: `at most ${MAX_EVIDENCE_LENGTH} characters`,
      found: json.length,
    });
  }
  try {
    const entries = entriesOf(parseStrictJsonValue(json));
    if (entries.length === 0 || entries.length > MAX_DEVICES) {
      throw malformed(`${entries.length} devices`);
    }
    return Object.freeze(entries.map(readOne));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new GpuError("EVIDENCE_MALFORMED", { found: error.message });
  }
}
