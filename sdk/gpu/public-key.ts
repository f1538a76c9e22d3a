import { concatBytes, fromHex } from "../bytes.ts";

/** SubjectPublicKeyInfo of an uncompressed P-384 point up to its x (RFC 5480, section 2). */
const SPKI_PREFIX = fromHex("3076301006072a8648ce3d020106052b8104002203620004") as Uint8Array;

/** SubjectPublicKeyInfo of x || y, as DER. */
export function encodePublicKey(point: Uint8Array): Uint8Array {
  return concatBytes(SPKI_PREFIX, point);
}
