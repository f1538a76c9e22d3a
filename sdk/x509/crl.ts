import { type Hex, toHexDigits } from "../bytes.ts";
import { type EcdsaAlgorithm, readSignatureAlgorithm } from "./algorithm.ts";
import { type Certificate, KeyUsage, type VerifySignature } from "./certificate.ts";
import { DerError, DerReader, readEcdsaSignature, Tag } from "./der.ts";
import { X509Error } from "./error.ts";
import { ExtensionOid, readAuthorityKeyIdentifier, readExtensions } from "./extensions.ts";
import { equalNames, type Name, readName } from "./name.ts";

/** The largest CRL that is looked at, of about 20,000 entries: Intel's largest so far has 129. */
export const MAX_CRL_LENGTH = 1_048_576;

/** Extensions of lists that do not cover every certificate of their issuer. */
const PARTIAL = new Set<string>([
  ExtensionOid.DELTA_CRL_INDICATOR,
  ExtensionOid.ISSUING_DISTRIBUTION_POINT,
]);

export interface Crl {
  readonly issuer: Name;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Serial numbers as in `Certificate.serial`. */
  readonly revoked: ReadonlySet<string>;
  readonly authorityKeyIdentifier: Hex;
  readonly tbs: Uint8Array;
  /** r || s. */
  readonly signature: Uint8Array;
}

/**
 * Parses one CRL of Intel's profile (RFC 5280, section 5; Intel SGX PCK Certificate and CRL
 * Profile Specification, section 3): version 2, complete and direct.
 *
 * Every entry counts as revoked, whatever its reason: `removeFromCRL` has a meaning in delta CRLs
 * only, and those are refused, as is every critical extension. Errors: `CRL_MALFORMED`,
 * `CRL_EXTENSION_MISSING`, `CRL_EXTENSION_UNSUPPORTED`.
 */
export function parseCrl(der: Uint8Array, subject: string, algorithm: EcdsaAlgorithm): Crl {
  try {
    if (der.length === 0) throw new DerError("nothing");
    if (der.length > MAX_CRL_LENGTH) throw new DerError("it is too long");
    return read(der, subject, algorithm);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new X509Error("CRL_MALFORMED", { subject, found: error.message });
  }
}

function readEntries(entries: DerReader, subject: string): Set<string> {
  const revoked = new Set<string>();
  while (!entries.done) {
    const entry = entries.enter(Tag.SEQUENCE);
    revoked.add(toHexDigits(entry.unsigned()));
    entry.time();
    if (!entry.done) {
      for (const [oid, { critical }] of readExtensions(entry)) {
        const harmless = oid === ExtensionOid.REASON_CODE || oid === ExtensionOid.INVALIDITY_DATE;
        if (critical && !harmless) {
          throw new X509Error("CRL_EXTENSION_UNSUPPORTED", { subject, found: oid });
        }
      }
      entry.end();
    }
  }
  return revoked;
}

function read(der: Uint8Array, subject: string, algorithm: EcdsaAlgorithm): Crl {
  const outer = new DerReader(der);
  const list = outer.enter(Tag.SEQUENCE);
  outer.end();
  const tbs = list.read(Tag.SEQUENCE);
  readSignatureAlgorithm(list, algorithm);
  const signature = readEcdsaSignature(list.octetAlignedBits(), algorithm.size);
  list.end();

  const fields = new DerReader(tbs.content);
  if (fields.number(255) !== 1) throw new DerError("a version other than 2");
  readSignatureAlgorithm(fields, algorithm);
  const issuer = readName(fields);
  const thisUpdate = fields.time();
  const nextUpdate = fields.time();
  const entries = fields.nextTag === Tag.SEQUENCE ? fields.enter(Tag.SEQUENCE) : undefined;
  const revoked = entries === undefined ? new Set<string>() : readEntries(entries, subject);
  const missing = (expected: string) =>
    new X509Error("CRL_EXTENSION_MISSING", { subject, expected });
  if (fields.done) throw missing("CRL number and authority key identifier");
  const wrapper = fields.enter(0xa0);
  const extensions = readExtensions(wrapper);
  wrapper.end();
  fields.end();

  for (const [oid, { critical }] of extensions) {
    if (critical || PARTIAL.has(oid))
      throw new X509Error("CRL_EXTENSION_UNSUPPORTED", { subject, found: oid });
  }
  const number = extensions.get(ExtensionOid.CRL_NUMBER);
  if (number === undefined) throw missing("CRL number");
  const numberReader = new DerReader(number.value);
  numberReader.unsigned();
  numberReader.end();
  const authority = extensions.get(ExtensionOid.AUTHORITY_KEY_IDENTIFIER);
  if (authority === undefined) throw missing("authority key identifier");
  return Object.freeze({
    issuer,
    thisUpdate,
    nextUpdate,
    revoked,
    authorityKeyIdentifier:
      `0x${toHexDigits(readAuthorityKeyIdentifier(authority.value))}` as const,
    tbs: tbs.encoded,
    signature,
  });
}

/** Checks that `by` issued the list and may. Errors: `CRL_ISSUER_MISMATCH`, `CRL_SIGNATURE_INVALID`. */
export function verifyCrl(
  crl: Crl,
  by: Certificate,
  subject: string,
  verifySignature: VerifySignature,
): void {
  const mismatch = (expected: string, found: string) =>
    new X509Error("CRL_ISSUER_MISMATCH", { subject, expected, found });
  if (!equalNames(crl.issuer, by.subject)) {
    throw mismatch(by.subject.commonName, crl.issuer.commonName);
  }
  if (crl.authorityKeyIdentifier !== by.subjectKeyIdentifier) {
    throw mismatch(`key identifier ${by.subjectKeyIdentifier}`, crl.authorityKeyIdentifier);
  }
  if ((by.keyUsage & KeyUsage.CRL_SIGN) === 0) {
    throw mismatch("an issuer that may sign revocation lists", by.subject.commonName);
  }
  if (!verifySignature(crl.signature, crl.tbs)) {
    throw new X509Error("CRL_SIGNATURE_INVALID", { subject });
  }
}
