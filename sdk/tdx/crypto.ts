import { p256 } from "@noble/curves/nist.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "./bytes.ts";

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

class NobleKey implements P256Key {
  readonly backend = "noble";
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** Pure JavaScript (@noble), for browsers and anywhere else. */
export const nobleBackend: CryptoBackend = {
  name: "noble",
  sha256: (...parts) =>
    nobleSha256(parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(...parts)),
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
    try {
      return p256.verify(signature, data, key.bytes, {
        prehash: true,
        lowS: false,
        format: "compact",
      });
    } catch {
      return false;
    }
  },
};

/** The little of node:crypto that is used, so that the core needs no Node types. */
interface NodeCrypto {
  hash?: (name: "sha256", data: Uint8Array, encoding: "buffer") => Uint8Array;
  createHash(name: "sha256"): {
    update(data: Uint8Array): unknown;
    digest(): Uint8Array;
  };
  createPublicKey(key: { key: object; format: "jwk" }): object;
  verify(
    hash: "sha256",
    data: Uint8Array,
    key: { key: object; dsaEncoding: "ieee-p1363" },
    signature: Uint8Array,
  ): boolean;
}

class NodeKey implements P256Key {
  readonly backend = "node";
  readonly key: { readonly key: object; readonly dsaEncoding: "ieee-p1363" };
  constructor(key: object) {
    this.key = { key, dsaEncoding: "ieee-p1363" };
  }
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64url without padding (RFC 4648, section 5) of 32 bytes. */
function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    text += BASE64URL.charAt(word >> 18) + BASE64URL.charAt((word >> 12) & 63);
    if (i + 1 < bytes.length) text += BASE64URL.charAt((word >> 6) & 63);
    if (i + 2 < bytes.length) text += BASE64URL.charAt(word & 63);
  }
  return text;
}

/** node:crypto (OpenSSL): about ten times as fast as JavaScript. */
function createNodeBackend(node: NodeCrypto): CryptoBackend {
  return {
    name: "node",
    sha256(...parts) {
      const data = parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(...parts);
      // In one call where Node has it (20.12): a hash object costs more than hashing.
      if (node.hash !== undefined) return new Uint8Array(node.hash("sha256", data, "buffer"));
      const hash = node.createHash("sha256");
      hash.update(data);
      return new Uint8Array(hash.digest());
    },
    importP256(point) {
      if (point.length !== 64) return undefined;
      // A JWK imports in half the time that SubjectPublicKeyInfo takes.
      const jwk = {
        kty: "EC",
        crv: "P-256",
        x: base64url(point.subarray(0, 32)),
        y: base64url(point.subarray(32)),
      };
      try {
        return new NodeKey(node.createPublicKey({ key: jwk, format: "jwk" }));
      } catch {
        return undefined;
      }
    },
    verifyP256(key, signature, data) {
      if (!(key instanceof NodeKey) || signature.length !== 64) return false;
      try {
        return node.verify("sha256", data, key.key, signature);
      } catch {
        return false;
      }
    },
  };
}

interface WithBuiltinModules {
  process?: { getBuiltinModule?: (name: string) => unknown };
}

function detectNode(): NodeCrypto | undefined {
  const builtin = (globalThis as WithBuiltinModules).process?.getBuiltinModule?.("node:crypto");
  return builtin as NodeCrypto | undefined;
}

const node = detectNode();

/** The Node backend where there is one (Node, Deno, Bun), else `undefined`. */
export const nodeBackend: CryptoBackend | undefined =
  node === undefined ? undefined : createNodeBackend(node);

/** What `verify` uses unless it is told otherwise. */
export const defaultBackend: CryptoBackend = nodeBackend ?? nobleBackend;
