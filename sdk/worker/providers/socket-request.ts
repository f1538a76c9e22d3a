import { request } from "node:http";
import { WorkerError } from "../errors.ts";
import { errnoOf } from "./configfs-files.ts";

export interface SocketRequest {
  readonly socketPath: string;
  /** Such as `/GetQuote`. */
  readonly path: string;
  /** JSON that is posted. */
  readonly body: string;
  /** Milliseconds for the whole answer. */
  readonly timeout: number;
  /** Bytes of the answer. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

const invalid = (subject: string, expected: string, found: string | number): WorkerError =>
  new WorkerError("QUOTE_PROVIDER_RESPONSE_INVALID", { subject, expected, found });

/**
 * Posts JSON over a unix socket; returns the body of an answer with status 200, as text. Errors:
 * `QUOTE_PROVIDER_FAILED`, `QUOTE_PROVIDER_TIMEOUT`, `QUOTE_PROVIDER_RESPONSE_INVALID`; the
 * signal's reason.
 */
export function postOverSocket(options: SocketRequest): Promise<string> {
  const { socketPath, path, body, timeout, limit, signal } = options;
  const subject = `${socketPath} ${path}`;
  return new Promise<string>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const call = request({
      socketPath,
      path,
      method: "POST",
      // No connection is kept: what a worker asks for once in hours needs none.
      agent: false,
      headers: {
        host: "dstack",
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      },
    });
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      settle();
      call.destroy();
    };
    const fail = (error: unknown) => end(() => reject(error));
    const onAbort = () => fail(signal?.reason);
    const onTimeout = () => {
      const details = { subject, expected: `a whole answer within ${timeout} ms`, found: "none" };
      fail(new WorkerError("QUOTE_PROVIDER_TIMEOUT", details));
    };
    const timer = setTimeout(onTimeout, timeout);
    signal?.addEventListener("abort", onAbort, { once: true });
    const onError = (cause: unknown) => {
      const found = errnoOf(cause) ?? "a broken connection";
      fail(new WorkerError("QUOTE_PROVIDER_FAILED", { subject, found, cause }));
    };
    call.on("error", onError);
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("error", onError);
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > limit) return fail(invalid(subject, `at most ${limit} bytes`, "more"));
        chunks.push(chunk);
      });
      response.on("end", () => {
        const found = `HTTP status ${response.statusCode}`;
        if (response.statusCode !== 200) {
          return fail(new WorkerError("QUOTE_PROVIDER_FAILED", { subject, expected: 200, found }));
        }
        try {
          const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
          end(() => resolve(text));
        } catch {
          fail(invalid(subject, "UTF-8", "other bytes"));
        }
      });
    });
    call.end(body);
  });
}
