import { fromHex, toHexDigits, toLatin1 } from "../../bytes.ts";
import { DerError, DerReader, Tag } from "../../x509/der.ts";
import { malformed } from "./errors.ts";

/**
 * Reads a CRL from a response's body: DER, as Intel's PCS sends it, or hex digits of DER, as the
 * PCCS does for the root CRL and older ones for every CRL. Returns the hex digits. The two cannot
 * be confused: DER of a list begins with the byte 0x30, its hex digits with "3" (0x33).
 *
 * Errors: `PCCS_RESPONSE_MALFORMED`.
 */
export function readCrlBody(subject: string, body: Uint8Array): string {
  const der = body[0] === Tag.SEQUENCE ? body : fromHex(toLatin1(body).trim());
  if (der === undefined || der.length === 0) {
    throw malformed(subject, "DER or hex", body.length === 0 ? "nothing" : "another form");
  }
  try {
    const outer = new DerReader(der);
    outer.enter(Tag.SEQUENCE);
    outer.end();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw malformed(subject, "one DER sequence", error.message);
  }
  return toHexDigits(der);
}
