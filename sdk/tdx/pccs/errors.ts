import { TdxError } from "../errors.ts";

/** An argument that the client cannot use: the caller's mistake, found before any request. */
export function invalidParameter(
  subject: string,
  expected: string,
  found: string | number,
): TdxError {
  return new TdxError("PCCS_PARAMETER_INVALID", { subject, expected, found });
}

/** An answer that is not of the v4 API. `subject` names the item, `found` never quotes it. */
export function malformed(subject: string, expected: string, found: string | number): TdxError {
  return new TdxError("PCCS_RESPONSE_MALFORMED", { subject, expected, found });
}

/**
 * A failure that may pass by itself: the network's, a time limit's, status 429 or 5xx. It never
 * leaves this folder; the caller sees `error` when the tries are used up.
 */
export class PassingFailure extends Error {
  override readonly name = "PassingFailure";
  readonly error: TdxError;
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(error: TdxError, retryAfter?: number) {
    super(error.message);
    this.error = error;
    this.retryAfter = retryAfter;
  }
}
