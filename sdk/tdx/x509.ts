import { P256_SHA256 } from "../x509/algorithm.ts";
import {
  type Certificate,
  type CertificateProfile,
  parseCertificate as parseX509Certificate,
  verifyIssuedBy as verifyX509IssuedBy,
} from "../x509/certificate.ts";
import { type Crl, parseCrl as parseX509Crl, verifyCrl as verifyX509Crl } from "../x509/crl.ts";
import { X509Error } from "../x509/error.ts";
import { ExtensionOid } from "../x509/extensions.ts";
import { decodePemChain as decodeX509PemChain } from "../x509/pem.ts";
import type { CryptoBackend, P256Key } from "./crypto-backend.ts";
import { TdxError } from "./errors.ts";

/** 1.2.840.113741.1.13.1, the extension of a PCK certificate that describes the platform. */
export const SGX_EXTENSION = "2a864886f84d010d01";
const MAX_CHAIN_LENGTH = 4;

const REQUIRED = [
  [ExtensionOid.AUTHORITY_KEY_IDENTIFIER, "authority key identifier"],
  [ExtensionOid.CRL_DISTRIBUTION_POINTS, "CRL distribution points"],
  [ExtensionOid.SUBJECT_KEY_IDENTIFIER, "subject key identifier"],
  [ExtensionOid.KEY_USAGE, "key usage"],
  [ExtensionOid.BASIC_CONSTRAINTS, "basic constraints"],
] as const;

/** Intel SGX PCK Certificate and CRL Profile Specification, sections 2 and 3. */
const intelProfile: CertificateProfile = {
  algorithm: P256_SHA256,
  required: REQUIRED,
  understood: new Set<string>([...REQUIRED.map(([oid]) => oid), SGX_EXTENSION]),
};

/** A certificate whose key has been imported. */
interface KeyHolder {
  readonly certificate: Certificate;
  readonly key: P256Key;
}

function orTdxError<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new TdxError(error.code, error.details);
  }
}

/** As `sdk/x509` has it, in Intel's profile. Errors: `PEM_MALFORMED`. */
export function decodePemChain(bytes: Uint8Array, subject: string): Uint8Array[] {
  return orTdxError(() => decodeX509PemChain(bytes, subject, MAX_CHAIN_LENGTH));
}

/**
 * As `sdk/x509` has it, in Intel's profile. Errors: `CERTIFICATE_MALFORMED`,
 * `CERTIFICATE_EXTENSION_MISSING`, `CERTIFICATE_EXTENSION_UNSUPPORTED`.
 */
export function parseCertificate(der: Uint8Array, subject: string): Certificate {
  return orTdxError(() => parseX509Certificate(der, subject, intelProfile));
}

/** Imports a certificate's key. Errors: `CERTIFICATE_MALFORMED`. */
export function importCertificateKey(
  certificate: Certificate,
  subject: string,
  crypto: CryptoBackend,
): P256Key {
  const key = crypto.importP256(certificate.publicKey);
  if (key === undefined) {
    throw new TdxError("CERTIFICATE_MALFORMED", { subject, found: "a key that is not on P-256" });
  }
  return key;
}

/**
 * As `sdk/x509` has it. Errors: `CERTIFICATE_ISSUER_MISMATCH`, `CERTIFICATE_USAGE_FORBIDDEN`,
 * `CERTIFICATE_SIGNATURE_INVALID`.
 */
export function verifyIssuedBy(
  certificate: Certificate,
  issuer: KeyHolder,
  subject: string,
  crypto: CryptoBackend,
): void {
  orTdxError(() =>
    verifyX509IssuedBy(certificate, issuer.certificate, subject, (signature, data) =>
      crypto.verifyP256(issuer.key, signature, data),
    ),
  );
}

/**
 * As `sdk/x509` has it, in Intel's profile. Errors: `CRL_MALFORMED`, `CRL_EXTENSION_MISSING`,
 * `CRL_EXTENSION_UNSUPPORTED`.
 */
export function parseCrl(der: Uint8Array, subject: string): Crl {
  return orTdxError(() => parseX509Crl(der, subject, P256_SHA256));
}

/** As `sdk/x509` has it. Errors: `CRL_ISSUER_MISMATCH`, `CRL_SIGNATURE_INVALID`. */
export function verifyCrl(
  crl: Crl,
  issuer: KeyHolder,
  subject: string,
  crypto: CryptoBackend,
): void {
  orTdxError(() =>
    verifyX509Crl(crl, issuer.certificate, subject, (signature, data) =>
      crypto.verifyP256(issuer.key, signature, data),
    ),
  );
}
