import { DerError, type DerReader, Tag } from "./der.ts";

/** ECDSA over a NIST curve with the hash of its strength: the one algorithm of a hierarchy. */
export interface EcdsaAlgorithm {
  readonly curve: "P-256" | "P-384";
  readonly signature: "ecdsa-with-SHA256" | "ecdsa-with-SHA384";
  /** Content octets of the identifiers of curve and signature, in hex. */
  readonly curveOid: string;
  readonly signatureOid: string;
  /** Length of a coordinate and of half a signature, in bytes. */
  readonly size: number;
}

export const P256_SHA256: EcdsaAlgorithm = Object.freeze({
  curve: "P-256",
  signature: "ecdsa-with-SHA256",
  curveOid: "2a8648ce3d030107",
  signatureOid: "2a8648ce3d040302",
  size: 32,
});

export const P384_SHA384: EcdsaAlgorithm = Object.freeze({
  curve: "P-384",
  signature: "ecdsa-with-SHA384",
  curveOid: "2b81040022",
  signatureOid: "2a8648ce3d040303",
  size: 48,
});

const EC_PUBLIC_KEY = "2a8648ce3d0201";

/** AlgorithmIdentifier of ECDSA, which has no parameters (RFC 5758, 3.2). */
export function readSignatureAlgorithm(reader: DerReader, expected: EcdsaAlgorithm): void {
  const algorithm = reader.enter(Tag.SEQUENCE);
  if (algorithm.oid() !== expected.signatureOid || !algorithm.done) {
    throw new DerError(`a signature algorithm other than ${expected.signature}`);
  }
}

/** SubjectPublicKeyInfo of an uncompressed point (RFC 5480, 2), as x || y. */
export function readPublicKey(reader: DerReader, expected: EcdsaAlgorithm): Uint8Array {
  const info = reader.enter(Tag.SEQUENCE);
  const algorithm = info.enter(Tag.SEQUENCE);
  if (
    algorithm.oid() !== EC_PUBLIC_KEY ||
    algorithm.oid() !== expected.curveOid ||
    !algorithm.done
  ) {
    throw new DerError(`a public key that is not ${expected.curve}`);
  }
  const point = info.octetAlignedBits();
  info.end();
  if (point.length !== 1 + 2 * expected.size || point[0] !== 4) {
    throw new DerError("a point that is not uncompressed");
  }
  return point.subarray(1);
}
