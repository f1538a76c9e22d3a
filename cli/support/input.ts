import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { InvalidArgumentError } from "commander";
import { JsonError, parseStrictJson } from "../../sdk/json.ts";
import { MAX_QUOTE_LENGTH, type Policy, parsePolicy } from "../../sdk/tdx/index.ts";
import { CliError } from "./errors.ts";

const MAX_JSON_FILE = 16 * 1024 * 1024;
/** A quote's header alone has 48 bytes; less cannot be a quote, not even a damaged one. */
const MIN_QUOTE_LENGTH = 48;

/** Reads a whole file of at most `limit` bytes; `-` is standard input. */
export async function readInput(path: string, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const stream: AsyncIterable<Uint8Array> = path === "-" ? process.stdin : createReadStream(path);
    for await (const chunk of stream) {
      length += chunk.length;
      if (length > limit) {
        const expected = `at most ${limit} bytes`;
        throw new CliError("FILE_TOO_LARGE", { subject: path, expected });
      }
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const found = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CliError("FILE_UNREADABLE", { subject: path, found, cause });
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
}

/** Decodes text that is hex (with or without 0x) or base64 (either alphabet, padded or not). */
function decodeText(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, "");
  if (/^[0-9a-fA-F]+$/.test(digits)) {
    return digits.length % 2 === 0 ? new Uint8Array(Buffer.from(digits, "hex")) : undefined;
  }
  const [, body = ""] = /^([0-9A-Za-z+/_-]+)={0,2}$/.exec(text) ?? [];
  if (body === "" || body.length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(body, "base64"));
}

/** Decodes a quote that may be binary, hex or base64. */
function decodeQuote(bytes: Uint8Array, subject: string): Uint8Array {
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const content = isMarked ? bytes.subarray(3) : bytes;
  const isTextual = isText(content);
  const text = isTextual ? Buffer.from(content).toString("latin1").replace(/\s+/g, "") : "";
  const decoded = isTextual ? decodeText(text) : bytes;
  if (decoded === undefined || decoded.length < MIN_QUOTE_LENGTH) {
    const found = text === "" && isTextual ? "nothing" : isTextual ? "other text" : undefined;
    throw new CliError("INPUT_NOT_A_QUOTE", {
      subject,
      expected: `a quote in binary, hex or base64, of at least ${MIN_QUOTE_LENGTH} bytes`,
      found: decoded === undefined ? (found ?? "other bytes") : `${decoded.length} bytes`,
    });
  }
  return decoded;
}

export async function readQuote(path: string): Promise<Uint8Array> {
  // Hex doubles the length; line breaks and padding of agents add to it.
  return decodeQuote(await readInput(path, 4 * MAX_QUOTE_LENGTH), path);
}

/** The file's bytes as they are. Errors: `FILE_UNREADABLE`, `FILE_TOO_LARGE`. */
export async function readLimited(path: string, limit: number): Promise<Uint8Array> {
  return readInput(path, limit);
}

export async function readText(path: string): Promise<string> {
  const bytes = await readInput(path, MAX_JSON_FILE);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CliError("INPUT_NOT_JSON", {
      subject: path,
      found: "bytes that are not UTF-8",
      cause,
    });
  }
}

export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError("INPUT_NOT_JSON", { subject: path, cause });
  }
}

/** Reads a policy. A member that stands twice is refused: the demand that loses demands nothing. */
export async function readPolicy(path: string): Promise<Policy> {
  return readStrictJson(path, parsePolicy);
}

/** Reads JSON whose members stand once, and gives it to `read`. Errors: `INPUT_NOT_JSON`. */
export async function readStrictJson<Result>(
  path: string,
  read: (value: unknown) => Result,
): Promise<Result> {
  const text = await readText(path);
  try {
    return read(parseStrictJson(text));
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CliError("INPUT_NOT_JSON", { subject: path, found: cause.message, cause });
  }
}

/** Narrows what a JSON file holds to an object. Errors: `INPUT_NOT_JSON`. */
export function asJsonObject(value: unknown, subject: string): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  const found = Array.isArray(value) ? "a list" : value === null ? "null" : typeof value;
  throw new CliError("INPUT_NOT_JSON", { subject, expected: "a JSON object", found });
}

/** The file as it stands: PEM or DER. */
export async function readRoot(path: string): Promise<Uint8Array> {
  return readInput(path, 64 * 1024);
}

/** A time of the command line, in Unix seconds: ISO 8601, or seconds since 1970. */
export function parseTime(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  const isIso = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/.test(text);
  const milliseconds = isIso ? Date.parse(text.replace(" ", "T")) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const isReal = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
  if (Number.isNaN(milliseconds) || !isReal) throw new CliError("TIME_UNREADABLE", { found: text });
  return Math.floor(milliseconds / 1000);
}

/** A whole number of the command line. */
export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return Number(text);
}

/** A time limit of the command line, in whole seconds. */
export function parseTimeLimit(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError("It is a whole number of seconds, 1 to 3600.");
}

/** The project's own root folder, from the sources or from the built package. */
export async function packageFile(relative: string): Promise<Uint8Array> {
  for (const up of ["../..", "../../.."]) {
    const url = new URL(`${up}/${relative}`, import.meta.url);
    try {
      return new Uint8Array(await readFile(url));
    } catch {
      // The built package lies one folder deeper.
    }
  }
  throw new CliError("FILE_UNREADABLE", { subject: relative, found: "not in this package" });
}
