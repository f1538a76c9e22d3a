import { concatBytes } from "../bytes.ts";
import { asArray, asObject, asString, JsonError, parseStrictJson } from "../json.ts";
import type { CryptoBackend, P384Key } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import { decodeBase64Url } from "./jwt.ts";

const MAX_JWKS_LENGTH = 1_048_576;
const MAX_KEYS = 256;
const COORDINATE_LENGTH = 48;

function malformed(found: string): GpuError {
  return new GpuError("NRAS_JWKS_MALFORMED", { found });
}

function coordinate(value: unknown, name: string): Uint8Array {
  const bytes = decodeBase64Url(asString(value, name), malformed);
  if (bytes.length !== COORDINATE_LENGTH) throw malformed(`${name} is not 48 bytes long`);
  return bytes;
}

/**
 * Reads a key set (RFC 7517, 5): the P-384 keys of it, by their ids. Keys of other sorts are left
 * out; two keys of one id are refused. Certificates in it (`x5c`) are not looked at: whoever gives
 * the key set vouches for it.
 *
 * Errors: `NRAS_JWKS_MALFORMED`.
 */
export function readJwks(json: unknown, crypto: CryptoBackend): ReadonlyMap<string, P384Key> {
  try {
    if (typeof json !== "string") throw malformed(typeof json);
    if (json.length > MAX_JWKS_LENGTH) throw malformed(`${json.length} characters`);
    const list = asArray(parseStrictJson(json).keys, "keys");
    if (list.length > MAX_KEYS) throw malformed(`${list.length} keys`);
    const keys = new Map<string, P384Key>();
    for (const [index, item] of list.entries()) {
      const jwk = asObject(item, `key ${index}`);
      if (jwk.kty !== "EC" || jwk.crv !== "P-384") continue;
      const id = asString(jwk.kid, "kid");
      const point = concatBytes(coordinate(jwk.x, "x"), coordinate(jwk.y, "y"));
      const key = crypto.importP384(point);
      if (key === undefined) throw malformed(`key ${index} is not on P-384`);
      if (keys.has(id)) throw malformed(`two keys of the id ${id}`);
      keys.set(id, key);
    }
    return keys;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed(error.message);
  }
}
