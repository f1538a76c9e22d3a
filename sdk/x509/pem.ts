import { X509Error } from "./error.ts";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";
const HYPHEN = 0x2d;

/** The largest chain that is looked at: Intel's have 3.7 KB, NVIDIA's 4.9 KB. */
export const MAX_PEM_LENGTH = 16_384;

const INVALID = 255;
const VALUES = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < 64; i++) {
  VALUES["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".charCodeAt(i)] = i;
}

function matches(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09;
}

/** The text without what may stand after the last certificate and means nothing. */
export function trimPem(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || isBlank(bytes[end - 1]))) end--;
  return bytes.subarray(0, end);
}

type Malformed = (found: string) => X509Error;

/**
 * Decodes the base64 text between the lines of one certificate: the standard alphabet, broken by
 * line ends anywhere, with padding at the end only. Every text has at most one meaning.
 */
function decodeBase64(
  bytes: Uint8Array,
  from: number,
  to: number,
  malformed: Malformed,
): Uint8Array {
  const buffer = new Uint8Array(Math.ceil(((to - from) * 3) / 4));
  let length = 0;
  let word = 0;
  let digits = 0;
  let padding = 0;
  for (let offset = from; offset < to; offset++) {
    // Four digits at once, where no line ends among them: nearly always.
    while (digits === 0 && padding === 0 && offset + 4 <= to) {
      const a = VALUES[bytes[offset] as number] as number;
      const b = VALUES[bytes[offset + 1] as number] as number;
      const c = VALUES[bytes[offset + 2] as number] as number;
      const d = VALUES[bytes[offset + 3] as number] as number;
      if ((a | b | c | d) > 63) break;
      buffer[length++] = (a << 2) | (b >> 4);
      buffer[length++] = (b << 4) | (c >> 2);
      buffer[length++] = (c << 6) | d;
      offset += 4;
    }
    if (offset === to) break;
    const byte = bytes[offset] as number;
    if (byte === 0x0a || byte === 0x0d) continue;
    if (byte === 0x3d) {
      padding++;
      continue;
    }
    const value = VALUES[byte] as number;
    if (value === INVALID || padding > 0) throw malformed(`not base64 at byte ${offset}`);
    word = (word << 6) | value;
    if (++digits === 4) {
      buffer[length++] = word >> 16;
      buffer[length++] = word >> 8;
      buffer[length++] = word;
      word = 0;
      digits = 0;
    }
  }
  // The bits that padding leaves unused must be zero, or two texts would give one certificate.
  if (digits === 2 && padding === 2 && (word & 0x0f) === 0) {
    buffer[length++] = word >> 4;
  } else if (digits === 3 && padding === 1 && (word & 0x03) === 0) {
    buffer[length++] = word >> 10;
    buffer[length++] = word >> 2;
  } else if (digits !== 0 || padding !== 0) {
    throw malformed(`base64 that does not end properly at byte ${to}`);
  }
  return buffer.slice(0, length);
}

/**
 * Decodes a chain of PEM certificates (RFC 7468) into DER, in the order of the text. Only white space is free.
 *
 * Between the certificates only white space may stand, after the last one also NUL: Intel's
 * quoting library ends the text with one. `limit` is the most certificates that a chain may have.
 * Errors: `PEM_MALFORMED`.
 */
export function decodePemChain(bytes: Uint8Array, subject: string, limit: number): Uint8Array[] {
  const malformed = (found: string) =>
    new X509Error("PEM_MALFORMED", { subject, expected: "PEM certificates", found });
  if (bytes.length > MAX_PEM_LENGTH) throw malformed(`${bytes.length} bytes`);
  const certificates: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    while (isBlank(bytes[offset])) offset++;
    if (offset >= bytes.length || bytes[offset] === 0) break;
    if (!matches(bytes, offset, BEGIN)) throw malformed(`other text at byte ${offset}`);
    if (certificates.length === limit) {
      throw malformed("more certificates than any chain");
    }
    const start = offset + BEGIN.length;
    const end = bytes.indexOf(HYPHEN, start);
    if (end === -1 || !matches(bytes, end, END)) {
      throw malformed(`no end of the certificate that begins at byte ${offset}`);
    }
    const certificate = decodeBase64(bytes, start, end, malformed);
    if (certificate.length === 0) throw malformed(`an empty certificate at byte ${offset}`);
    certificates.push(certificate);
    offset = end + END.length;
  }
  for (; offset < bytes.length; offset++) {
    if (bytes[offset] !== 0 && !isBlank(bytes[offset])) {
      throw malformed(`other text at byte ${offset}`);
    }
  }
  return certificates;
}

/** One DER certificate as PEM, 64 characters a line. */
export function encodePem(der: Uint8Array): string {
  let binary = "";
  for (const byte of der) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  return `${BEGIN}\n${lines.join("\n")}\n${END}\n`;
}
