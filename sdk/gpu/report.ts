import { type Hex, readU16, toHex } from "../bytes.ts";
import { GpuError } from "./errors.ts";
import { type OpaqueData, readOpaqueData } from "./opaque-data.ts";

/** The largest report that is looked at: the size of the driver's own buffer. */
export const MAX_REPORT_LENGTH = 8_192;
export const NONCE_LENGTH = 32;
const REQUEST_LENGTH = 37;
const RESPONSE_HEADER_LENGTH = 8;
const BLOCK_LENGTH = 55;
const MAX_BLOCKS = 64;
const SIGNATURE_LENGTH = 96;

const SPDM_1_1 = 0x11;
const GET_MEASUREMENTS = 0xe0;
const MEASUREMENTS = 0x60;
const WITH_SIGNATURE = 0x01;
const ALL_MEASUREMENTS = 0xff;

/** One measurement: a SHA-384 value. Golden measurements count from 0, blocks from 1. */
export interface Measurement {
  readonly value: Hex;
  /** Bytes. */
  readonly size: number;
}

/**
 * A parsed report of a GPU or an NVSwitch. Byte fields are views of a copy of the input.
 *
 * What verifies a report takes its bytes and parses them again: whatever a caller does to these
 * fields, or puts together in their form, changes no verdict.
 */
export class GpuReport {
  readonly #bytes: Uint8Array;

  /** 32 bytes: what the caller asked with. The only field that says for whom the report is. */
  declare readonly nonce: Hex;
  /** 32 bytes that the device made up; they are signed and mean nothing else. */
  declare readonly responderNonce: Hex;
  declare readonly slot: number;
  /** By golden index: that of the block less one. */
  declare readonly measurements: ReadonlyMap<number, Measurement>;
  declare readonly opaque: OpaqueData;
  /** Request and response without the signature: what the leaf certificate's key signs. */
  declare readonly signedRegion: Uint8Array;
  /** r || s, 96 bytes. Malleable: never identify a report by it. */
  declare readonly signature: Uint8Array;
  /** Zero bytes after the signature, which nothing signs. */
  declare readonly trailingLength: number;

  constructor(
    fields: { readonly [Field in keyof GpuReport]: GpuReport[Field] },
    bytes: Uint8Array,
  ) {
    this.#bytes = bytes;
    Object.assign(this, fields);
    Object.freeze(this);
  }

  /** The bytes that were parsed; `undefined` for anything but a parsed report. */
  static bytesOf(value: unknown): Uint8Array | undefined {
    return typeof value === "object" && value !== null && #bytes in value
      ? value.#bytes
      : undefined;
  }
}

/** A private copy of the input. Errors: `REPORT_NOT_BYTES`, `REPORT_TOO_LARGE`. */
function copyBytes(input: unknown): Uint8Array {
  const bytes = GpuReport.bytesOf(input) ?? input;
  let length: number | undefined;
  try {
    if (bytes instanceof Uint8Array) {
      length = bytes.length;
      if (length <= MAX_REPORT_LENGTH) return new Uint8Array(bytes);
    }
  } catch {
    // Something that only looks like bytes, such as a Proxy.
    length = undefined;
  }
  if (length !== undefined) {
    const expected = `at most ${MAX_REPORT_LENGTH} bytes`;
    throw new GpuError("REPORT_TOO_LARGE", { expected, found: `${length} bytes` });
  }
  const found = bytes === null ? "null" : typeof bytes;
  throw new GpuError("REPORT_NOT_BYTES", { expected: "a Uint8Array or a parsed report", found });
}

function checkRequest(request: Uint8Array): void {
  const [version, code, signed, operation] = request;
  if (
    version !== SPDM_1_1 ||
    code !== GET_MEASUREMENTS ||
    signed !== WITH_SIGNATURE ||
    operation !== ALL_MEASUREMENTS
  ) {
    throw new GpuError("REPORT_REQUEST_UNSUPPORTED", {
      expected: "0x11e001ff",
      found: toHex(request.subarray(0, 4)),
    });
  }
}

/** Checks the response's header and returns how many blocks follow. */
function readBlockCount(header: Uint8Array): number {
  const [version, code, , , count = 0, low = 0, middle = 0, high = 0] = header;
  if (version !== SPDM_1_1 || code !== MEASUREMENTS) {
    throw new GpuError("REPORT_RESPONSE_UNSUPPORTED", {
      expected: "0x1160",
      found: toHex(header.subarray(0, 2)),
    });
  }
  const length = low | (middle << 8) | (high << 16);
  if (count < 1 || count > MAX_BLOCKS || length !== count * BLOCK_LENGTH) {
    throw new GpuError("REPORT_MEASUREMENTS_MALFORMED", {
      subject: "measurement record",
      expected: `1 to ${MAX_BLOCKS} blocks of ${BLOCK_LENGTH} bytes`,
      found: `${count} blocks in ${length} bytes`,
    });
  }
  return count;
}

/** Each block: index u8, then 01 33 00 01 30 00 (DMTF, a digest of 48 bytes), then the digest. */
function readMeasurements(record: Uint8Array): ReadonlyMap<number, Measurement> {
  const measurements = new Map<number, Measurement>();
  let last = 0;
  for (let offset = 0; offset < record.length; offset += BLOCK_LENGTH) {
    const block = record.subarray(offset, offset + BLOCK_LENGTH);
    const [index = 0, specification, , , type] = block;
    const isFitting =
      index > last &&
      index <= MAX_BLOCKS &&
      specification === 1 &&
      readU16(block, 2) === BLOCK_LENGTH - 4 &&
      type === 1 &&
      readU16(block, 5) === BLOCK_LENGTH - 7;
    if (!isFitting) {
      throw new GpuError("REPORT_MEASUREMENTS_MALFORMED", {
        subject: `block at byte ${offset} of the record`,
        expected: `an index above ${last} and 01 33 00 01 30 00`,
        found: toHex(block.subarray(0, 7)),
      });
    }
    last = index;
    const value = block.subarray(7);
    measurements.set(index - 1, Object.freeze({ value: toHex(value), size: value.length }));
  }
  return measurements;
}

/**
 * Parses the report of a Hopper or Blackwell GPU or of an LS10 NVSwitch: an SPDM 1.1
 * GET_MEASUREMENTS request and the MEASUREMENTS response to it (DMTF DSP0274 1.1, 10.11). Nothing
 * is verified yet. Integers are little-endian; n is the number of blocks, m the length of the
 * opaque data.
 *
 * | offset        | length | field                                             |
 * | ------------: | -----: | ------------------------------------------------- |
 * |             0 |      4 | request header: 11 e0 01 ff                       |
 * |             4 |     32 | nonce of the request                              |
 * |            36 |      1 | slot                                              |
 * |            37 |      4 | response header: 11 60, two parameters            |
 * |            41 |      1 | n, 64 of a GPU, 31 of an NVSwitch                 |
 * |            42 |      3 | length of the measurement record: 55 n            |
 * |            45 |   55 n | measurement record                                |
 * |     45 + 55 n |     32 | nonce of the response                             |
 * |     77 + 55 n |      2 | m                                                 |
 * |     79 + 55 n |      m | opaque data                                       |
 * | 79 + 55 n + m |     96 | signature r \|\| s over all that stands before it |
 *
 * What follows may be zero bytes only. Errors: the `REPORT_…` codes of `docs/errors.md`.
 */
export function parseReport(input: Uint8Array | GpuReport): GpuReport {
  const bytes = copyBytes(input);
  let offset = 0;
  const take = (length: number, subject: string): Uint8Array => {
    if (offset + length > bytes.length) {
      throw new GpuError("REPORT_TRUNCATED", {
        subject,
        expected: `${length} bytes`,
        found: `${bytes.length - offset} bytes`,
      });
    }
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const request = take(REQUEST_LENGTH, "request");
  checkRequest(request);
  const count = readBlockCount(take(RESPONSE_HEADER_LENGTH, "response"));
  const measurements = readMeasurements(take(count * BLOCK_LENGTH, "measurement record"));
  const responderNonce = take(NONCE_LENGTH, "nonce of the response");
  const opaqueLength = readU16(take(2, "length of the opaque data"), 0);
  const opaque = readOpaqueData(take(opaqueLength, "opaque data"));
  const signedRegion = bytes.subarray(0, offset);
  const signature = take(SIGNATURE_LENGTH, "signature");
  const trailing = bytes.subarray(offset);
  const stray = trailing.findIndex((byte) => byte !== 0);
  if (stray !== -1) {
    throw new GpuError("REPORT_TRAILING_DATA", {
      expected: "zeros",
      found: `byte 0x${(trailing[stray] ?? 0).toString(16)} at ${offset + stray}`,
    });
  }
  const fields = {
    nonce: toHex(request.subarray(4, 4 + NONCE_LENGTH)),
    responderNonce: toHex(responderNonce),
    slot: request[36] ?? 0,
    measurements,
    opaque,
    signedRegion,
    signature,
    trailingLength: trailing.length,
  };
  // A copy of its own: whoever writes into a field changes no verdict.
  return new GpuReport(fields, new Uint8Array(bytes));
}
