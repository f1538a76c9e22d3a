/** A P-256 public key, imported once and used many times. Its form belongs to the backend. */
export interface P256Key {
  readonly backend: string;
}

/**
 * The two primitives that verification stands on. Only public data passes through here, so
 * nothing needs to be constant time.
 */
export interface CryptoBackend {
  readonly name: string;
  /** SHA-256 (FIPS 180-4) of the parts, as if joined. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** Imports x || y (64 bytes, big-endian); `undefined` when that is not a point of the curve. */
  importP256(point: Uint8Array): P256Key | undefined;
  /**
   * ECDSA P-256 with SHA-256 (FIPS 186-5) over `data`; `signature` is r || s (64 bytes).
   * High-s signatures are accepted: Intel makes them half of the time.
   */
  verifyP256(key: P256Key, signature: Uint8Array, data: Uint8Array): boolean;
}
