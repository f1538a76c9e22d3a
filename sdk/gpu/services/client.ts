import { decodeBase64 } from "../../base64.ts";
import { BoundedCache } from "../../bounded-cache.ts";
import { toHex, toUtf8 } from "../../bytes.ts";
import { asString, JsonError, type JsonObject, parseStrictJson } from "../../json.ts";
import type { AuthenticReport } from "../authenticate.ts";
import { defaultBackend } from "../crypto.ts";
import { GpuError } from "../errors.ts";
import { encodeOcspRequest } from "../ocsp/request.ts";
import { MAX_OCSP_LENGTH, parseOcspResponse } from "../ocsp/response.ts";
import { toSeconds } from "../period.ts";
import { createRim, MAX_RIM_LENGTH, type Rim } from "../rim.ts";
import { neededRims } from "../rim-id.ts";
import type { GpuCollateral } from "../verify.ts";
import type { ChainLink } from "../x509.ts";
import { type GpuServicesOptions, readOptions } from "./options.ts";
import { ask } from "./transport.ts";

export interface FetchParameters {
  /** The time that the answers are for: a Date, or whole seconds since 1970. */
  readonly at: Date | number;
  /** Cancels every request; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface FetchRimParameters extends FetchParameters {
  /** The root that RIM signers chain to, DER or PEM. */
  readonly root: Uint8Array | string;
}

/** NVIDIA's RIM service, OCSP responder and key set of NRAS. */
export interface GpuServices {
  /**
   * Fetches a RIM by its id and verifies it as `createRim` does, or takes it from the cache.
   *
   * Errors: `SERVICE_…`, and those of `createRim`.
   */
  fetchRim(id: string, parameters: FetchRimParameters): Promise<Rim>;
  /**
   * Asks about one certificate, or takes an answer from the cache that holds at the time. Only its
   * form and its nonce are checked: `verify` checks the rest.
   *
   * Errors: `SERVICE_…`, `OCSP_MALFORMED`, `OCSP_NOT_SUCCESSFUL`, `OCSP_NONCE_MISMATCH`.
   */
  fetchOcsp(link: ChainLink, parameters: FetchParameters): Promise<Uint8Array>;
  /** Everything that `verify` needs for these devices, each thing once. */
  fetchCollateral(
    devices: readonly AuthenticReport[],
    parameters: FetchRimParameters,
  ): Promise<GpuCollateral>;
  /** The key set of NRAS now, as JSON. Keep it with the token: keys are dropped after days. */
  fetchJwks(parameters?: { readonly signal?: AbortSignal }): Promise<string>;
}

/** Base64 of the largest RIM, and what stands around it. */
const MAX_RIM_ANSWER_LENGTH = Math.ceil(MAX_RIM_LENGTH / 3) * 4 + 4_096;
const MAX_JWKS_LENGTH = 1_048_576;
const OCSP_NONCE_LENGTH = 32;
const RIM_ID = /^[A-Za-z0-9_.-]{1,200}$/;
const TEXT = new TextDecoder("utf-8", { fatal: true });

function decodeText(bytes: Uint8Array, subject: string): string {
  try {
    return TEXT.decode(bytes);
  } catch {
    throw new GpuError("SERVICE_RESPONSE_MALFORMED", { subject, expected: "UTF-8" });
  }
}

/** `{"id", "rim": base64, …}`. The digest in it is nobody's signature, so it is not looked at. */
function readRimAnswer(bytes: Uint8Array, id: string): Uint8Array {
  const malformed = (found: string) =>
    new GpuError("SERVICE_RESPONSE_MALFORMED", { subject: id, expected: "a RIM in JSON", found });
  let answer: JsonObject;
  let rim: string;
  try {
    answer = parseStrictJson(decodeText(bytes, id));
    rim = asString(answer.rim, "rim");
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw malformed(error.message);
  }
  if (answer.id !== undefined && answer.id !== id) throw malformed("a RIM of another id");
  const base64 = toUtf8(rim);
  return decodeBase64(base64, 0, base64.length, malformed);
}

/**
 * Makes a client of NVIDIA's services, or of a mirror of them. It keeps what it fetched, bounded,
 * follows no redirect, and no address that it finds in an answer or a certificate.
 *
 * Errors: `SERVICE_PARAMETER_INVALID`.
 *
 * @example
 * import { authenticate, nvidiaRoots, parseEvidence, verify } from "chainseal/sdk/gpu";
 * import { createGpuServices } from "chainseal/sdk/gpu/services";
 *
 * const at = new Date();
 * const roots = nvidiaRoots();
 * const evidence = parseEvidence(json);
 * const devices = evidence.map((one) => authenticate(one, { at, nonce, root: roots.device }));
 * const services = createGpuServices();
 * const collateral = await services.fetchCollateral(devices, { at, root: roots.rim });
 * const result = verify(evidence, collateral, { at, nonce, roots });
 */
export function createGpuServices(options: GpuServicesOptions = {}): GpuServices {
  const settings = readOptions(options);
  const rims = new BoundedCache<{ readonly rim: Rim; readonly at: number }>(settings.cacheLimit);
  const answers = new BoundedCache<Uint8Array>(settings.cacheLimit);

  const fetchRim: GpuServices["fetchRim"] = async (id, { root, at: time, signal }) => {
    const at = toSeconds(time);
    if (!RIM_ID.test(id)) {
      throw new GpuError("SERVICE_PARAMETER_INVALID", { subject: "id", expected: "a RIM's id" });
    }
    const bytes = typeof root === "string" ? toUtf8(root) : root;
    const key = `${id} ${toHex(defaultBackend.sha256(bytes))}`;
    const known = rims.get(key);
    const isFresh =
      known !== undefined &&
      Math.abs(at - known.at) < settings.rimCacheTime &&
      at <= known.rim.validUntil;
    if (isFresh) return known.rim;
    const url = new URL(encodeURIComponent(id), settings.rimUrl);
    const question = { subject: id, url, limit: MAX_RIM_ANSWER_LENGTH };
    const answer = await ask(settings, question, signal);
    const rim = createRim(readRimAnswer(answer, id), { root, id });
    rims.set(key, { rim, at });
    return rim;
  };

  const fetchOcsp: GpuServices["fetchOcsp"] = async (link, { at: time, signal }) => {
    const at = toSeconds(time);
    const { subject, issuer } = link;
    const key = toHex(
      defaultBackend.sha256(
        Uint8Array.of(...subject.certificate.der, ...issuer.certificate.publicKey),
      ),
    );
    const known = answers.get(key);
    if (known !== undefined) {
      const all = parseOcspResponse(known).answers;
      if (all.every(({ thisUpdate, nextUpdate }) => at >= thisUpdate && at <= nextUpdate)) {
        return known;
      }
    }
    const nonce = globalThis.crypto.getRandomValues(new Uint8Array(OCSP_NONCE_LENGTH));
    const body = {
      type: "application/ocsp-request",
      bytes: encodeOcspRequest(link, nonce, defaultBackend),
    };
    const about = `OCSP response about the ${link.name}`;
    const question = { subject: about, url: settings.ocspUrl, limit: MAX_OCSP_LENGTH, body };
    const answer = await ask(settings, question, signal);
    const found = parseOcspResponse(answer).nonce;
    const isMissing = found === undefined && settings.ocspFrom === "responder";
    if (isMissing || (found !== undefined && found !== toHex(nonce))) {
      throw new GpuError("OCSP_NONCE_MISMATCH", {
        subject: about,
        expected: toHex(nonce),
        found: found ?? "no nonce",
      });
    }
    answers.set(key, answer);
    return answer;
  };

  const fetchCollateral: GpuServices["fetchCollateral"] = async (devices, parameters) => {
    const ids = new Set(
      devices.flatMap(({ architecture, report }) =>
        neededRims(architecture, report.opaque).map(({ id }) => id),
      ),
    );
    const found = await Promise.all([...ids].map((id) => fetchRim(id, parameters)));
    const links = new Map<string, ChainLink>();
    for (const { links: own } of devices) for (const link of own) links.set(nameOf(link), link);
    for (const { chain } of found) for (const link of chain) links.set(nameOf(link), link);
    const ocsp = await Promise.all([...links.values()].map((link) => fetchOcsp(link, parameters)));
    return { rims: found, ocsp };
  };

  return Object.freeze({
    fetchRim,
    fetchOcsp,
    fetchCollateral,
    async fetchJwks(parameters: { readonly signal?: AbortSignal } = {}) {
      const subject = "key set of NRAS";
      const question = { subject, url: settings.jwksUrl, limit: MAX_JWKS_LENGTH };
      return decodeText(await ask(settings, question, parameters.signal), subject);
    },
  });
}

function nameOf({ subject }: ChainLink): string {
  return toHex(subject.certificate.der);
}
