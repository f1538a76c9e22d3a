import { equalBytes, fromHex, toHex } from "../bytes.ts";
import { TdxError } from "../tdx/errors.ts";
import { parseQuote } from "../tdx/quote.ts";
import { invalidParameter, WorkerError } from "./errors.ts";

/** Bytes of a TD's report data. */
export const REPORT_DATA_LENGTH = 64;
/** A quote has about 5 KB; providers pad it, GCP to 8,000 bytes. */
export const MAX_PROVIDED_LENGTH = 64 * 1024;

export interface QuoteRequestOptions {
  /** Ends the wait; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Something that gives quotes of the TD it runs in. */
export interface QuoteProvider {
  /** For logs: `configfs-tsm`, `dstack`, `simulator`. */
  readonly name: string;
  /**
   * A quote over exactly these 64 bytes, without padding.
   *
   * Errors: `QUOTE_PROVIDER_…`, `QUOTE_REPORT_DATA_MISMATCH`, `WORKER_PARAMETER_INVALID`.
   */
  getQuote(reportData: Uint8Array, options?: QuoteRequestOptions): Promise<Uint8Array>;
}

/** Errors: `WORKER_PARAMETER_INVALID`. */
export function checkReportData(reportData: Uint8Array): void {
  if (reportData.length === REPORT_DATA_LENGTH) return;
  const expected = `${REPORT_DATA_LENGTH} bytes`;
  throw invalidParameter("reportData", expected, `${reportData.length} bytes`);
}

/**
 * What a provider answered, checked and without its padding. Nobody's answer is taken for one to
 * this request: the quote has to hold the report data that was asked for.
 *
 * Errors: `QUOTE_PROVIDER_RESPONSE_INVALID`, `QUOTE_REPORT_DATA_MISMATCH`.
 */
export function checkProvidedQuote(
  provider: string,
  bytes: Uint8Array,
  reportData: Uint8Array,
): Uint8Array {
  let quote: ReturnType<typeof parseQuote>;
  try {
    quote = parseQuote(bytes);
  } catch (cause) {
    if (!(cause instanceof TdxError)) throw cause;
    throw new WorkerError("QUOTE_PROVIDER_RESPONSE_INVALID", {
      subject: provider,
      expected: "a TDX quote",
      found: `${bytes.length} bytes: ${cause.code}`,
      cause,
    });
  }
  const found = fromHex(quote.report.reportData) ?? new Uint8Array();
  if (!equalBytes(found, reportData)) {
    throw new WorkerError("QUOTE_REPORT_DATA_MISMATCH", {
      subject: provider,
      expected: toHex(reportData),
      found: quote.report.reportData,
    });
  }
  return bytes.slice(0, bytes.length - quote.trailingLength);
}
