import { decodeBase64 } from "../base64.ts";
import { X509Error } from "./error.ts";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";
const HYPHEN = 0x2d;

/** The largest chain that is looked at: Intel's have 3.7 KB, NVIDIA's 4.9 KB. */
export const MAX_PEM_LENGTH = 16_384;

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
