import { GpuError } from "../errors.ts";
import type { Settings } from "./options.ts";

/** One thing to ask of a service. */
export interface Question {
  /** What it is about, for errors. */
  readonly subject: string;
  readonly url: URL;
  /** The largest answer that is read, in bytes after decompression. */
  readonly limit: number;
  /** Posted as this media type; without a body it is a GET. */
  readonly body?: { readonly type: string; readonly bytes: Uint8Array };
}

/** A failure that may pass. */
class PassingFailure {
  readonly error: GpuError;

  constructor(error: GpuError) {
    this.error = error;
  }
}

/** Reads a body up to a limit; what arrives counts, not what was announced. */
async function readBody(response: Response, { subject, limit }: Question): Promise<Uint8Array> {
  const tooLarge = () =>
    new GpuError("SERVICE_RESPONSE_TOO_LARGE", {
      subject,
      expected: `at most ${limit} bytes`,
      found: "more",
    });
  if (Number(response.headers.get("content-length") ?? 0) > limit) throw tooLarge();
  if (response.body === null) return new Uint8Array();
  // One buffer of a fixed size: a body in chunks of one byte must not cost more.
  const buffer = new Uint8Array(limit);
  let length = 0;
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return buffer.slice(0, length);
      if (length + value.length > limit) throw tooLarge();
      buffer.set(value, length);
      length += value.length;
    }
  } catch (error) {
    // Whatever becomes of the rest of the body, the first failure is the one to report.
    reader.cancel().catch(() => {});
    throw error;
  }
}

/** Redirects are not followed: they would lead requests to where nobody sent them. */
function checkStatus(response: Response, subject: string): void {
  const { status } = response;
  if (status === 200) return;
  const isRedirect = response.type === "opaqueredirect" || (status >= 300 && status < 400);
  const found = isRedirect ? "a redirect, which is not followed" : status;
  const error = new GpuError("SERVICE_STATUS", { subject, expected: 200, found });
  throw status === 429 || status >= 500 ? new PassingFailure(error) : error;
}

async function attempt(
  settings: Settings,
  question: Question,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { subject, url, body } = question;
  try {
    const response = await settings.fetch(url.href, {
      ...(body === undefined
        ? {}
        : {
            method: "POST",
            headers: { "content-type": body.type },
            body: new Uint8Array(body.bytes),
          }),
      redirect: "manual",
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal,
    });
    checkStatus(response, subject);
    return await readBody(response, question);
  } catch (error) {
    if (error instanceof GpuError || error instanceof PassingFailure) throw error;
    throw new PassingFailure(
      new GpuError("SERVICE_UNREACHABLE", {
        subject,
        expected: `an answer from ${url.origin}`,
        found: "a network error",
      }),
    );
  }
}

/** Runs one attempt with a time limit. The answer does not wait for a `fetch` that ignores it. */
async function withDeadline(
  settings: Settings,
  question: Question,
  parent: AbortSignal | undefined,
): Promise<Uint8Array> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: (() => void) | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const { subject, url } = question;
      const expected = `a whole answer from ${url.origin} within ${settings.timeout} ms`;
      reject(
        new PassingFailure(new GpuError("SERVICE_TIMEOUT", { subject, expected, found: "none" })),
      );
    }, settings.timeout);
    onAbort = () => reject(parent?.reason);
    parent?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([attempt(settings, question, controller.signal), cancelled]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) parent?.removeEventListener("abort", onAbort);
    controller.abort();
  }
}

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, milliseconds);
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * Asks a service, with a time limit for every try and repeated as the options say. Rejects with
 * the signal's reason when that aborts.
 *
 * Errors: `SERVICE_UNREACHABLE`, `SERVICE_TIMEOUT`, `SERVICE_STATUS`, `SERVICE_RESPONSE_TOO_LARGE`.
 */
export async function ask(
  settings: Settings,
  question: Question,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  for (let failures = 1; ; failures++) {
    signal?.throwIfAborted();
    try {
      return await withDeadline(settings, question, signal);
    } catch (failure) {
      if (!(failure instanceof PassingFailure)) throw failure;
      if (failures > settings.retries) throw failure.error;
      // Half of it random, so that clients that failed together do not come back together.
      const delay = settings.retryDelay * 2 ** (failures - 1) * (0.5 + Math.random() / 2);
      await sleep(delay, signal);
    }
  }
}
