import { concatBytes, equalBytes, type Hex, toHex } from "../../bytes.ts";
import { type Certificate, KeyUsage } from "../../x509/certificate.ts";
import { DerError, DerReader, Tag } from "../../x509/der.ts";
import { ExtensionOid } from "../../x509/extensions.ts";
import type { CryptoBackend } from "../crypto-backend.ts";
import { GpuError } from "../errors.ts";
import { certificatePeriod, checkPeriod, type Period } from "../period.ts";
import { type Issuer, readIssuer, verifyIssuedBy } from "../x509.ts";
import type { CertificateId, OcspResponse } from "./response.ts";

/** 1.3.6.1.5.5.7.3.9, id-kp-OCSPSigning. */
const OCSP_SIGNING = "2b06010505070309";
/**
 * 1.3.6.1.5.5.7.48.1.5, id-pkix-ocsp-nocheck. It is an extension; NVIDIA's older responders have it
 * among the extended key usages.
 */
const NO_CHECK = "2b0601050507300105";

/** The id under which a responder knows a certificate. */
export function certificateId(
  subject: Certificate,
  issuer: Certificate,
  hash: CertificateId["hash"],
  crypto: CryptoBackend,
): CertificateId {
  const digest = (data: Uint8Array): Hex =>
    toHex(hash === "sha384" ? crypto.sha384(data) : crypto.sha256(data));
  return {
    hash,
    issuerNameHash: digest(issuer.subject.der),
    // The content of the BIT STRING: an uncompressed point.
    issuerKeyHash: digest(concatBytes(Uint8Array.of(4), issuer.publicKey)),
    serial: subject.serial,
  };
}

function readExtendedKeyUsage({ extensions }: Certificate): readonly string[] {
  const extension = extensions.get(ExtensionOid.EXTENDED_KEY_USAGE);
  if (extension === undefined) return [];
  const outer = new DerReader(extension.value);
  const list = outer.enter(Tag.SEQUENCE);
  outer.end();
  const usages: string[] = [];
  while (!list.done) usages.push(list.oid());
  return usages;
}

function untrusted(expected: string, found: string): GpuError {
  return new GpuError("OCSP_RESPONDER_UNTRUSTED", { expected, found });
}

/** RFC 6960, 4.2.2.2: the issuer may name a responder by a certificate for nothing else. */
function checkDelegation({ certificate }: Issuer): void {
  let usages: readonly string[];
  try {
    usages = readExtendedKeyUsage(certificate);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw untrusted("a list of extended key usages", error.message);
  }
  const maySign = !certificate.isCa && (certificate.keyUsage & KeyUsage.DIGITAL_SIGNATURE) !== 0;
  if (!usages.includes(OCSP_SIGNING) || !maySign) {
    throw untrusted("a certificate for signing OCSP responses", certificate.subject.commonName);
  }
  if (!usages.includes(NO_CHECK) && !certificate.extensions.has(NO_CHECK)) {
    throw untrusted("a responder whose own revocation need not be checked", "another");
  }
}

function isNamed({ responder }: OcspResponse, { subject, subjectKeyIdentifier }: Certificate) {
  if (responder.name !== undefined) return equalBytes(responder.name, subject.der);
  return responder.keyHash === subjectKeyIdentifier;
}

/**
 * Verifies that a response was signed by the certificate's issuer, or by a responder that the
 * issuer named, and returns when that responder may be believed. Nothing here depends on the time.
 *
 * Errors: `OCSP_RESPONDER_UNTRUSTED`, `OCSP_SIGNATURE_INVALID`, `CERTIFICATE_…`.
 */
export function verifyOcspSignature(
  response: OcspResponse,
  issuer: Issuer,
  crypto: CryptoBackend,
): Period {
  const part = "OCSP responder";
  const candidates = response.certificates.map((der) => readIssuer(der, part, crypto));
  let signer = candidates.find(({ certificate }) => isNamed(response, certificate));
  if (signer === undefined && isNamed(response, issuer.certificate)) signer = issuer;
  if (signer === undefined) throw untrusted("the certificate of the named responder", "others");
  if (!equalBytes(signer.certificate.der, issuer.certificate.der)) {
    verifyIssuedBy(signer, issuer, part, crypto);
    checkDelegation(signer);
  }
  if (!crypto.verifyP384(signer.key, response.signature, response.signedRegion)) {
    throw new GpuError("OCSP_SIGNATURE_INVALID", {
      subject: signer.certificate.subject.commonName,
    });
  }
  return certificatePeriod(part, signer.certificate);
}

/** Refuses an answer outside its period, or of a responder outside its own. */
export function checkOcspTime(
  answer: { readonly thisUpdate: number; readonly nextUpdate: number },
  responder: Period,
  subject: string,
  at: number,
): void {
  checkPeriod(
    {
      part: `OCSP response about the ${subject}`,
      from: answer.thisUpdate,
      until: answer.nextUpdate,
      tooEarly: "OCSP_NOT_YET_VALID",
      tooLate: "OCSP_EXPIRED",
    },
    at,
  );
  checkPeriod(responder, at);
}
