import { GpuError } from "../errors.ts";

/** NVIDIA's own services. */
export const NVIDIA_RIM_SERVICE = "https://rim.attestation.nvidia.com/v1/rim/";
export const NVIDIA_OCSP_SERVICE = "https://ocsp.ndis.nvidia.com/";
export const NVIDIA_NRAS_JWKS = "https://nras.attestation.nvidia.com/.well-known/jwks.json";

export interface GpuServicesOptions {
  /** Address that a RIM's id is appended to. Default: NVIDIA's. */
  readonly rimUrl?: string | URL;
  /** Where OCSP requests are posted to. Default: NVIDIA's. */
  readonly ocspUrl?: string | URL;
  /** The key set of NRAS. Default: NVIDIA's. */
  readonly jwksUrl?: string | URL;
  /** Milliseconds for one request including its body. Default: 10,000. */
  readonly timeout?: number;
  /**
   * How often a request is repeated after its first try, 0 to 10: only after network errors,
   * timeouts, 429 and 5xx. Default: 2.
   */
  readonly retries?: number;
  /** Milliseconds before the first repetition; doubles each time. Default: 250. */
  readonly retryDelay?: number;
  /** The most RIMs, and the most OCSP responses, that are kept. Default: 256. */
  readonly cacheLimit?: number;
  /** Seconds for which a RIM is kept. OCSP responses are kept until they expire. Default: 86,400. */
  readonly rimCacheTime?: number;
  /**
   * Who answers at `ocspUrl`. A responder repeats the nonce of each request, and an answer without it
   * is refused; a cache cannot, and the age of its answers is bounded by their period alone. Another
   * nonce than the request's is refused from both. Default: responder.
   */
  readonly ocspFrom?: "responder" | "cache";
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface Settings {
  readonly rimUrl: URL;
  readonly ocspUrl: URL;
  readonly jwksUrl: URL;
  readonly timeout: number;
  readonly retries: number;
  readonly retryDelay: number;
  readonly cacheLimit: number;
  readonly rimCacheTime: number;
  readonly ocspFrom: "responder" | "cache";
  readonly fetch: typeof globalThis.fetch;
}

/** What a timer can hold. */
const MAX_DELAY = 2 ** 31 - 1;

function invalid(subject: string, expected: string, found: string): GpuError {
  return new GpuError("SERVICE_PARAMETER_INVALID", { subject, expected, found });
}

function readUrl(subject: string, given: string | URL): URL {
  let url: URL;
  try {
    url = new URL(String(given));
  } catch {
    throw invalid(subject, "an http or https URL", "a text that is no URL");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(subject, "an http or https URL", "another scheme");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw invalid(subject, "an address without credentials, query and fragment", "more");
  }
  return url;
}

/** An address that ids are appended to ends in a slash. */
function readBase(subject: string, given: string | URL): URL {
  const url = readUrl(subject, given);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function readNumber(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(name, `a whole number from ${min} to ${max}`, String(value));
}

/** Checks the options and fills in the defaults. Errors: `SERVICE_PARAMETER_INVALID`. */
export function readOptions(options: GpuServicesOptions): Settings {
  const ocspFrom = options.ocspFrom ?? "responder";
  if (ocspFrom !== "responder" && ocspFrom !== "cache") {
    throw invalid("ocspFrom", "responder or cache", String(ocspFrom));
  }
  return {
    rimUrl: readBase("rimUrl", options.rimUrl ?? NVIDIA_RIM_SERVICE),
    ocspUrl: readUrl("ocspUrl", options.ocspUrl ?? NVIDIA_OCSP_SERVICE),
    jwksUrl: readUrl("jwksUrl", options.jwksUrl ?? NVIDIA_NRAS_JWKS),
    timeout: readNumber("timeout", options.timeout ?? 10_000, 1, MAX_DELAY),
    retries: readNumber("retries", options.retries ?? 2, 0, 10),
    retryDelay: readNumber("retryDelay", options.retryDelay ?? 250, 0, 60_000),
    cacheLimit: readNumber("cacheLimit", options.cacheLimit ?? 256, 0, 65_536),
    rimCacheTime: readNumber("rimCacheTime", options.rimCacheTime ?? 86_400, 0, 31_536_000),
    ocspFrom,
    fetch: options.fetch ?? globalThis.fetch,
  };
}
