import { toUtf8 } from "../../bytes.ts";
import { TdxError } from "../errors.ts";

/** Intel's own service, which serves the same paths but for the root CRL. */
const INTEL_PCS_HOST = "api.trustedservices.intel.com";

/** The CRL distribution point of Intel's root certificate. */
const INTEL_ROOT_CA_CRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

/** The path as PCCS configuration files write it, which every endpoint repeats. */
const API_PATH = /\/(?:sgx|tdx)\/certification\/v(\d+)\/?$/;

export interface BaseUrl {
  /** Without credentials and query; its path ends with a slash. */
  readonly url: URL;
  /** Value of the Authorization header for the credentials of the address. */
  readonly authorization: string | undefined;
  readonly isIntelPcs: boolean;
}

/** The address itself is never quoted: it may hold a password, or be one. */
function invalid(subject: string, expected: string, found: string): TdxError {
  return new TdxError("PCCS_URL_INVALID", { subject, expected, found });
}

function parse(text: string, subject: string): URL {
  try {
    return new URL(text);
  } catch {
    throw invalid(subject, "an http or https URL", "a text that is no URL");
  }
}

/** Basic credentials (RFC 7617), which `fetch` refuses to take from an address. */
function takeCredentials(url: URL, subject: string): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  let pair: Uint8Array;
  try {
    pair = toUtf8(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`);
  } catch {
    throw invalid(subject, "credentials in percent-encoded UTF-8", "another encoding");
  }
  url.username = "";
  url.password = "";
  return `Basic ${btoa(String.fromCharCode(...pair))}`;
}

/**
 * Reads the address of a PCCS or PCS. A path before the API's own is kept; the API's own path, as
 * in `https://pccs.example/sgx/certification/v4/`, may be given or left out.
 *
 * Errors: `PCCS_URL_INVALID`.
 */
export function readBaseUrl(input: string | URL): BaseUrl {
  const subject = "url";
  const url = parse(String(input), subject);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(subject, "an http or https URL", "another scheme");
  }
  if (url.search !== "" || url.hash !== "") {
    throw invalid(subject, "the address of a service", "an address with a query or a fragment");
  }
  const version = API_PATH.exec(url.pathname)?.[1];
  if (version !== undefined && version !== "4") {
    throw invalid(subject, "the API's version 4", `version ${version.slice(0, 4)}`);
  }
  const authorization = takeCredentials(url, subject);
  url.pathname = `${url.pathname.replace(API_PATH, "").replace(/\/+$/, "")}/`;
  return { url, authorization, isIntelPcs: url.hostname === INTEL_PCS_HOST };
}

/**
 * Where to get the root CRL from a source that does not serve it. Only the caller, or Intel's
 * fixed address for Intel's own service, says so: the address inside a certificate that nobody has
 * verified yet would let whoever sent it choose where requests go.
 *
 * Errors: `PCCS_URL_INVALID`.
 */
export function readRootCaCrlUrl(given: string | undefined, base: BaseUrl): URL | undefined {
  const text = given ?? (base.isIntelPcs ? INTEL_ROOT_CA_CRL : undefined);
  if (text === undefined) return undefined;
  const subject = "rootCaCrlUrl";
  const url = parse(text, subject);
  if (url.protocol !== "https:") throw invalid(subject, "an https URL", "another scheme");
  if (url.username !== "" || url.password !== "") {
    throw invalid(subject, "an address without credentials", "credentials");
  }
  return url;
}
