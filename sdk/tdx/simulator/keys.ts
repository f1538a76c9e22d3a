import { p256 } from "@noble/curves/nist.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { SimulatorError } from "../../x509/writer/errors.ts";

/** A P-256 key. The secret is derived from a seed that developers share: it protects nothing. */
export interface SigningKey {
  /** Scalar, 32 bytes, big endian. */
  readonly secretKey: Uint8Array;
  /** Point, 65 bytes: `04`, x, y (SEC 1, 2.3.3). */
  readonly publicKey: Uint8Array;
}

/** Everything that looks random in a simulator, as a function of its seed and a label. */
export interface Derivation {
  /** The key of this label; the same object each time. */
  key(label: string): SigningKey;
  /** `length` bytes of this label. */
  bytes(label: string, length: number): Uint8Array;
  /** A certificate serial number of exactly 20 bytes, the size Intel issues. */
  serial(label: string): Uint8Array;
}

const SALT = utf8ToBytes("chainseal/sdk/tdx/simulator/v1");

/** FIPS 186-5 A.2.1: 64 bits beyond the order's size, so that reduction leaves no bias. */
const KEY_MATERIAL_SIZE = 40;

/**
 * HKDF-SHA256 (RFC 5869) over the seed, one `info` per label.
 *
 * @param seed - UTF-8 text or bytes; at least one byte. Not a secret: whoever knows it is the root.
 * @throws {SimulatorError} when the seed is empty.
 */
export function createDerivation(seed: string | Uint8Array): Derivation {
  const material = typeof seed === "string" ? utf8ToBytes(seed) : Uint8Array.from(seed);
  if (material.length === 0) throw new SimulatorError("seed", "at least one byte", 0);

  const keys = new Map<string, SigningKey>();
  const bytes = (label: string, length: number): Uint8Array =>
    hkdf(sha256, material, SALT, utf8ToBytes(label), length);

  return {
    bytes,
    key(label) {
      const known = keys.get(label);
      if (known !== undefined) return known;
      const key = keyFromMaterial(bytes(`key/${label}`, KEY_MATERIAL_SIZE));
      keys.set(label, key);
      return key;
    },
    serial: (label) => asSerial(bytes(`serial/${label}`, 20)),
  };
}

function keyFromMaterial(material: Uint8Array): SigningKey {
  const order = p256.Point.Fn.ORDER;
  const scalar = (BigInt(`0x${bytesToHex(material)}`) % (order - 1n)) + 1n;
  const secretKey = p256.Point.Fn.toBytes(scalar);
  return { secretKey, publicKey: p256.getPublicKey(secretKey, false) };
}

/** A serial keeps its 20 bytes in minimal DER only when its first byte is not zero. */
function asSerial(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0 ? Uint8Array.of(1, ...bytes.subarray(1)) : bytes;
}

/**
 * The identifier of a key in certificates: the first 20 bytes of the SHA-256 of the point
 * (RFC 7093, 2, method 1). Intel's identifiers are 20 bytes too, by a rule Intel does not publish;
 * as with Intel's, a CA's identifier is its serial number as well.
 */
export function keyIdentifier(key: Pick<SigningKey, "publicKey">): Uint8Array {
  return asSerial(sha256(key.publicKey).slice(0, 20));
}

/**
 * ECDSA over P-256 with SHA-256, deterministic (RFC 6979). Intel does not normalise s, so half of
 * these signatures have a high s, as in the field.
 *
 * @returns `compact`: r and s, 64 bytes, as in quotes and collateral; `der`: as in certificates.
 */
export function sign(
  key: SigningKey,
  message: Uint8Array,
  format: "compact" | "der" = "compact",
): Uint8Array {
  return p256.sign(message, key.secretKey, { prehash: true, lowS: false, format });
}
