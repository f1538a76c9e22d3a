import { concatBytes, fromHex, type Hex, readU16, toUtf8 } from "../../bytes.ts";
import { encodePem } from "../../x509/pem.ts";
import { PCK_CHAIN_CERTIFICATION_DATA } from "../quote.ts";
import { invalidParameter } from "./errors.ts";

// Lengths in bytes, see `contracts/attestation/TdxQuote.sol`.
const SIGNED_V4 = 632;
const SIGNED_V5_TD10 = 638;
const SIGNED_V5_TD15 = 702;
const SIGNATURE_AND_KEY = 128;
const QE_REPORT_AND_SIGNATURE = 448;
const BODY_TYPE_AT = 48;
const BODY_TD15 = 3;
const QE_REPORT_CERTIFICATION_DATA = 6;
const MAX_LENGTH = 65_536;

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  return concatBytes(u16(value & 0xffff), u16(value >>> 16));
}

/** Certificates as PEM, the leaf first. */
export function pemChain(certificates: readonly Uint8Array[]): string {
  return certificates.map(encodePem).join("");
}

function signedLength(bytes: Uint8Array): number {
  if (bytes.length < SIGNED_V4 || readU16(bytes, 0) === 4) return SIGNED_V4;
  return readU16(bytes, BODY_TYPE_AT) === BODY_TD15 ? SIGNED_V5_TD15 : SIGNED_V5_TD10;
}

/**
 * A whole quote again from the compact form that a transaction carries (`TdxEvidence.quote`) and the
 * certificates of its PCK chain as DER, the leaf first. Every signed byte is the one that was sent;
 * lengths and PEM, which nothing signs, are made anew.
 *
 * Errors: `ONCHAIN_PARAMETER_INVALID` for bytes that are too short or too long.
 */
export function rebuildQuote(compact: Hex, pckChain: readonly Uint8Array[]): Uint8Array {
  const bytes = fromHex(compact);
  const least = SIGNED_V4 + SIGNATURE_AND_KEY + QE_REPORT_AND_SIGNATURE;
  if (bytes === undefined || bytes.length < least || bytes.length > MAX_LENGTH) {
    const found = bytes === undefined ? "no hex" : `${bytes.length} bytes`;
    throw invalidParameter("compact", `${least} to ${MAX_LENGTH} bytes`, found);
  }
  const signed = signedLength(bytes);
  const qe = signed + SIGNATURE_AND_KEY;
  const auth = bytes.subarray(qe + QE_REPORT_AND_SIGNATURE);
  const chain = toUtf8(pemChain(pckChain));
  const certification = concatBytes(
    bytes.subarray(qe, qe + QE_REPORT_AND_SIGNATURE),
    u16(auth.length),
    auth,
    u16(PCK_CHAIN_CERTIFICATION_DATA),
    u32(chain.length),
    chain,
  );
  const signatureData = concatBytes(
    bytes.subarray(signed, qe),
    u16(QE_REPORT_CERTIFICATION_DATA),
    u32(certification.length),
    certification,
  );
  return concatBytes(bytes.subarray(0, signed), u32(signatureData.length), signatureData);
}
