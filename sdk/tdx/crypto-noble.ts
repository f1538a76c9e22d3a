import { p256 } from "@noble/curves/nist.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../bytes.ts";
import type { CryptoBackend, P256Key } from "./crypto-backend.ts";

class NobleKey implements P256Key {
  readonly backend = "noble";
  /** 04 || x || y. */
  readonly encoded: Uint8Array;

  constructor(encoded: Uint8Array) {
    this.encoded = encoded;
  }
}

/** Pure JavaScript (@noble), for browsers and anywhere else. */
export const nobleBackend: CryptoBackend = {
  name: "noble",
  sha256: (...parts) => nobleSha256(concatBytes(...parts)),
  importP256(point) {
    if (point.length !== 64) return undefined;
    const encoded = concatBytes(Uint8Array.of(4), point);
    try {
      p256.Point.fromBytes(encoded).assertValidity();
    } catch {
      return undefined;
    }
    return new NobleKey(encoded);
  },
  verifyP256(key, signature, data) {
    if (!(key instanceof NobleKey) || signature.length !== 64) return false;
    const options = { prehash: true, lowS: false, format: "compact" } as const;
    try {
      return p256.verify(signature, data, key.encoded, options);
    } catch {
      return false;
    }
  },
};
