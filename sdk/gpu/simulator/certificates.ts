import { encodePem } from "../../x509/pem.ts";
import {
  bitString,
  explicit,
  integer,
  objectIdentifier,
  printableString,
  sequence,
  setOf,
  time,
  utf8String,
} from "../../x509/writer/der-writer.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  type Extension,
  encodeExtension,
  keyUsage,
  subjectKeyIdentifier,
} from "../../x509/writer/extensions.ts";
import { keyIdentifier, type SigningKey, sign } from "./keys.ts";

/** When a certificate holds, in Unix seconds, both ends included. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** All that goes into a certificate. Nothing in it is checked: false certificates are a purpose. */
export interface CertificateTemplate extends Validity {
  /** Unsigned, big endian. */
  readonly serial: Uint8Array;
  /** DER of a name. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** The subject's point, 97 bytes. */
  readonly publicKey: Uint8Array;
  /** The key that signs; a forger's need not be the one that the issuer's name stands for. */
  readonly signer: SigningKey;
  readonly extensions: readonly (Extension | Uint8Array)[];
}

/** ecdsa-with-SHA384, without parameters (RFC 5758, 3.2). */
export const signatureAlgorithm: Uint8Array = sequence(objectIdentifier("1.2.840.10045.4.3.3"));

/** A name of NVIDIA's form: an optional serial number, country, organization, common name. */
export function encodeName(commonName: string, serialNumber?: string): Uint8Array {
  const attribute = (type: string, value: Uint8Array) =>
    setOf(sequence(objectIdentifier(type), value));
  return sequence(
    ...(serialNumber === undefined ? [] : [attribute("2.5.4.5", printableString(serialNumber))]),
    attribute("2.5.4.6", printableString("ZZ")),
    attribute("2.5.4.10", utf8String("Chainseal Development")),
    attribute("2.5.4.3", utf8String(commonName)),
  );
}

/** SubjectPublicKeyInfo of a P-384 point (RFC 5480, 2.1.1). */
export function publicKeyInfo(point: Uint8Array): Uint8Array {
  const algorithm = sequence(
    objectIdentifier("1.2.840.10045.2.1"),
    objectIdentifier("1.3.132.0.34"),
  );
  return sequence(algorithm, bitString(point));
}

/** Issues an X.509 certificate (RFC 5280, 4.1), version 3, as DER. */
export function issueCertificate(template: CertificateTemplate): Uint8Array {
  const extensions = template.extensions.map((entry) =>
    entry instanceof Uint8Array ? entry : encodeExtension(entry),
  );
  const tbs = sequence(
    explicit(0, integer(2)),
    integer(template.serial),
    signatureAlgorithm,
    template.issuer,
    sequence(time(template.notBefore), time(template.notAfter)),
    template.subject,
    publicKeyInfo(template.publicKey),
    explicit(3, sequence(...extensions)),
  );
  return sequence(tbs, signatureAlgorithm, bitString(sign(template.signer, tbs, "der")));
}

/** A certificate with its key, and what it was made from. */
export interface Authority {
  readonly key: SigningKey;
  /** Spread it into `issueCertificate` to make a false one. */
  readonly template: CertificateTemplate;
  /** DER. */
  readonly certificate: Uint8Array;
}

export type TemplateEdit = (template: CertificateTemplate) => Partial<CertificateTemplate>;

export interface IssueOptions {
  readonly name: Uint8Array;
  readonly serial: Uint8Array;
  readonly key: SigningKey;
  /** Who signs; left out, the certificate signs itself. */
  readonly issuer?: Authority | undefined;
  readonly validity: Validity;
  readonly kind: "ca" | "last ca" | "leaf";
  readonly extensions?: readonly Extension[];
  readonly edit?: TemplateEdit | undefined;
}

const CONSTRAINTS = {
  ca: [basicConstraints({ ca: true }), keyUsage("keyCertSign", "crlSign")],
  "last ca": [basicConstraints({ ca: true, pathLength: 0 }), keyUsage("keyCertSign", "crlSign")],
  leaf: [keyUsage("digitalSignature")],
} as const;

/** Issues a certificate of the form that NVIDIA's have. */
export function issue(options: IssueOptions): Authority {
  const { key, issuer, name } = options;
  const template: CertificateTemplate = {
    ...options.validity,
    serial: options.serial,
    issuer: issuer?.template.subject ?? name,
    subject: name,
    publicKey: key.publicKey,
    signer: issuer?.key ?? key,
    extensions: [
      ...CONSTRAINTS[options.kind],
      subjectKeyIdentifier(keyIdentifier(key)),
      authorityKeyIdentifier(keyIdentifier(issuer?.key ?? key)),
      ...(options.extensions ?? []),
    ],
  };
  const edited = { ...template, ...options.edit?.(template) };
  return { key, template: edited, certificate: issueCertificate(edited) };
}

/** A chain as PEM, in the order of its certificates. */
export function toPemChain(...certificates: readonly (Authority | Uint8Array)[]): string {
  return certificates
    .map((one) => encodePem(one instanceof Uint8Array ? one : one.certificate))
    .join("");
}
