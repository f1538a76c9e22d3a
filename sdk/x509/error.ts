import type { ErrorDetails } from "../errors.ts";

/** What can be wrong with a certificate, a chain or a revocation list by itself. */
export type X509ErrorCode =
  | "PEM_MALFORMED"
  | "CERTIFICATE_MALFORMED"
  | "CERTIFICATE_EXTENSION_MISSING"
  | "CERTIFICATE_EXTENSION_UNSUPPORTED"
  | "CERTIFICATE_ISSUER_MISMATCH"
  | "CERTIFICATE_USAGE_FORBIDDEN"
  | "CERTIFICATE_SIGNATURE_INVALID"
  | "CRL_MALFORMED"
  | "CRL_EXTENSION_MISSING"
  | "CRL_EXTENSION_UNSUPPORTED"
  | "CRL_ISSUER_MISMATCH"
  | "CRL_SIGNATURE_INVALID";

/**
 * Thrown by the readers here; each kind of evidence has its own table of errors and wraps it into
 * the one of the same code.
 */
export class X509Error extends Error {
  override readonly name = "X509Error";
  readonly code: X509ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: X509ErrorCode, details: ErrorDetails) {
    super(code);
    this.code = code;
    this.details = details;
  }
}
