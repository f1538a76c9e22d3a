import { DerError, type DerReader, Tag } from "./der.ts";

const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const EC_PUBLIC_KEY = "2a8648ce3d0201";
const PRIME256V1 = "2a8648ce3d030107";

/** AlgorithmIdentifier of ecdsa-with-SHA256, which has no parameters (RFC 5758, 3.2). */
export function readSignatureAlgorithm(reader: DerReader): void {
  const algorithm = reader.enter(Tag.SEQUENCE);
  if (algorithm.oid() !== ECDSA_WITH_SHA256 || !algorithm.done) {
    throw new DerError("a signature algorithm other than ecdsa-with-SHA256");
  }
}

/** SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480, 2), as x || y (64 bytes). */
export function readP256PublicKey(reader: DerReader): Uint8Array {
  const info = reader.enter(Tag.SEQUENCE);
  const algorithm = info.enter(Tag.SEQUENCE);
  if (algorithm.oid() !== EC_PUBLIC_KEY || algorithm.oid() !== PRIME256V1 || !algorithm.done) {
    throw new DerError("a public key that is not P-256");
  }
  const point = info.octetAlignedBits();
  info.end();
  if (point.length !== 65 || point[0] !== 4) throw new DerError("a point that is not uncompressed");
  return point.subarray(1);
}
