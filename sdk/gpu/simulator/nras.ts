import { sha256 } from "@noble/hashes/sha2.js";
import { toHexDigits, toUtf8 } from "../../bytes.ts";
import { NRAS_ISSUER } from "../nras.ts";
import { type Derivation, type SigningKey, sign } from "./keys.ts";

type Claims = Readonly<Record<string, unknown>>;

export interface NrasOptions {
  readonly nonce: Uint8Array;
  /** Claims of each device beside the usual ones. Default: one GPU that is taken. */
  readonly devices?: Readonly<Record<string, Claims>>;
  /** `x-nvidia-overall-att-result`. Default true. */
  readonly result?: boolean;
  readonly issuer?: string;
  readonly issuedAt?: number;
  readonly expiresAt?: number;
  readonly header?: Claims;
  readonly signer?: SigningKey;
  /** Changes the digests that the overall token has. */
  readonly editDigests?: (digests: Record<string, unknown>) => Record<string, unknown>;
  /** Changes a token after it is signed. */
  readonly editToken?: (token: string, name: string) => string;
}

export interface SimulatedNras {
  /** A detached EAT bundle, as NRAS answers. */
  readonly answer: string;
  /** The key set that verifies it. */
  readonly jwks: string;
}

const KEY_ID = "chainseal-eat-kid-1";
const LIFETIME = 3_600;

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

const encode = (value: unknown): string => base64Url(toUtf8(JSON.stringify(value)));

/** Makes an answer of an attestation service with a key of this simulator. */
export function createNrasAnswer(
  derivation: Derivation,
  at: number,
  options: NrasOptions,
): SimulatedNras {
  const key = derivation.key("nras");
  const signer = options.signer ?? key;
  const header = { kid: KEY_ID, alg: "ES384", ...options.header };
  const issuedAt = options.issuedAt ?? at - 60;
  const common = {
    iss: options.issuer ?? NRAS_ISSUER,
    iat: issuedAt,
    nbf: issuedAt,
    exp: options.expiresAt ?? issuedAt + LIFETIME,
    eat_nonce: toHexDigits(options.nonce),
  };
  const token = (claims: Claims, name: string): string => {
    const signed = `${encode(header)}.${encode(claims)}`;
    const whole = `${signed}.${base64Url(sign(signer, toUtf8(signed)))}`;
    return options.editToken?.(whole, name) ?? whole;
  };
  const devices = options.devices ?? { "GPU-0": {} };
  const tokens = Object.fromEntries(
    Object.entries(devices).map(([name, claims]) => [
      name,
      token({ ...common, measres: "success", secboot: true, dbgstat: "disabled", ...claims }, name),
    ]),
  );
  const digests: Record<string, unknown> = Object.fromEntries(
    Object.entries(tokens).map(([name, text]) => [
      name,
      ["DIGEST", ["SHA-256", toHexDigits(sha256(toUtf8(text)))]],
    ]),
  );
  const overall = token(
    {
      ...common,
      sub: "NVIDIA-PLATFORM-ATTESTATION",
      "x-nvidia-ver": "3.0",
      "x-nvidia-overall-att-result": options.result ?? true,
      submods: options.editDigests?.(digests) ?? digests,
    },
    "overall",
  );
  const jwk = {
    kty: "EC",
    crv: "P-384",
    kid: KEY_ID,
    x: base64Url(key.publicKey.subarray(1, 49)),
    y: base64Url(key.publicKey.subarray(49)),
  };
  return {
    answer: JSON.stringify([["JWT", overall], tokens]),
    jwks: JSON.stringify({ keys: [jwk] }),
  };
}
