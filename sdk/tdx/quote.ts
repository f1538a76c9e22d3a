import { equalBytes, fromHex, type Hex, readU16, readU32, toHex } from "../bytes.ts";
import { ENCLAVE_REPORT_LENGTH, type EnclaveReport, readEnclaveReport } from "./enclave-report.ts";
import { TdxError } from "./errors.ts";
import { readTdReport, TD10_LENGTH, TD15_LENGTH, type TdReport } from "./td-report.ts";

/** The largest input that is looked at. Real quotes have 5 KB; some agents pad them to 8,000. */
export const MAX_QUOTE_LENGTH = 65_536;

const HEADER_LENGTH = 48;
const TEE_SGX = 0x00;
const TEE_TDX = 0x81;
const ECDSA_P256 = 2;
const INTEL_QE_VENDOR = fromHex("939a7233f79c4ca9940a0db3957f0607") as Uint8Array;
const BODY_TD10 = 2;
const BODY_TD15 = 3;
const QE_REPORT_CERTIFICATION_DATA = 6;

/** The type of inner certification data that is the PCK chain itself, as PEM. */
export const PCK_CHAIN_CERTIFICATION_DATA = 5;

export interface QuoteHeader {
  readonly version: 4 | 5;
  readonly attestationKeyType: number;
  readonly teeType: number;
  readonly qeVendorId: Hex;
  /** 20 bytes; the first 16 are the quoting enclave's id for the platform. */
  readonly userData: Hex;
}

/**
 * A parsed quote. Byte fields are views of one private copy of the input.
 *
 * What verifies a quote takes its bytes and parses them again: whatever a caller does to these
 * fields, or puts together in their form, changes no verdict.
 */
export class Quote {
  readonly #bytes: Uint8Array;

  declare readonly header: QuoteHeader;
  declare readonly bodyType: "TD10" | "TD15";
  declare readonly report: TdReport;
  /** 16 bytes: the SVNs of the TDX module when the TD was started. */
  declare readonly teeTcbSvn: Uint8Array;
  /** 16 bytes, TD 1.5 only: the SVNs of the TDX module now. */
  declare readonly teeTcbSvn2: Uint8Array | undefined;
  /** Header, body descriptor (version 5) and body: what the attestation key signs. */
  declare readonly signedRegion: Uint8Array;
  /** r || s, 64 bytes. Malleable: never identify a quote by it. */
  declare readonly signature: Uint8Array;
  /** x || y, 64 bytes. */
  declare readonly attestationKey: Uint8Array;
  declare readonly qeReport: EnclaveReport;
  /** r || s, 64 bytes. */
  declare readonly qeReportSignature: Uint8Array;
  declare readonly qeAuthData: Uint8Array;
  declare readonly certificationData: { readonly type: number; readonly data: Uint8Array };
  /** Bytes after the declared end, which nothing signs. Intel ignores them, and so do we. */
  declare readonly trailingLength: number;

  constructor(fields: { readonly [Field in keyof Quote]: Quote[Field] }, bytes: Uint8Array) {
    this.#bytes = bytes;
    Object.assign(this, fields);
    Object.freeze(this);
  }

  /** The bytes that were parsed; `undefined` for anything but a parsed quote. */
  static bytesOf(value: unknown): Uint8Array | undefined {
    return typeof value === "object" && value !== null && #bytes in value
      ? value.#bytes
      : undefined;
  }
}

class Cursor {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  take(length: number, subject: string): Uint8Array {
    if (length > this.left) {
      throw new TdxError("QUOTE_TRUNCATED", {
        subject,
        expected: `${length} bytes`,
        found: `${this.left} bytes`,
      });
    }
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  u16(subject: string): number {
    return readU16(this.take(2, subject), 0);
  }

  u32(subject: string): number {
    return readU32(this.take(4, subject), 0);
  }
}

function readHeader(header: Uint8Array): QuoteHeader {
  const version = readU16(header, 0);
  const attestationKeyType = readU16(header, 2);
  const teeType = readU32(header, 4);
  if (version >= 3 && version <= 5 && teeType === TEE_SGX) {
    throw new TdxError("QUOTE_IS_SGX", {
      subject: "header.teeType",
      expected: "0x81 (TDX)",
      found: "0x0 (SGX)",
    });
  }
  if (version !== 4 && version !== 5) {
    throw new TdxError("QUOTE_VERSION_UNSUPPORTED", {
      subject: "header.version",
      expected: "4 or 5",
      found: version,
    });
  }
  if (attestationKeyType !== ECDSA_P256) {
    throw new TdxError("QUOTE_ATTESTATION_KEY_TYPE_UNSUPPORTED", {
      subject: "header.attestationKeyType",
      expected: ECDSA_P256,
      found: attestationKeyType,
    });
  }
  if (teeType !== TEE_TDX) {
    throw new TdxError("QUOTE_TEE_TYPE_UNSUPPORTED", {
      subject: "header.teeType",
      expected: "0x81 (TDX)",
      found: `0x${teeType.toString(16)}`,
    });
  }
  const vendor = header.subarray(12, 28);
  if (!equalBytes(vendor, INTEL_QE_VENDOR)) {
    throw new TdxError("QUOTE_QE_VENDOR_UNKNOWN", {
      subject: "header.qeVendorId",
      expected: toHex(INTEL_QE_VENDOR),
      found: toHex(vendor),
    });
  }
  return Object.freeze({
    version,
    attestationKeyType,
    teeType,
    qeVendorId: toHex(vendor),
    userData: toHex(header.subarray(28, 48)),
  });
}

/** The body descriptor of a version 5 quote: type (2 bytes), then size (4 bytes). */
function readBodyLength(cursor: Cursor): number {
  const type = cursor.u16("body.type");
  const size = cursor.u32("body.size");
  if (type !== BODY_TD10 && type !== BODY_TD15) {
    throw new TdxError("QUOTE_BODY_TYPE_UNSUPPORTED", {
      subject: "body.type",
      expected: "2 (TD 1.0) or 3 (TD 1.5)",
      found: type,
    });
  }
  const expected = type === BODY_TD10 ? TD10_LENGTH : TD15_LENGTH;
  if (size !== expected) {
    throw new TdxError("QUOTE_BODY_SIZE_MISMATCH", { subject: "body.size", expected, found: size });
  }
  return size;
}

function expectLength(subject: string, declared: number, found: number): void {
  if (declared !== found) {
    throw new TdxError("QUOTE_LENGTH_MISMATCH", {
      subject,
      expected: `${found} bytes`,
      found: `${declared} bytes`,
    });
  }
}

function unsupportedCertificationData(subject: string, expected: string, found: number): TdxError {
  return new TdxError("QUOTE_CERTIFICATION_DATA_UNSUPPORTED", { subject, expected, found });
}

/** A private copy of the input. Errors: `QUOTE_NOT_BYTES`, `QUOTE_TOO_LARGE`. */
function copyBytes(input: unknown): Uint8Array {
  const bytes = Quote.bytesOf(input) ?? input;
  let found: string = bytes === null ? "null" : typeof bytes;
  try {
    if (bytes instanceof Uint8Array) {
      if (bytes.length <= MAX_QUOTE_LENGTH) return new Uint8Array(bytes);
      found = `${bytes.length} bytes`;
    }
  } catch {
    // Something that only looks like bytes, such as a Proxy.
  }
  if (found.endsWith(" bytes")) {
    throw new TdxError("QUOTE_TOO_LARGE", { expected: `at most ${MAX_QUOTE_LENGTH} bytes`, found });
  }
  throw new TdxError("QUOTE_NOT_BYTES", { expected: "a Uint8Array or a parsed quote", found });
}

/**
 * Parses a TDX quote, version 4 or 5 (Intel TDX DCAP Quoting Library API, appendix A.3 and A.4),
 * with Intel's format checks (QVL `Quote::parse` and `Quote::validate`). Nothing is verified yet.
 *
 * All integers are little-endian. After the signed region come, at offset A = 4 bytes further on:
 *
 * | offset  | length | field                                                    |
 * | ------: | -----: | -------------------------------------------------------- |
 * |   A - 4 |      4 | length of all that follows                               |
 * |       A |     64 | quote signature, r \|\| s                                |
 * |  A + 64 |     64 | attestation key, x \|\| y                                |
 * | A + 128 |      2 | certification data type: 6                               |
 * | A + 130 |      4 | its length; it holds all that follows                    |
 * | A + 134 |    384 | QE report                                                |
 * | A + 518 |     64 | QE report signature, r \|\| s                            |
 * | A + 582 |      2 | length n of the QE authentication data                   |
 * | A + 584 |      n | QE authentication data                                   |
 * | + n     |      2 | inner certification data type: 1 to 5; 5 is a PEM chain  |
 * | + n + 2 |      4 | its length                                               |
 * | + n + 6 |        | PCK certificate, PCK CA, root                            |
 *
 * Errors: the `QUOTE_…` codes of the first section of `docs/errors.md`.
 */
export function parseQuote(input: Uint8Array | Quote): Quote {
  const cursor = new Cursor(copyBytes(input));
  const header = readHeader(cursor.take(HEADER_LENGTH, "header"));
  const bodyLength = header.version === 4 ? TD10_LENGTH : readBodyLength(cursor);
  const body = cursor.take(bodyLength, "body");
  const signedRegion = cursor.bytes.subarray(0, cursor.offset);

  const authLength = cursor.u32("authData.length");
  const auth = new Cursor(cursor.take(authLength, "authData"));
  const signature = auth.take(64, "authData.signature");
  const attestationKey = auth.take(64, "authData.attestationKey");
  const outerType = auth.u16("certificationData.type");
  const outerLength = auth.u32("certificationData.length");
  expectLength("certificationData.length", outerLength, auth.left);
  if (outerType !== QE_REPORT_CERTIFICATION_DATA) {
    throw unsupportedCertificationData("certificationData.type", "6", outerType);
  }
  const qeReport = auth.take(ENCLAVE_REPORT_LENGTH, "qeReport");
  const qeReportSignature = auth.take(64, "qeReport.signature");
  const qeAuthData = auth.take(auth.u16("qeAuthData.length"), "qeAuthData");
  const type = auth.u16("qeCertificationData.type");
  const length = auth.u32("qeCertificationData.length");
  expectLength("qeCertificationData.length", length, auth.left);
  if (type < 1 || type > PCK_CHAIN_CERTIFICATION_DATA) {
    throw unsupportedCertificationData("qeCertificationData.type", "1 to 5", type);
  }
  const data = auth.take(length, "qeCertificationData");

  const fields = {
    header,
    bodyType: bodyLength === TD10_LENGTH ? ("TD10" as const) : ("TD15" as const),
    report: readTdReport(body),
    teeTcbSvn: body.subarray(0, 16),
    teeTcbSvn2:
      bodyLength === TD15_LENGTH ? body.subarray(TD10_LENGTH, TD10_LENGTH + 16) : undefined,
    signedRegion,
    signature,
    attestationKey,
    qeReport: Object.freeze(readEnclaveReport(qeReport)),
    qeReportSignature,
    qeAuthData,
    certificationData: Object.freeze({ type, data }),
    trailingLength: cursor.left,
  };
  return new Quote(fields, cursor.bytes);
}
