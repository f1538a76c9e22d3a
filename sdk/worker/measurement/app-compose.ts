import { sha256 } from "@noble/hashes/sha2.js";
import { type Hex, toHex, toUtf8 } from "../../bytes.ts";
import {
  asObject,
  asString,
  asUnsigned,
  JsonError,
  type JsonObject,
  parseStrictJson,
} from "../../json.ts";
import { WorkerError } from "../errors.ts";
import { pinnedImages } from "./pinned-images.ts";

/** dstack's guests take no larger app-compose.json. */
export const MAX_APP_COMPOSE_LENGTH = 200 * 1024;

const SUBJECT = "app-compose.json";

export interface MeasuredCompose {
  /** SHA-256 of the exact bytes of app-compose.json: the guest's `compose-hash`. */
  readonly composeDigest: Hex;
  /** The app id of an application without a contract of its own: the digest's first 20 bytes. */
  readonly defaultAppId: Hex;
  readonly name: string;
  /** Each with its sha256 digest, by the service that runs it. */
  readonly images: readonly { readonly service: string; readonly image: string }[];
  /** Members that hold scripts: measured as text, but what they fetch at run time is not. */
  readonly scripts: readonly string[];
  /** The bytes that were measured, which have to be deployed as they are. */
  readonly bytes: Uint8Array;
}

function malformed(subject: string, expected: string, found: string): WorkerError {
  return new WorkerError("COMPOSE_MALFORMED", { subject, expected, found });
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > MAX_APP_COMPOSE_LENGTH) {
    throw new WorkerError("COMPOSE_TOO_LARGE", {
      expected: `at most ${MAX_APP_COMPOSE_LENGTH} bytes`,
      found: `${bytes.length} bytes`,
    });
  }
  try {
    // A byte order mark stays: it is measured, and no JSON begins with one.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("compose file", "UTF-8", "other bytes");
  }
}

/** Whether a script is there, and not an empty text. */
const hasScript = (manifest: JsonObject, name: string): boolean => {
  const value = manifest[name];
  return value !== undefined && value !== null && value !== "";
};

/**
 * Measures an app-compose.json as dstack's guests do, and refuses one that does not fix what runs.
 * The digest is over the bytes as they are: another space is another program.
 *
 * Errors: `COMPOSE_MALFORMED`, `COMPOSE_TOO_LARGE`, `IMAGE_NOT_PINNED`.
 */
export function measureAppCompose(bytes: Uint8Array): MeasuredCompose {
  const text = decode(bytes);
  let manifest: JsonObject;
  let name: string;
  let compose: string;
  try {
    manifest = parseStrictJson(text);
    asUnsigned(manifest.manifest_version, "manifest_version");
    name = asString(manifest.name, "name");
    const runner = asString(manifest.runner, "runner");
    if (runner !== "docker-compose") throw malformed("runner", "docker-compose", runner);
    compose = asString(manifest.docker_compose_file, "docker_compose_file");
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed(SUBJECT, "the form of dstack's app-compose.json", error.message);
  }
  const digest = sha256(bytes);
  const scripts = ["init_script", "pre_launch_script"].filter((one) => hasScript(manifest, one));
  return {
    composeDigest: toHex(digest),
    defaultAppId: toHex(digest.subarray(0, 20)),
    name,
    images: pinnedImages(compose),
    scripts,
    bytes,
  };
}

export interface CreateAppComposeOptions {
  /** The text of a docker-compose file. */
  readonly compose: string;
  readonly name: string;
  /** Other members, such as `kms_enabled`. Those below cannot be replaced. */
  readonly settings?: JsonObject;
}

/**
 * An app-compose.json around a docker-compose file: the same text and settings give the same bytes.
 * Logs and system information are not public, and the guest asks no key management, unless the
 * settings say otherwise.
 */
export function createAppCompose({ compose, name, settings }: CreateAppComposeOptions): Uint8Array {
  const manifest = {
    public_logs: false,
    public_sysinfo: false,
    kms_enabled: false,
    gateway_enabled: false,
    ...(settings === undefined ? {} : asObject(settings, "settings")),
    manifest_version: 2,
    name,
    runner: "docker-compose",
    docker_compose_file: compose,
  };
  return toUtf8(JSON.stringify(manifest));
}

/**
 * Measures either form: an app-compose.json as it is, or a docker-compose file in an
 * app-compose.json made around it, whose bytes then have to be deployed.
 *
 * @param name The application's name, for a docker-compose file.
 */
export function measureCompose(bytes: Uint8Array, name: string): MeasuredCompose {
  const text = decode(bytes);
  if (text.trimStart().startsWith("{")) return measureAppCompose(bytes);
  return measureAppCompose(createAppCompose({ compose: text, name }));
}
