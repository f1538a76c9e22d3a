import { TdxError } from "../errors.ts";
import { readBody } from "./body.ts";
import { sleep, withDeadline } from "./cancellation.ts";
import type { CollateralItem } from "./endpoints.ts";
import { PassingFailure } from "./errors.ts";
import { type RetryPolicy, readRetryAfter, withRetries } from "./retry.ts";

/** A request that will be repeated. */
export interface PccsRetry {
  readonly item: CollateralItem;
  /** How often it has failed, from 1. */
  readonly failures: number;
  /** Milliseconds until it is repeated. */
  readonly delay: number;
  /** Why it failed the last time. */
  readonly error: TdxError;
}

/** An item that has arrived. */
export interface PccsProgress {
  readonly item: CollateralItem;
  /** Bytes of its body. */
  readonly length: number;
  /** How many items have arrived, of `total`. */
  readonly received: number;
  readonly total: number;
}

export interface TransportSettings extends RetryPolicy {
  readonly base: URL;
  /** Sent to the origin of `base` only. */
  readonly headers: Headers;
  readonly fetch: typeof globalThis.fetch;
  readonly timeout: number;
  readonly maxResponseLength: number;
  readonly onRetry: ((retry: PccsRetry) => void) | undefined;
  readonly onProgress: ((progress: PccsProgress) => void) | undefined;
}

interface Answer {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Fetches one item; only a whole answer with status 200 is returned. */
export type Get = (item: CollateralItem, url: URL) => Promise<Answer>;

const ITEM_COUNT = 4;

/** Node's name for headers that exceed its limit of 16 KB. */
const HEADERS_OVERFLOW = "UND_ERR_HEADERS_OVERFLOW";
const MAX_CAUSES = 8;

/**
 * The code of a network error (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), from wherever in its causes it
 * stands. Nothing else of the error is kept: messages of some implementations quote the request.
 */
function networkErrorCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth++) {
    const code: unknown = Reflect.get(current, "code");
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return code;
    current = current.cause;
  }
  return undefined;
}

function networkFailure(item: CollateralItem, url: URL, error: unknown): Error {
  const code = networkErrorCode(error);
  if (code === HEADERS_OVERFLOW) {
    return new TdxError("PCCS_RESPONSE_TOO_LARGE", {
      subject: item,
      expected: "an issuer chain and the usual headers",
      found: "more",
    });
  }
  return new PassingFailure(
    new TdxError("PCCS_UNREACHABLE", {
      subject: item,
      expected: `an answer from ${url.origin}`,
      found: code ?? "a network error",
    }),
  );
}

/** Redirects are not followed: they would lead requests, and keys, to where nobody sent them. */
function checkStatus(item: CollateralItem, response: Response, maxRetryDelay: number): void {
  const { status } = response;
  if (status === 200) return;
  const error = (found: string | number) =>
    new TdxError("PCCS_STATUS", { subject: item, expected: 200, found });
  if (response.type === "opaqueredirect") throw error("a redirect");
  if (status >= 300 && status < 400) throw error(`${status}, which is not followed`);
  if (status !== 429 && status < 500) throw error(status);
  const retryAfter = readRetryAfter(response.headers.get("retry-after"), Date.now());
  if (retryAfter !== undefined && retryAfter > maxRetryDelay) {
    throw error(`${status}, to be repeated after ${Math.ceil(retryAfter / 1000)} s`);
  }
  throw new PassingFailure(error(status), retryAfter);
}

async function request(
  settings: TransportSettings,
  item: CollateralItem,
  url: URL,
  signal: AbortSignal,
): Promise<Answer> {
  const { fetch } = settings;
  let response: Response;
  try {
    response = await fetch(url.href, {
      headers: url.origin === settings.base.origin ? settings.headers : {},
      redirect: "manual",
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal,
    });
  } catch (error) {
    throw networkFailure(item, url, error);
  }
  checkStatus(item, response, settings.maxRetryDelay);
  try {
    const body = await readBody(response, settings.maxResponseLength, item, signal);
    return { headers: response.headers, body };
  } catch (error) {
    throw error instanceof TdxError ? error : networkFailure(item, url, error);
  }
}

/**
 * Makes what fetches the items of one collateral, each with a time limit for every try, and
 * repeated as the policy says. Rejects with the signal's reason when that aborts.
 *
 * Errors: `PCCS_UNREACHABLE`, `PCCS_TIMEOUT`, `PCCS_STATUS`, `PCCS_RESPONSE_TOO_LARGE`.
 */
export function createGet(settings: TransportSettings, signal: AbortSignal): Get {
  let received = 0;
  return async (item, url) => {
    const createTimeoutError = () =>
      new PassingFailure(
        new TdxError("PCCS_TIMEOUT", {
          subject: item,
          expected: `a whole answer from ${url.origin} within ${settings.timeout} ms`,
          found: "none",
        }),
      );
    const answer = await withRetries(
      settings,
      () =>
        withDeadline(signal, settings.timeout, createTimeoutError, (limited) =>
          request(settings, item, url, limited),
        ),
      async (failures, delay, { error }) => {
        settings.onRetry?.({ item, failures, delay, error });
        await sleep(delay, signal);
      },
    );
    received++;
    settings.onProgress?.({
      item,
      length: answer.body.length,
      received,
      total: ITEM_COUNT,
    });
    return answer;
  };
}
