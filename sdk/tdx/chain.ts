import { equalBytes, toHex } from "../bytes.ts";
import { type Certificate, KeyUsage } from "../x509/certificate.ts";
import { TdxError } from "./errors.ts";
import type { Issuer, TrustedRoot } from "./root.ts";
import { decodePemChain, importCertificateKey, parseCertificate, verifyIssuedBy } from "./x509.ts";

export function expectSubject(certificate: Certificate, phrase: string, subject: string): void {
  if (!certificate.subject.commonName.includes(phrase)) {
    throw new TdxError("CERTIFICATE_SUBJECT_UNEXPECTED", {
      subject,
      expected: `a common name with "${phrase}"`,
      found: certificate.subject.commonName,
    });
  }
}

export function expectEndEntity(certificate: Certificate, subject: string): void {
  if (certificate.isCa || (certificate.keyUsage & KeyUsage.DIGITAL_SIGNATURE) === 0) {
    throw new TdxError("CERTIFICATE_USAGE_FORBIDDEN", {
      subject,
      expected: "a certificate for signing data",
      found: certificate.isCa ? "a CA" : "a key usage without digitalSignature",
    });
  }
}

/**
 * Decodes a chain of exactly `names.length` certificates, the last of which must be the trusted
 * root, byte for byte: no other certificate with its name or even its key will do.
 */
export function splitChain(
  pem: Uint8Array,
  names: readonly string[],
  root: TrustedRoot,
): Uint8Array[] {
  const certificates = decodePemChain(pem, names.join(", "));
  if (certificates.length !== names.length) {
    throw new TdxError("CHAIN_LENGTH_UNEXPECTED", {
      subject: names.join(", "),
      expected: names.length,
      found: certificates.length,
    });
  }
  const last = certificates.pop() as Uint8Array;
  if (!equalBytes(last, root.certificate.der)) {
    throw new TdxError("ROOT_UNTRUSTED", {
      subject: names.join(", "),
      expected: `SHA-256 ${root.fingerprint}`,
      found: `SHA-256 ${toHex(root.crypto.sha256(last))}`,
    });
  }
  return certificates;
}

/** Which of Intel's two CAs a certificate is. Errors: `CERTIFICATE_SUBJECT_UNEXPECTED`. */
export function pckCaOf(certificate: Certificate): "platform" | "processor" {
  const { commonName } = certificate.subject;
  if (commonName.includes("SGX PCK Platform CA")) return "platform";
  if (commonName.includes("SGX PCK Processor CA")) return "processor";
  throw new TdxError("CERTIFICATE_SUBJECT_UNEXPECTED", {
    subject: "PCK CA",
    expected: 'a common name with "SGX PCK Platform CA" or "SGX PCK Processor CA"',
    found: commonName,
  });
}

export function verifyPckCa(der: Uint8Array, subject: string, root: TrustedRoot): Issuer {
  const certificate = parseCertificate(der, subject);
  pckCaOf(certificate);
  verifyIssuedBy(certificate, root, subject, root.crypto);
  return { certificate, key: importCertificateKey(certificate, subject, root.crypto) };
}

/** Verifies the issuer chain of a PCK CRL: a PCK CA, then the root. */
export function verifyPckCaChain(pem: Uint8Array, root: TrustedRoot): Issuer {
  const [pckCa] = splitChain(pem, ["PCK CA", "root"], root);
  return verifyPckCa(pckCa as Uint8Array, "PCK CA", root);
}

/** Verifies the issuer chain of a TCB info or QE identity: the TCB signer, then the root. */
export function verifyTcbSignerChain(pem: Uint8Array, root: TrustedRoot): Issuer {
  const subject = "TCB signer";
  const [der] = splitChain(pem, [subject, "root"], root);
  const certificate = parseCertificate(der as Uint8Array, subject);
  expectSubject(certificate, "SGX TCB Signing", subject);
  expectEndEntity(certificate, subject);
  verifyIssuedBy(certificate, root, subject, root.crypto);
  return { certificate, key: importCertificateKey(certificate, subject, root.crypto) };
}
