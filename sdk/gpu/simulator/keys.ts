import { p384 } from "@noble/curves/nist.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha384 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { SimulatorError } from "../../x509/writer/errors.ts";

/** A P-384 key. The secret is derived from a seed that developers share: it protects nothing. */
export interface SigningKey {
  /** Scalar, 48 bytes, big endian. */
  readonly secretKey: Uint8Array;
  /** Point, 97 bytes: `04`, x, y (SEC 1, 2.3.3). */
  readonly publicKey: Uint8Array;
}

/** Everything that looks random in a simulator, as a function of its seed and a label. */
export interface Derivation {
  /** The key of this label; the same object each time. */
  key(label: string): SigningKey;
  /** `length` bytes of this label. */
  bytes(label: string, length: number): Uint8Array;
}

const SALT = utf8ToBytes("chainseal/sdk/gpu/simulator/v1");

/** FIPS 186-5 A.2.1: 64 bits beyond the order's size, so that reduction leaves no bias. */
const KEY_MATERIAL_SIZE = 56;

/**
 * HKDF-SHA384 (RFC 5869) over the seed, one `info` per label.
 *
 * @param seed - UTF-8 text or bytes; at least one byte. Not a secret: whoever knows it is the root.
 * @throws {SimulatorError} when the seed is empty.
 */
export function createDerivation(seed: string | Uint8Array): Derivation {
  const material = typeof seed === "string" ? utf8ToBytes(seed) : Uint8Array.from(seed);
  if (material.length === 0) throw new SimulatorError("seed", "at least one byte", 0);
  const keys = new Map<string, SigningKey>();
  const bytes = (label: string, length: number): Uint8Array =>
    hkdf(sha384, material, SALT, utf8ToBytes(label), length);
  return {
    bytes,
    key(label) {
      const known = keys.get(label);
      if (known !== undefined) return known;
      const key = keyFromMaterial(bytes(`key/${label}`, KEY_MATERIAL_SIZE));
      keys.set(label, key);
      return key;
    },
  };
}

function keyFromMaterial(material: Uint8Array): SigningKey {
  const order = p384.Point.Fn.ORDER;
  const scalar = (BigInt(`0x${bytesToHex(material)}`) % (order - 1n)) + 1n;
  const secretKey = p384.Point.Fn.toBytes(scalar);
  return { secretKey, publicKey: p384.getPublicKey(secretKey, false) };
}

/** The identifier of a key in certificates: the first 20 bytes of a digest of its point. */
export function keyIdentifier(key: Pick<SigningKey, "publicKey">): Uint8Array {
  return sha384(key.publicKey).slice(0, 20);
}

/**
 * ECDSA over P-384 with SHA-384, deterministic (RFC 6979).
 *
 * @returns `compact`: r and s, 96 bytes, as in reports and RIMs; `der`: as in certificates.
 */
export function sign(
  key: SigningKey,
  message: Uint8Array,
  format: "compact" | "der" = "compact",
): Uint8Array {
  return p384.sign(message, key.secretKey, { prehash: true, lowS: false, format });
}
