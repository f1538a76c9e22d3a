import { equalBytes, type Hex, toHexDigits } from "../bytes.ts";
import type { CryptoBackend, P256Key } from "../crypto-backend.ts";
import { TdxError } from "../errors.ts";
import { readP256PublicKey, readSignatureAlgorithm } from "./algorithm.ts";
import { DerError, DerReader, readEcdsaSignature, Tag } from "./der.ts";
import {
  type Extension,
  ExtensionOid,
  readAuthorityKeyIdentifier,
  readExtensions,
} from "./extensions.ts";
import { equalNames, type Name, readName } from "./name.ts";

/** The largest certificate that is looked at: Intel's have at most 1.3 KB. */
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
  /** x || y, 64 bytes. Not yet known to be a point of the curve. */
  readonly publicKey: Uint8Array;
  /** r || s, 64 bytes. */
  readonly signature: Uint8Array;
  readonly isCa: boolean;
  /** How many CAs may follow below; `undefined` where there is no limit. */
  readonly pathLength: number | undefined;
  readonly keyUsage: number;
  readonly subjectKeyIdentifier: Hex;
  readonly authorityKeyIdentifier: Hex;
  /** Content of Intel's SGX extension, which only PCK certificates have. */
  readonly sgxExtension: Uint8Array | undefined;
}

const REQUIRED: readonly [oid: string, name: string][] = [
  [ExtensionOid.AUTHORITY_KEY_IDENTIFIER, "authority key identifier"],
  [ExtensionOid.CRL_DISTRIBUTION_POINTS, "CRL distribution points"],
  [ExtensionOid.SUBJECT_KEY_IDENTIFIER, "subject key identifier"],
  [ExtensionOid.KEY_USAGE, "key usage"],
  [ExtensionOid.BASIC_CONSTRAINTS, "basic constraints"],
];

const UNDERSTOOD = new Set<string>([...REQUIRED.map(([oid]) => oid), ExtensionOid.SGX]);

function readBasicConstraints(value: Uint8Array): {
  isCa: boolean;
  pathLength: number | undefined;
} {
  const outer = new DerReader(value);
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
 * Parses one certificate of Intel's profile (Intel SGX PCK Certificate and CRL Profile
 * Specification, section 2; RFC 5280): version 3, P-256, ecdsa-with-SHA256, strict DER.
 *
 * Errors: `CERTIFICATE_MALFORMED`, `CERTIFICATE_EXTENSION_MISSING`,
 * `CERTIFICATE_EXTENSION_UNSUPPORTED`.
 */
export function parseCertificate(der: Uint8Array, subject: string): Certificate {
  try {
    if (der.length > MAX_CERTIFICATE_LENGTH) throw new DerError("it is too long");
    return read(der, subject);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new TdxError("CERTIFICATE_MALFORMED", { subject, found: error.message });
  }
}

function read(der: Uint8Array, label: string): Certificate {
  const outer = new DerReader(der);
  const certificate = outer.enter(Tag.SEQUENCE);
  outer.end();
  const tbs = certificate.read(Tag.SEQUENCE);
  readSignatureAlgorithm(certificate);
  const signature = readEcdsaSignature(certificate.octetAlignedBits());
  certificate.end();

  const fields = new DerReader(tbs.content);
  const version = fields.enter(0xa0);
  if (version.number(255) !== 2) throw new DerError("a version other than 3");
  version.end();
  const serial = fields.unsigned();
  if (serial.length > MAX_SERIAL_LENGTH) throw new DerError("a serial number is too long");
  readSignatureAlgorithm(fields);
  const issuer = readName(fields);
  const validity = fields.enter(Tag.SEQUENCE);
  const notBefore = validity.time();
  const notAfter = validity.time();
  validity.end();
  const subject = readName(fields);
  const publicKey = readP256PublicKey(fields);
  const wrapper = fields.enter(0xa3);
  const extensions = readExtensions(wrapper);
  wrapper.end();
  fields.end();

  for (const [oid, name] of REQUIRED) {
    if (!extensions.has(oid)) {
      throw new TdxError("CERTIFICATE_EXTENSION_MISSING", { subject: label, expected: name });
    }
  }
  for (const [oid, { critical }] of extensions) {
    if (critical && !UNDERSTOOD.has(oid)) {
      throw new TdxError("CERTIFICATE_EXTENSION_UNSUPPORTED", { subject: label, found: oid });
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
    ...readBasicConstraints(extensionValue(extensions, ExtensionOid.BASIC_CONSTRAINTS)),
    keyUsage: readKeyUsage(extensionValue(extensions, ExtensionOid.KEY_USAGE)),
    subjectKeyIdentifier: hex(
      readOctetString(extensionValue(extensions, ExtensionOid.SUBJECT_KEY_IDENTIFIER)),
    ),
    authorityKeyIdentifier: hex(
      readAuthorityKeyIdentifier(extensionValue(extensions, ExtensionOid.AUTHORITY_KEY_IDENTIFIER)),
    ),
    sgxExtension: extensions.get(ExtensionOid.SGX)?.value,
  });
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
 * Checks one link of a chain (RFC 5280, 6.1): issuer and subject names, key identifiers, the
 * issuer's right to sign certificates, and the signature.
 *
 * Errors: `CERTIFICATE_ISSUER_MISMATCH`, `CERTIFICATE_USAGE_FORBIDDEN`,
 * `CERTIFICATE_SIGNATURE_INVALID`.
 */
export function verifyIssuedBy(
  certificate: Certificate,
  issuer: { readonly certificate: Certificate; readonly key: P256Key },
  subject: string,
  crypto: CryptoBackend,
): void {
  const by = issuer.certificate;
  if (!equalNames(certificate.issuer, by.subject)) {
    throw new TdxError("CERTIFICATE_ISSUER_MISMATCH", {
      subject,
      expected: by.subject.commonName,
      found: certificate.issuer.commonName,
    });
  }
  if (certificate.authorityKeyIdentifier !== by.subjectKeyIdentifier) {
    throw new TdxError("CERTIFICATE_ISSUER_MISMATCH", {
      subject,
      expected: `key identifier ${by.subjectKeyIdentifier}`,
      found: certificate.authorityKeyIdentifier,
    });
  }
  const tooDeep = by.pathLength === 0 && certificate.isCa && !equalBytes(certificate.der, by.der);
  if (!by.isCa || (by.keyUsage & KeyUsage.CERT_SIGN) === 0 || tooDeep) {
    throw new TdxError("CERTIFICATE_USAGE_FORBIDDEN", {
      subject,
      expected: "an issuer that may sign this certificate",
      found: by.subject.commonName,
    });
  }
  if (!crypto.verifyP256(issuer.key, certificate.signature, certificate.tbs)) {
    throw new TdxError("CERTIFICATE_SIGNATURE_INVALID", { subject });
  }
}
