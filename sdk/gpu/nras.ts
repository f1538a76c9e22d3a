import { type Hex, toHex, toHexDigits, toUtf8 } from "../bytes.ts";
import { asArray, asObject, JsonError, type JsonObject, parseStrictJsonValue } from "../json.ts";
import { readNonce } from "./authenticate.ts";
import { defaultBackend } from "./crypto.ts";
import type { CryptoBackend, P384Key } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import { MAX_DEVICES } from "./evidence.ts";
import { readJwks } from "./jwks.ts";
import { type DecodedToken, decodeToken, textClaim, timeClaim } from "./jwt.ts";
import { toSeconds } from "./period.ts";

/** The issuer of NVIDIA's service in production. */
export const NRAS_ISSUER = "https://nras.attestation.nvidia.com";

const MAX_ANSWER_LENGTH = 1_048_576;
/** NVIDIA's service writes the first, its local verifier the second. */
const DIGEST_NAMES: readonly unknown[] = ["SHA-256", "SHA256"];
const OVERALL = "overall token";
const RESULT = "x-nvidia-overall-att-result";
const ERROR_DETAILS = "x-nvidia-error-details";

/** The token about one device. */
export interface NrasSubmodule {
  /** Such as GPU-0. */
  readonly name: string;
  readonly token: DecodedToken;
}

/** An answer of NRAS: the overall token, and one for each device that it names by digest. */
export interface NrasAnswer {
  readonly overall: DecodedToken;
  readonly submodules: readonly NrasSubmodule[];
}

export interface VerifyNrasOptions {
  /** The time to verify at: a Date, or whole seconds since 1970. It is never read from the clock. */
  readonly at: Date | number;
  readonly nonce: Uint8Array | string;
  /** The key set (JWKS) as JSON, as it was when the answer came: keys are dropped after days. */
  readonly jwks: string;
  /** Default: `NRAS_ISSUER`. */
  readonly issuer?: string;
  /** Default: node:crypto where there is one, else JavaScript. */
  readonly crypto?: CryptoBackend;
}

/** What NRAS says, signed. It is a second opinion: nothing in it names a TD or its keys. */
export interface NrasOpinion {
  /** Whether NRAS takes the whole evidence, and each device of it. A refusal is signed too. */
  readonly isPositive: boolean;
  readonly devices: readonly {
    readonly name: string;
    readonly isPositive: boolean;
    /** As signed; none of it is checked but what this module says. */
    readonly claims: JsonObject;
  }[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** SHA-256 of the overall token: what to keep for later. */
  readonly tokenSha256: Hex;
}

function malformed(found: string): GpuError {
  return new GpuError("NRAS_MALFORMED", { found });
}

/** What the overall token says of its devices: name and digest. */
function readDigests({ claims }: DecodedToken): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const [name, value] of Object.entries(asObject(claims.submods, "submods"))) {
    const [kind, digest] = asArray(value, name);
    const [algorithm, hex] = asArray(digest, name);
    if (kind !== "DIGEST" || !DIGEST_NAMES.includes(algorithm) || typeof hex !== "string") {
      throw new JsonError(`the digest of ${name} is of another form`);
    }
    digests.set(name, hex);
  }
  return digests;
}

function readAnswer(json: unknown): { overall: DecodedToken; tokens: JsonObject } {
  const [pair, tokens, ...others] = asArray(json, "the top");
  const [kind, overall, ...more] = asArray(pair, "the first part");
  if (kind !== "JWT" || others.length > 0 || more.length > 0) {
    throw new JsonError("it is not a pair of a JWT and its submodules");
  }
  return { overall: decodeToken(overall, OVERALL), tokens: asObject(tokens, "the second part") };
}

/**
 * Reads an answer of NRAS, a detached EAT bundle (RFC 9711, section 5), and checks that its devices
 * are those that the overall token names by digest: SHA-256 over the compact token. **No signature
 * is verified**: this serves to show an answer whose key set is lost.
 *
 * Errors: `NRAS_MALFORMED`, `NRAS_SUBMODULES_MISMATCH`, `NRAS_DIGEST_MISMATCH`.
 */
export function parseNrasAnswer(
  json: string,
  options: { readonly crypto?: CryptoBackend } = {},
): NrasAnswer {
  const crypto = options.crypto ?? defaultBackend;
  if (typeof json !== "string") throw malformed(typeof json);
  if (json.length > MAX_ANSWER_LENGTH) throw malformed(`${json.length} characters`);
  try {
    const { overall, tokens } = readAnswer(parseStrictJsonValue(json));
    const digests = readDigests(overall);
    const names = Object.keys(tokens);
    if (names.length === 0 || names.length > MAX_DEVICES || names.length !== digests.size) {
      throw new GpuError("NRAS_SUBMODULES_MISMATCH", {
        expected: `the ${digests.size} that are named`,
        found: names.length,
      });
    }
    const submodules = names.map((name) => {
      const expected = digests.get(name);
      if (expected === undefined) throw new GpuError("NRAS_SUBMODULES_MISMATCH", { found: name });
      const token = decodeToken(tokens[name], name);
      const found = toHexDigits(crypto.sha256(toUtf8(token.compact)));
      if (found !== expected.toLowerCase()) {
        throw new GpuError("NRAS_DIGEST_MISMATCH", { subject: name, expected, found });
      }
      return Object.freeze({ name, token });
    });
    return Object.freeze({ overall, submodules: Object.freeze(submodules) });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed(error.message);
  }
}

interface Trust {
  readonly at: number;
  readonly nonce: Hex;
  readonly issuer: string;
  readonly keys: ReadonlyMap<string, P384Key>;
  readonly crypto: CryptoBackend;
}

/** Signature, issuer and times of one token. */
function verifyToken(token: DecodedToken, subject: string, trust: Trust): void {
  const { header, claims } = token;
  // Before anything else: a token that says "none" must never come near a key.
  if (header.alg !== "ES384" || "crit" in header) {
    const found = typeof header.alg === "string" ? header.alg : "no algorithm";
    throw new GpuError("NRAS_ALGORITHM_REFUSED", { subject, expected: "ES384", found });
  }
  const id = textClaim(header, "kid", subject);
  const key = trust.keys.get(id);
  if (key === undefined) throw new GpuError("NRAS_KEY_UNKNOWN", { subject, found: id });
  if (!trust.crypto.verifyP384(key, token.signature, token.signedRegion)) {
    throw new GpuError("NRAS_SIGNATURE_INVALID", { subject });
  }
  const issuer = textClaim(claims, "iss", subject);
  if (issuer !== trust.issuer) {
    throw new GpuError("NRAS_ISSUER_UNEXPECTED", {
      subject,
      expected: trust.issuer,
      found: issuer,
    });
  }
  const from = Math.max(
    timeClaim(claims, "iat", subject),
    "nbf" in claims ? timeClaim(claims, "nbf", subject) : 0,
  );
  const until = timeClaim(claims, "exp", subject);
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  if (trust.at < from) {
    const [expected, found] = [`a time from ${iso(from)}`, iso(trust.at)];
    throw new GpuError("NRAS_NOT_YET_VALID", { subject, expected, found });
  }
  if (trust.at >= until) {
    const [expected, found] = [`a time before ${iso(until)}`, iso(trust.at)];
    throw new GpuError("NRAS_EXPIRED", { subject, expected, found });
  }
}

function checkNonce(claims: JsonObject, subject: string, nonce: Hex): void {
  const found = textClaim(claims, "eat_nonce", subject);
  if (`0x${found.toLowerCase()}` !== nonce) {
    throw new GpuError("NRAS_NONCE_MISMATCH", { subject, expected: nonce, found });
  }
}

/** A device is taken when its token says so, and says nothing of an error. */
function isPositiveDevice(claims: JsonObject): boolean {
  return claims.measres === "success" && !(ERROR_DETAILS in claims);
}

/**
 * Verifies an answer of NRAS: every token is signed with ES384 by a key of the key set, for this
 * issuer, time and nonce. A signed refusal is an answer, not an error.
 *
 * Errors: the `NRAS_…` codes of `docs/errors.md`.
 */
export function verifyNras(json: string, options: VerifyNrasOptions): NrasOpinion {
  const crypto = options.crypto ?? defaultBackend;
  const trust: Trust = {
    at: toSeconds(options.at),
    nonce: readNonce(options.nonce),
    issuer: options.issuer ?? NRAS_ISSUER,
    keys: readJwks(options.jwks, crypto),
    crypto,
  };
  const { overall, submodules } = parseNrasAnswer(json, { crypto });
  verifyToken(overall, OVERALL, trust);
  checkNonce(overall.claims, OVERALL, trust.nonce);
  const devices = submodules.map(({ name, token }) => {
    verifyToken(token, name, trust);
    const isPositive = isPositiveDevice(token.claims);
    // A device whose evidence could not be read has a token with nothing but the error.
    if (isPositive || "eat_nonce" in token.claims) checkNonce(token.claims, name, trust.nonce);
    return Object.freeze({ name, isPositive, claims: token.claims });
  });
  const times = [overall, ...submodules.map(({ token }) => token)].map(({ claims }) => claims);
  return Object.freeze({
    isPositive: overall.claims[RESULT] === true && devices.every((device) => device.isPositive),
    devices: Object.freeze(devices),
    issuedAt: timeClaim(overall.claims, "iat", OVERALL),
    expiresAt: Math.min(...times.map((claims) => timeClaim(claims, "exp", OVERALL))),
    tokenSha256: toHex(crypto.sha256(toUtf8(overall.compact))),
  });
}
