import type { Account, Client } from "viem";
import { createClient, type HttpTransport, http } from "viem";
import { CliError } from "../support/errors.ts";

export type RpcClient = Client<HttpTransport, undefined, Account | undefined>;

/** More than any answer that is asked for: a receipt, a verdict, a small list. */
const MAX_RESPONSE_LENGTH = 4 * 1024 * 1024;
const POLLING_MS = 1_000;

/** An answer that is read no further than the limit. */
async function boundedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, { ...init, redirect: "error" });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_RESPONSE_LENGTH) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  const { status, statusText, headers } = response;
  const isBodyless = status === 204 || status === 304;
  return new Response(isBodyless ? null : Buffer.concat(chunks), { status, statusText, headers });
}

/**
 * A client of the endpoint at `url`, with a limit on the time and length of every answer.
 * Errors: `RPC_URL_INVALID`.
 */
export function connectRpc(
  url: string,
  options: { readonly timeout: number; readonly account?: Account },
): RpcClient {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
    throw new CliError("RPC_URL_INVALID", {
      expected: "http:// or https://",
      found: parsed === undefined ? "no URL" : parsed.protocol,
    });
  }
  const { timeout, account } = options;
  const transport = http(url, { timeout, retryCount: 2, fetchFn: boundedFetch });
  return createClient({
    transport,
    pollingInterval: POLLING_MS,
    ...(account === undefined ? {} : { account }),
  });
}
