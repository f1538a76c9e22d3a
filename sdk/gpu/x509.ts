import { P384_SHA384 } from "../x509/algorithm.ts";
import {
  type Certificate,
  type CertificateProfile,
  parseCertificate as parseX509Certificate,
  verifyIssuedBy as verifyX509IssuedBy,
} from "../x509/certificate.ts";
import { X509Error } from "../x509/error.ts";
import { ExtensionOid } from "../x509/extensions.ts";
import { decodePemChain as decodeX509PemChain } from "../x509/pem.ts";
import type { CryptoBackend, P384Key } from "./crypto-backend.ts";
import { GpuError, isGpuErrorCode } from "./errors.ts";

/** NVIDIA's chains have five; one more is decoded, so that its number is what is refused. */
const MAX_CHAIN_LENGTH = 6;

const REQUIRED = [
  [ExtensionOid.SUBJECT_KEY_IDENTIFIER, "subject key identifier"],
  [ExtensionOid.AUTHORITY_KEY_IDENTIFIER, "authority key identifier"],
  [ExtensionOid.KEY_USAGE, "key usage"],
] as const;

/** What NVIDIA's device, RIM and OCSP certificates have in common (RFC 5280). */
const nvidiaProfile: CertificateProfile = {
  algorithm: P384_SHA384,
  required: REQUIRED,
  understood: new Set<string>([
    ...REQUIRED.map(([oid]) => oid),
    ExtensionOid.BASIC_CONSTRAINTS,
    ExtensionOid.EXTENDED_KEY_USAGE,
  ]),
};

/** A certificate whose key has been imported: what can issue another. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly key: P384Key;
}

/** A certificate with who issued it, for asking about its revocation. */
export interface ChainLink {
  readonly name: string;
  readonly subject: Issuer;
  readonly issuer: Issuer;
  /** Whose keys these are: another backend cannot use them. */
  readonly crypto: CryptoBackend;
}

function orGpuError<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    // No CRL is read here, so each code is one of the table.
    if (!(error instanceof X509Error) || !isGpuErrorCode(error.code)) throw error;
    throw new GpuError(error.code, error.details);
  }
}

/** As `sdk/x509` has it. Errors: `PEM_MALFORMED`. */
export function decodePemChain(bytes: Uint8Array, subject: string): Uint8Array[] {
  return orGpuError(() => decodeX509PemChain(bytes, subject, MAX_CHAIN_LENGTH));
}

/**
 * Parses a certificate of NVIDIA's profile: P-384, ecdsa-with-SHA384, strict DER; and imports its
 * key. Errors: `CERTIFICATE_MALFORMED`, `CERTIFICATE_EXTENSION_MISSING`,
 * `CERTIFICATE_EXTENSION_UNSUPPORTED`.
 */
export function readIssuer(der: Uint8Array, subject: string, crypto: CryptoBackend): Issuer {
  const certificate = orGpuError(() => parseX509Certificate(der, subject, nvidiaProfile));
  const key = crypto.importP384(certificate.publicKey);
  if (key === undefined) {
    throw new GpuError("CERTIFICATE_MALFORMED", { subject, found: "a key that is not on P-384" });
  }
  return { certificate, key };
}

/**
 * As `sdk/x509` has it. Errors: `CERTIFICATE_ISSUER_MISMATCH`, `CERTIFICATE_USAGE_FORBIDDEN`,
 * `CERTIFICATE_SIGNATURE_INVALID`.
 */
export function verifyIssuedBy(
  { certificate }: Issuer,
  issuer: Issuer,
  subject: string,
  crypto: CryptoBackend,
): void {
  orGpuError(() =>
    verifyX509IssuedBy(certificate, issuer.certificate, subject, (signature, data) =>
      crypto.verifyP384(issuer.key, signature, data),
    ),
  );
}
