import { TdxError } from "../errors.ts";
import { readBaseUrl, readRootCaCrlUrl } from "./base-url.ts";
import { invalidParameter } from "./errors.ts";
import type { PccsProgress, PccsRetry, TransportSettings } from "./transport.ts";

export interface PccsClientOptions {
  /**
   * Address of a PCCS, or of Intel's PCS (https://api.trustedservices.intel.com), http or https,
   * with or without the API's own path. Credentials in it (user:password@) are sent as HTTP Basic.
   */
  readonly url: string | URL;
  /** Milliseconds for one request including its body. Default: 10,000. */
  readonly timeout?: number;
  /**
   * How often a request is repeated after its first try, 0 to 10: only after network errors,
   * timeouts, 429 and 5xx. Default: 3.
   */
  readonly retries?: number;
  /** Milliseconds before the first repetition; doubles each time, with jitter. Default: 250. */
  readonly retryDelay?: number;
  /**
   * The longest wait before a repetition, in milliseconds. A service that asks for more
   * (Retry-After) is not asked again. Default: 10,000.
   */
  readonly maxRetryDelay?: number;
  /** The largest body that is read, in bytes after decompression. Default: 1 MiB. */
  readonly maxResponseLength?: number;
  /**
   * Sent to the origin of `url` and to no other, such as `Ocp-Apim-Subscription-Key`. They never
   * appear in an error.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the global `fetch`. Give your own for a private CA or a proxy. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * https address of the root CRL as DER, for a source that does not serve it itself. Default:
   * Intel's, when `url` is Intel's PCS; otherwise none.
   */
  readonly rootCaCrlUrl?: string;
  /** Called before each wait for a repetition. */
  readonly onRetry?: (retry: PccsRetry) => void;
  /** Called when an item has arrived. */
  readonly onProgress?: (progress: PccsProgress) => void;
}

export interface Settings extends TransportSettings {
  readonly base: URL;
  readonly isIntelPcs: boolean;
  readonly rootCaCrlUrl: URL | undefined;
}

/** What a timer can hold. */
const MAX_DELAY = 2 ** 31 - 1;

function readNumber(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalidParameter(name, `a whole number from ${min} to ${max}`, String(value));
  }
  return value;
}

/** The platform's own error would quote the value of a header that it refuses: here none is. */
function readHeaders(given: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.append(name, value);
    } catch {
      throw invalidParameter("headers", "valid HTTP header names and values", "another text");
    }
  }
  return headers;
}

/**
 * Checks the options and fills in the defaults.
 *
 * Errors: `PCCS_URL_INVALID`, `PCCS_PARAMETER_INVALID`.
 */
export function readOptions(options: PccsClientOptions): Settings {
  const base = readBaseUrl(options.url);
  const headers = readHeaders(options.headers ?? {});
  if (base.authorization !== undefined) {
    if (headers.has("authorization")) {
      throw new TdxError("PCCS_URL_INVALID", {
        subject: "url",
        expected: "credentials in the address or in the headers",
        found: "both",
      });
    }
    headers.set("authorization", base.authorization);
  }
  return {
    base: base.url,
    isIntelPcs: base.isIntelPcs,
    rootCaCrlUrl: readRootCaCrlUrl(options.rootCaCrlUrl, base),
    headers,
    fetch: options.fetch ?? globalThis.fetch,
    timeout: readNumber("timeout", options.timeout ?? 10_000, 1, MAX_DELAY),
    retries: readNumber("retries", options.retries ?? 3, 0, 10),
    retryDelay: readNumber("retryDelay", options.retryDelay ?? 250, 0, MAX_DELAY),
    maxRetryDelay: readNumber("maxRetryDelay", options.maxRetryDelay ?? 10_000, 0, MAX_DELAY),
    maxResponseLength: readNumber(
      "maxResponseLength",
      options.maxResponseLength ?? 1_048_576,
      1,
      2 ** 30,
    ),
    onRetry: options.onRetry,
    onProgress: options.onProgress,
  };
}
