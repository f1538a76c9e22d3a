import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { MAX_QUOTE_LENGTH } from "../../sdk/tdx/index.ts";
import { CliError } from "./errors.ts";

const MAX_JSON_FILE = 16 * 1024 * 1024;
/** A quote's header alone has 48 bytes; less cannot be a quote, not even a damaged one. */
const MIN_QUOTE_LENGTH = 48;

/** Reads a whole file of at most `limit` bytes; `-` is standard input. */
async function readInput(path: string, limit: number): Promise<Uint8Array> {
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

/** Decodes a quote that may be binary, hex (with or without 0x) or base64 (either alphabet). */
function decodeQuote(bytes: Uint8Array, subject: string): Uint8Array {
  const notAQuote = (found: string) => new CliError("INPUT_NOT_A_QUOTE", { subject, found });
  let decoded = bytes;
  if (isText(bytes)) {
    const text = Buffer.from(bytes).toString("latin1").replace(/\s+/g, "");
    if (/^(0x)?([0-9a-fA-F]{2})+$/.test(text)) {
      decoded = new Uint8Array(Buffer.from(text.replace(/^0x/, ""), "hex"));
    } else if (/^[0-9A-Za-z+/_-]+={0,2}$/.test(text)) {
      decoded = new Uint8Array(Buffer.from(text, "base64"));
    } else {
      throw notAQuote(bytes.length === 0 ? "nothing" : "other text");
    }
  }
  if (decoded.length < MIN_QUOTE_LENGTH) throw notAQuote(`${decoded.length} bytes`);
  return decoded;
}

export async function readQuote(path: string): Promise<Uint8Array> {
  // Hex doubles the length; line breaks and padding of agents add to it.
  return decodeQuote(await readInput(path, 4 * MAX_QUOTE_LENGTH), path);
}

export async function readJson(path: string): Promise<unknown> {
  const bytes = await readInput(path, MAX_JSON_FILE);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CliError("INPUT_NOT_JSON", { subject: path, cause });
  }
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
  if (Number.isNaN(milliseconds)) throw new CliError("TIME_UNREADABLE", { found: text });
  return Math.floor(milliseconds / 1000);
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
