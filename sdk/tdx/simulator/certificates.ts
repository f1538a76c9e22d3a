import {
  bitString,
  explicit,
  integer,
  objectIdentifier,
  sequence,
  time,
} from "../../x509/writer/der-writer.ts";
import { type Extension, encodeExtension } from "../../x509/writer/extensions.ts";
import { type SigningKey, sign } from "./keys.ts";
import { encodeName, type Name } from "./names.ts";

/** When a certificate holds, in Unix seconds, both ends included. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** All that goes into a certificate. Nothing in it is checked: false certificates are a purpose. */
export interface CertificateTemplate extends Validity {
  /** X.509 version, 1 to 3. Default 3. */
  readonly version?: number;
  /** Unsigned, big endian; Intel's have 20 bytes. */
  readonly serial: Uint8Array;
  /** A name, or the DER of one. */
  readonly issuer: Name | Uint8Array;
  readonly subject: Name | Uint8Array;
  /** The subject's point, 65 bytes. */
  readonly publicKey: Uint8Array;
  /** The key that signs; a forger's need not be the one that the issuer's name stands for. */
  readonly signer: SigningKey;
  /** In this order; bytes are a whole extension, already in DER. */
  readonly extensions: readonly (Extension | Uint8Array)[];
  /** Changes the TBSCertificate before it is signed. */
  readonly editTbs?: (tbs: Uint8Array) => Uint8Array;
  /** Changes the whole certificate after it is signed. */
  readonly edit?: (certificate: Uint8Array) => Uint8Array;
}

/** ecdsa-with-SHA256, without parameters (RFC 5758, 3.2). */
export const signatureAlgorithm: Uint8Array = sequence(objectIdentifier("1.2.840.10045.4.3.2"));

/**
 * Issues an X.509 certificate (RFC 5280, 4.1) in the form of Intel's PCK profile (1.3).
 *
 * @returns DER.
 *
 * @example
 * ```ts
 * // An intermediate that looks right in every name and key identifier, signed by someone else.
 * const { template } = simulator.authorities.platformCa;
 * const forged = issueCertificate({ ...template, signer: simulator.key("mallory") });
 * ```
 */
export function issueCertificate(template: CertificateTemplate): Uint8Array {
  const version = template.version ?? 3;
  const extensions = template.extensions.map((entry) =>
    entry instanceof Uint8Array ? entry : encodeExtension(entry),
  );
  const tbs = sequence(
    ...(version === 1 ? [] : [explicit(0, integer(version - 1))]),
    integer(template.serial),
    signatureAlgorithm,
    nameDer(template.issuer),
    sequence(time(template.notBefore), time(template.notAfter)),
    nameDer(template.subject),
    publicKeyInfo(template.publicKey),
    ...(extensions.length === 0 ? [] : [explicit(3, sequence(...extensions))]),
  );
  const signed = template.editTbs?.(tbs) ?? tbs;
  const certificate = signedElement(signed, template.signer);
  return template.edit?.(certificate) ?? certificate;
}

export function nameDer(name: Name | Uint8Array): Uint8Array {
  return name instanceof Uint8Array ? name : encodeName(name);
}

/** What certificates and CRLs share: the signed part, the algorithm, the signature. */
export function signedElement(signed: Uint8Array, signer: SigningKey): Uint8Array {
  return sequence(signed, signatureAlgorithm, bitString(sign(signer, signed, "der")));
}

/** SubjectPublicKeyInfo of a P-256 point (RFC 5480, 2.1.1). */
function publicKeyInfo(point: Uint8Array): Uint8Array {
  const algorithm = sequence(
    objectIdentifier("1.2.840.10045.2.1"),
    objectIdentifier("1.2.840.10045.3.1.7"),
  );
  return sequence(algorithm, bitString(point));
}
