import { TdxError } from "../errors.ts";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/** The largest chain that is looked at: Intel's have 3.7 KB. */
export const MAX_PEM_LENGTH = 16_384;
const MAX_CERTIFICATES = 4;

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

/**
 * Decodes a chain of PEM certificates (RFC 7468, strict form) into DER, in the order of the text.
 *
 * Between the certificates only white space may stand, after the last one also NUL: Intel's
 * quoting library ends the text with one. Errors: `PEM_MALFORMED`.
 */
export function decodePemChain(bytes: Uint8Array, subject: string): Uint8Array[] {
  const malformed = (found: string) =>
    new TdxError("PEM_MALFORMED", { subject, expected: "PEM certificates", found });
  if (bytes.length > MAX_PEM_LENGTH) throw malformed(`${bytes.length} bytes`);
  const certificates: Uint8Array[] = [];
  let offset = 0;
  for (;;) {
    while (isBlank(bytes[offset])) offset++;
    if (offset >= bytes.length || bytes[offset] === 0) break;
    if (!matches(bytes, offset, BEGIN)) throw malformed(`other text at byte ${offset}`);
    if (certificates.length === MAX_CERTIFICATES)
      throw malformed("more certificates than any chain");
    offset += BEGIN.length;
    const start = offset;
    const buffer = new Uint8Array((bytes.length - offset) * 0.75);
    let length = 0;
    let word = 0;
    let digits = 0;
    let padding = 0;
    while (offset < bytes.length && bytes[offset] !== 0x2d) {
      const byte = bytes[offset++] as number;
      if (byte === 0x0a || byte === 0x0d) continue;
      if (byte === 0x3d) {
        padding++;
        continue;
      }
      const value = VALUES[byte] as number;
      if (value === INVALID || padding > 0) throw malformed(`not base64 at byte ${offset - 1}`);
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
      throw malformed(`base64 that does not end properly at byte ${offset}`);
    }
    if (length === 0 || !matches(bytes, offset, END)) {
      throw malformed(`no end of the certificate that begins at byte ${start - BEGIN.length}`);
    }
    offset += END.length;
    certificates.push(buffer.subarray(0, length));
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
