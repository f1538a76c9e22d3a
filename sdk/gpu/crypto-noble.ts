import { p384 } from "@noble/curves/nist.js";
import { sha256, sha384 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../bytes.ts";
import {
  type CryptoBackend,
  type P384Key,
  POINT_LENGTH,
  SIGNATURE_LENGTH,
} from "./crypto-backend.ts";

class NobleKey implements P384Key {
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
  sha256: (data) => sha256(data),
  sha384: (data) => sha384(data),
  importP384(point) {
    if (point.length !== POINT_LENGTH) return undefined;
    const encoded = concatBytes(Uint8Array.of(4), point);
    try {
      p384.Point.fromBytes(encoded).assertValidity();
    } catch {
      return undefined;
    }
    return new NobleKey(encoded);
  },
  verifyP384(key, signature, data) {
    if (!(key instanceof NobleKey) || signature.length !== SIGNATURE_LENGTH) return false;
    const options = { prehash: true, lowS: false, format: "compact" } as const;
    try {
      return p384.verify(signature, data, key.encoded, options);
    } catch {
      return false;
    }
  },
};
