import { fromHex, toHexDigits } from "../../bytes.ts";
import { asString, JsonError, type JsonObject, parseStrictJson } from "../../json.ts";
import { WorkerError } from "../errors.ts";
import {
  checkProvidedQuote,
  checkReportData,
  MAX_PROVIDED_LENGTH,
  type QuoteProvider,
} from "../quote-provider.ts";
import { postOverSocket } from "./socket-request.ts";

export const DEFAULT_DSTACK_SOCKET = "/var/run/dstack.sock";
export const LEGACY_DSTACK_SOCKET = "/var/run/tappd.sock";

export interface DstackProviderOptions {
  /** Default: `/var/run/dstack.sock`. */
  readonly socketPath?: string;
  /** The older agent's protocol, `/prpc/Tappd.RawQuote`; its socket is `/var/run/tappd.sock`. */
  readonly isLegacy?: boolean;
  /** Milliseconds for one quote. Default: 60,000. */
  readonly timeout?: number;
}

/** The answer brings the event log along: 100 KB and more. */
const MAX_ANSWER = 4 * 1024 * 1024;

function readAnswer(name: string, text: string): Uint8Array {
  const invalid = (found: string, cause?: unknown) =>
    new WorkerError("QUOTE_PROVIDER_RESPONSE_INVALID", {
      subject: name,
      expected: 'JSON with "quote" in hex',
      found,
      cause,
    });
  let answer: JsonObject;
  let hex: string;
  try {
    answer = parseStrictJson(text);
    hex = asString(answer.quote, "quote");
  } catch (cause) {
    throw cause instanceof JsonError ? invalid(cause.message, cause) : cause;
  }
  if (hex.length > 2 * MAX_PROVIDED_LENGTH + 2) throw invalid("a longer quote");
  const bytes = fromHex(hex);
  if (bytes === undefined) throw invalid("another encoding");
  return bytes;
}

/**
 * The guest agent of dstack, over its unix socket: `POST /GetQuote`.
 *
 * @example
 * import { dstackProvider } from "chainseal/sdk/worker";
 *
 * const quote = await dstackProvider().getQuote(reportData);
 */
export function dstackProvider(options: DstackProviderOptions = {}): QuoteProvider {
  const { isLegacy = false, timeout = 60_000 } = options;
  const socketPath =
    options.socketPath ?? (isLegacy ? LEGACY_DSTACK_SOCKET : DEFAULT_DSTACK_SOCKET);
  const name = isLegacy ? "dstack (tappd)" : "dstack";
  return {
    name,
    async getQuote(reportData, { signal } = {}) {
      checkReportData(reportData);
      const text = await postOverSocket({
        socketPath,
        path: isLegacy ? "/prpc/Tappd.RawQuote" : "/GetQuote",
        body: JSON.stringify({ report_data: toHexDigits(reportData) }),
        timeout,
        limit: MAX_ANSWER,
        signal,
      });
      return checkProvidedQuote(name, readAnswer(name, text), reportData);
    },
  };
}
