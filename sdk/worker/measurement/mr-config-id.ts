import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, fromHex, type Hex, toHex } from "../../bytes.ts";
import { invalidParameter } from "../errors.ts";

/** Who gives a dstack guest its keys; the numbers are those that form 02 hashes. */
export const keyProviderKinds = { none: 0, local: 1, kms: 2, tpm: 3 } as const;

export type KeyProviderKind = keyof typeof keyProviderKinds;

const LENGTH = 48;
const MAX_KEY_PROVIDER_ID = 1024;

function bytesOf(value: Hex, subject: string, length: number): Uint8Array {
  const bytes = fromHex(value);
  if (bytes?.length === length) return bytes;
  throw invalidParameter(subject, `${length} bytes in hex`, value);
}

function registerOf(form: number, digest: Uint8Array): Hex {
  const register = new Uint8Array(LENGTH);
  register[0] = form;
  register.set(digest, 1);
  return toHex(register);
}

/**
 * MRCONFIGID of dstack's form 01: `01 || compose digest || 15 zero bytes`. The host sets it: it says
 * something only where the measured OS refuses to start what it does not name.
 *
 * Errors: `WORKER_PARAMETER_INVALID`.
 */
export function mrConfigIdV1(composeDigest: Hex): Hex {
  return registerOf(1, bytesOf(composeDigest, "composeDigest", 32));
}

export interface MrConfigIdV2Options {
  /** 32 bytes. */
  readonly composeDigest: Hex;
  /** 20 bytes. */
  readonly appId: Hex;
  readonly keyProvider: KeyProviderKind;
  /** As the key provider names itself; empty for `none`. */
  readonly keyProviderId: Hex;
}

/**
 * MRCONFIGID of dstack's form 02: `02 || Keccak-256(compose digest || app id || kind of the key
 * provider, one byte || its id) || 15 zero bytes`.
 *
 * Errors: `WORKER_PARAMETER_INVALID`.
 */
export function mrConfigIdV2(options: MrConfigIdV2Options): Hex {
  const id = fromHex(options.keyProviderId);
  if (id === undefined || id.length > MAX_KEY_PROVIDER_ID) {
    throw invalidParameter("keyProviderId", `at most ${MAX_KEY_PROVIDER_ID} bytes in hex`, "other");
  }
  const digest = keccak_256(
    concatBytes(
      bytesOf(options.composeDigest, "composeDigest", 32),
      bytesOf(options.appId, "appId", 20),
      Uint8Array.of(keyProviderKinds[options.keyProvider]),
      id,
    ),
  );
  return registerOf(2, digest);
}
