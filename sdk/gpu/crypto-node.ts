import {
  type CryptoBackend,
  type P384Key,
  POINT_LENGTH,
  SIGNATURE_LENGTH,
} from "./crypto-backend.ts";
import { encodePublicKey } from "./public-key.ts";

type HashName = "sha256" | "sha384";

/** The little of node:crypto that is used, so that the core needs no Node types. */
export interface NodeCrypto {
  createHash(name: HashName): { update(data: Uint8Array): unknown; digest(): Uint8Array };
  createPublicKey(key: { key: Uint8Array; format: "der"; type: "spki" }): object;
  verify(
    hash: "sha384",
    data: Uint8Array,
    key: { key: object; dsaEncoding: "ieee-p1363" },
    signature: Uint8Array,
  ): boolean;
}

class NodeKey implements P384Key {
  readonly backend = "node";
  readonly key: object;

  constructor(key: object) {
    this.key = key;
  }
}

/** node:crypto (OpenSSL): several times as fast as JavaScript. */
export function createNodeBackend(node: NodeCrypto): CryptoBackend {
  const digest = (name: HashName, data: Uint8Array): Uint8Array => {
    const hash = node.createHash(name);
    hash.update(data);
    return new Uint8Array(hash.digest());
  };
  return {
    name: "node",
    sha256: (data) => digest("sha256", data),
    sha384: (data) => digest("sha384", data),
    importP384(point) {
      if (point.length !== POINT_LENGTH) return undefined;
      try {
        const key = { key: encodePublicKey(point), format: "der", type: "spki" } as const;
        return new NodeKey(node.createPublicKey(key));
      } catch {
        return undefined;
      }
    },
    verifyP384(key, signature, data) {
      if (!(key instanceof NodeKey) || signature.length !== SIGNATURE_LENGTH) return false;
      try {
        return node.verify("sha384", data, { key: key.key, dsaEncoding: "ieee-p1363" }, signature);
      } catch {
        return false;
      }
    },
  };
}
