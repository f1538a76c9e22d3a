import { TdxError } from "../errors.ts";

const FIRST_CAPACITY = 16_384;

/**
 * Reads a response's body, decompressed, up to a limit in bytes. The limit holds for what arrives;
 * a Content-Length beyond it only ends the reading sooner.
 *
 * Errors: `PCCS_RESPONSE_TOO_LARGE`; what the stream throws is passed on.
 */
export async function readBody(
  response: Response,
  limit: number,
  subject: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const tooLarge = (found: string) =>
    new TdxError("PCCS_RESPONSE_TOO_LARGE", {
      subject,
      expected: `at most ${limit} bytes`,
      found,
    });
  const declared = Number(response.headers.get("content-length") ?? 0);
  if (declared > limit) throw tooLarge(`${declared} bytes`);
  if (response.body === null) return new Uint8Array();

  // One growing buffer, not a list of chunks: a body in chunks of one byte must not cost more.
  let bytes = new Uint8Array(Math.min(FIRST_CAPACITY, limit));
  let length = 0;
  const reader = response.body.getReader();
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return bytes.slice(0, length);
      if (length + value.length > limit) throw tooLarge("more");
      if (length + value.length > bytes.length) {
        const larger = new Uint8Array(Math.min(limit, 2 * (length + value.length)));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(value, length);
      length += value.length;
    }
  } catch (error) {
    // Whatever becomes of the rest of the body, the first failure is the one to report.
    reader.cancel().catch(() => {});
    throw error;
  }
}
