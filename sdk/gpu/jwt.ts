import { decodeBase64 } from "../base64.ts";
import { toUtf8 } from "../bytes.ts";
import { asString, JsonError, type JsonObject, parseStrictJson } from "../json.ts";
import { GpuError } from "./errors.ts";

const MAX_TOKEN_LENGTH = 65_536;
const TEXT = new TextDecoder("utf-8", { fatal: true });

/** A JSON Web Token, decoded. Nothing of it is verified yet. */
export interface DecodedToken {
  readonly compact: string;
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** What the signature is over (RFC 7515, 5.1). */
  readonly signedRegion: Uint8Array;
  readonly signature: Uint8Array;
}

function malformed(subject: string, found: string): GpuError {
  return new GpuError("NRAS_MALFORMED", { subject, found });
}

/** Base64url without padding (RFC 7515, 2): every text has at most one meaning. */
export function decodeBase64Url(text: string, malformedAs: (found: string) => Error): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw malformedAs("characters that are not base64url");
  const padded = text
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .padEnd(Math.ceil(text.length / 4) * 4, "=");
  const bytes = toUtf8(padded);
  return decodeBase64(bytes, 0, bytes.length, malformedAs);
}

function readJson(part: string, subject: string): JsonObject {
  const bytes = decodeBase64Url(part, (found) => malformed(subject, found));
  try {
    return parseStrictJson(TEXT.decode(bytes));
  } catch (error) {
    const found = error instanceof JsonError ? error.message : "bytes that are not UTF-8";
    throw malformed(subject, found);
  }
}

/** Decodes a token in compact form (RFC 7519, 3). Errors: `NRAS_MALFORMED`. */
export function decodeToken(compact: unknown, subject: string): DecodedToken {
  if (typeof compact !== "string") throw malformed(subject, typeof compact);
  if (compact.length > MAX_TOKEN_LENGTH) throw malformed(subject, `${compact.length} characters`);
  const [header, payload, signature, ...others] = compact.split(".");
  if (
    header === undefined ||
    payload === undefined ||
    signature === undefined ||
    others.length > 0
  ) {
    throw malformed(subject, "other than three parts");
  }
  return Object.freeze({
    compact,
    header: readJson(header, `${subject}: header`),
    claims: readJson(payload, `${subject}: claims`),
    signedRegion: toUtf8(`${header}.${payload}`),
    signature: decodeBase64Url(signature, (found) => malformed(`${subject}: signature`, found)),
  });
}

/** A text claim. Errors: `NRAS_MALFORMED`. */
export function textClaim(claims: JsonObject, name: string, subject: string): string {
  try {
    return asString(claims[name], name);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed(subject, error.message);
  }
}

/** A NumericDate (RFC 7519, 2), whole seconds. Errors: `NRAS_MALFORMED`. */
export function timeClaim(claims: JsonObject, name: string, subject: string): number {
  const value = claims[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(subject, `${name} is not a time`);
}
