/** A P-384 public key, imported once and used many times. Its form belongs to the backend. */
export interface P384Key {
  readonly backend: string;
}

/**
 * The primitives that verification stands on. Only public data passes through here, so nothing
 * needs to be constant time.
 */
export interface CryptoBackend {
  readonly name: string;
  /** FIPS 180-4. */
  sha256(data: Uint8Array): Uint8Array;
  sha384(data: Uint8Array): Uint8Array;
  /** Imports x || y (96 bytes, big-endian); `undefined` when that is not a point of the curve. */
  importP384(point: Uint8Array): P384Key | undefined;
  /** ECDSA P-384 with SHA-384 (FIPS 186-5) over `data`; `signature` is r || s (96 bytes). */
  verifyP384(key: P384Key, signature: Uint8Array, data: Uint8Array): boolean;
}

export const POINT_LENGTH = 96;
export const SIGNATURE_LENGTH = 96;
