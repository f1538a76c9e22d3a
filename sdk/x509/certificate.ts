import { equalBytes, type Hex, toHexDigits } from "../bytes.ts";
import { type EcdsaAlgorithm, readPublicKey, readSignatureAlgorithm } from "./algorithm.ts";
import { DerError, DerReader, readEcdsaSignature, Tag } from "./der.ts";
import { X509Error } from "./error.ts";
import {
  type Extension,
  ExtensionOid,
  readAuthorityKeyIdentifier,
  readExtensions,
} from "./extensions.ts";
import { equalNames, type Name, readName } from "./name.ts";

/** The largest certificate that is looked at: Intel's and NVIDIA's have at most 1.3 KB. */
const MAX_CERTIFICATE_LENGTH = 8_192;
const MAX_SERIAL_LENGTH = 20;

/** Bits of KeyUsage (RFC 5280, 4.2.1.3). */
export const KeyUsage = { DIGITAL_SIGNATURE: 1 << 0, CERT_SIGN: 1 << 5, CRL_SIGN: 1 << 6 } as const;

/** The period in which something signed may be used; Unix seconds, both ends included. */
interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Certificate extends Validity {
  readonly der: Uint8Array;
  /** The signed part. */
  readonly tbs: Uint8Array;
  /** Hex digits without leading zero bytes, as in a CRL's set of serials. */
  readonly serial: string;
  readonly issuer: Name;
  readonly subject: Name;
  /** x || y. Not yet known to be a point of the curve. */
  readonly publicKey: Uint8Array;
  /** r || s. */
  readonly signature: Uint8Array;
  readonly isCa: boolean;
  /** How many CAs may follow below; `undefined` where there is no limit. */
  readonly pathLength: number | undefined;
  readonly keyUsage: number;
  readonly subjectKeyIdentifier: Hex;
  readonly authorityKeyIdentifier: Hex;
  /** Every extension, by the hex digits of its identifier's content octets. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** What the certificates of one hierarchy have in common. */
export interface CertificateProfile {
  readonly algorithm: EcdsaAlgorithm;
  /** Key usage and both key identifiers are required in any profile. */
  readonly required: readonly (readonly [oid: string, name: string])[];
  /** Extensions that may be critical. */
  readonly understood: ReadonlySet<string>;
}

function readBasicConstraints(extension: Extension | undefined): {
  isCa: boolean;
  pathLength: number | undefined;
} {
  if (extension === undefined) return { isCa: false, pathLength: undefined };
  const outer = new DerReader(extension.value);
  const fields = outer.enter(Tag.SEQUENCE);
  outer.end();
  if (fields.done) return { isCa: false, pathLength: undefined };
  if (!fields.boolean()) throw new DerError("an encoded default value");
  const pathLength = fields.done ? undefined : fields.number(255);
  fields.end();
  return { isCa: true, pathLength };
}

function readKeyUsage(value: Uint8Array): number {
  const reader = new DerReader(value);
  const bits = reader.namedBits();
  reader.end();
  return bits;
}

function readOctetString(value: Uint8Array): Uint8Array {
  const reader = new DerReader(value);
  const { content } = reader.read(Tag.OCTET_STRING);
  reader.end();
  return content;
}

function extensionValue(extensions: ReadonlyMap<string, Extension>, oid: string): Uint8Array {
  const extension = extensions.get(oid);
  if (extension === undefined) throw new DerError("a required extension is missing");
  return extension.value;
}

/**
 * Parses one certificate of a profile (RFC 5280, section 4): version 3, one curve and hash, strict
 * DER. Without basic constraints it is no CA.
 *
 * Errors: `CERTIFICATE_MALFORMED`, `CERTIFICATE_EXTENSION_MISSING`,
 * `CERTIFICATE_EXTENSION_UNSUPPORTED`.
 */
export function parseCertificate(
  der: Uint8Array,
  subject: string,
  profile: CertificateProfile,
): Certificate {
  try {
    if (der.length > MAX_CERTIFICATE_LENGTH) throw new DerError("it is too long");
    return read(der, subject, profile);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new X509Error("CERTIFICATE_MALFORMED", { subject, found: error.message });
  }
}

function read(der: Uint8Array, label: string, profile: CertificateProfile): Certificate {
  const { algorithm } = profile;
  const outer = new DerReader(der);
  const certificate = outer.enter(Tag.SEQUENCE);
  outer.end();
  const tbs = certificate.read(Tag.SEQUENCE);
  readSignatureAlgorithm(certificate, algorithm);
  const signature = readEcdsaSignature(certificate.octetAlignedBits(), algorithm.size);
  certificate.end();

  const fields = new DerReader(tbs.content);
  const version = fields.enter(0xa0);
  if (version.number(255) !== 2) throw new DerError("a version other than 3");
  version.end();
  const serial = fields.unsigned();
  if (serial.length > MAX_SERIAL_LENGTH) throw new DerError("a serial number is too long");
  readSignatureAlgorithm(fields, algorithm);
  const issuer = readName(fields);
  const validity = fields.enter(Tag.SEQUENCE);
  const notBefore = validity.time();
  const notAfter = validity.time();
  validity.end();
  const subject = readName(fields);
  const publicKey = readPublicKey(fields, algorithm);
  const wrapper = fields.enter(0xa3);
  const extensions = readExtensions(wrapper);
  wrapper.end();
  fields.end();

  for (const [oid, name] of profile.required) {
    if (!extensions.has(oid)) {
      throw new X509Error("CERTIFICATE_EXTENSION_MISSING", { subject: label, expected: name });
    }
  }
  for (const [oid, { critical }] of extensions) {
    if (critical && !profile.understood.has(oid)) {
      throw new X509Error("CERTIFICATE_EXTENSION_UNSUPPORTED", { subject: label, found: oid });
    }
  }
  const hex = (bytes: Uint8Array): Hex => `0x${toHexDigits(bytes)}`;
  return Object.freeze({
    der,
    tbs: tbs.encoded,
    serial: toHexDigits(serial),
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    signature,
    ...readBasicConstraints(extensions.get(ExtensionOid.BASIC_CONSTRAINTS)),
    keyUsage: readKeyUsage(extensionValue(extensions, ExtensionOid.KEY_USAGE)),
    subjectKeyIdentifier: hex(
      readOctetString(extensionValue(extensions, ExtensionOid.SUBJECT_KEY_IDENTIFIER)),
    ),
    authorityKeyIdentifier: hex(
      readAuthorityKeyIdentifier(extensionValue(extensions, ExtensionOid.AUTHORITY_KEY_IDENTIFIER)),
    ),
    extensions,
  });
}

/** Whether a signature (r || s) over `data` verifies under the issuer's key. */
export type VerifySignature = (signature: Uint8Array, data: Uint8Array) => boolean;

/**
 * Checks one link of a chain (RFC 5280, 6.1): issuer and subject names, key identifiers, the
 * issuer's right to sign certificates, and the signature.
 *
 * Errors: `CERTIFICATE_ISSUER_MISMATCH`, `CERTIFICATE_USAGE_FORBIDDEN`,
 * `CERTIFICATE_SIGNATURE_INVALID`.
 */
export function verifyIssuedBy(
  certificate: Certificate,
  by: Certificate,
  subject: string,
  verifySignature: VerifySignature,
): void {
  if (!equalNames(certificate.issuer, by.subject)) {
    throw new X509Error("CERTIFICATE_ISSUER_MISMATCH", {
      subject,
      expected: by.subject.commonName,
      found: certificate.issuer.commonName,
    });
  }
  if (certificate.authorityKeyIdentifier !== by.subjectKeyIdentifier) {
    throw new X509Error("CERTIFICATE_ISSUER_MISMATCH", {
      subject,
      expected: `key identifier ${by.subjectKeyIdentifier}`,
      found: certificate.authorityKeyIdentifier,
    });
  }
  const tooDeep = by.pathLength === 0 && certificate.isCa && !equalBytes(certificate.der, by.der);
  if (!by.isCa || (by.keyUsage & KeyUsage.CERT_SIGN) === 0 || tooDeep) {
    throw new X509Error("CERTIFICATE_USAGE_FORBIDDEN", {
      subject,
      expected: "an issuer that may sign this certificate",
      found: by.subject.commonName,
    });
  }
  if (!verifySignature(certificate.signature, certificate.tbs)) {
    throw new X509Error("CERTIFICATE_SIGNATURE_INVALID", { subject });
  }
}
