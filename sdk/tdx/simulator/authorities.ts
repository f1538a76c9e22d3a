import { encodePem } from "../../x509/pem.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoint,
  type Extension,
  keyUsage,
  subjectKeyIdentifier,
} from "../../x509/writer/extensions.ts";
import { type CertificateTemplate, issueCertificate, type Validity } from "./certificates.ts";
import { type Derivation, keyIdentifier, type SigningKey } from "./keys.ts";
import { names } from "./names.ts";

/** The root, and the three certificates that it signs. */
export type AuthorityName = "root" | "platformCa" | "processorCa" | "tcbSigner";

/** Which CA issued a PCK certificate: multi-package platforms have the platform CA. */
export type PckCa = "platform" | "processor";

export interface Authority {
  readonly key: SigningKey;
  /** 20 bytes; the subject key identifier, and, as with Intel's, the serial number. */
  readonly keyIdentifier: Uint8Array;
  readonly serial: Uint8Array;
  /** What the certificate was made from; spread it into `issueCertificate` to make a false one. */
  readonly template: CertificateTemplate;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly certificatePem: string;
}

export type Authorities = Readonly<Record<AuthorityName, Authority>>;

export interface AuthorityOptions {
  /** Other validity windows. The root's changes the root certificate. */
  readonly validity?: Readonly<Partial<Record<AuthorityName, Validity>>>;
  /** Key label of the TCB signer; another label is a rotated signer. Default `tcb-signer`. */
  readonly tcbSignerLabel?: string;
}

/**
 * Fixed dates, not relative to `at`: a deployment pins the root, so a simulator started again
 * tomorrow with the same seed must have the same root and the same chains. The root's are Intel's
 * own dates; below it, lifetimes are long so that no development deployment dies of old age.
 */
const defaultValidity = {
  root: validity("2018-05-21T10:45:10Z", "2049-12-31T23:59:59Z"),
  platformCa: validity("2018-05-21T10:50:10Z", "2048-05-21T10:50:10Z"),
  processorCa: validity("2018-05-21T10:50:10Z", "2048-05-21T10:50:10Z"),
  tcbSigner: validity("2018-05-21T10:50:10Z", "2048-05-21T10:50:10Z"),
} as const satisfies Record<AuthorityName, Validity>;

/** The window of PCK certificates, for the same reason as long. */
export const defaultPckValidity: Validity = validity(
  "2020-01-01T00:00:00Z",
  "2048-01-01T00:00:00Z",
);

function validity(notBefore: string, notAfter: string): Validity {
  return { notBefore: Date.parse(notBefore) / 1000, notAfter: Date.parse(notAfter) / 1000 };
}

/** `.invalid` never resolves (RFC 2606): nothing may fetch from a simulator's certificates. */
const PCS = "https://pcs.chainseal.invalid";
const ROOT_CRL_URI = `${PCS}/ChainsealSGXRootCA.der`;

/** Where a PCK certificate says that its CRL is (PCS API v4, Get Revocation List). */
export function pckCrlUri(ca: PckCa): string {
  return `${PCS}/sgx/certification/v4/pckcrl?ca=${ca}&encoding=der`;
}

/** Issues the four (Intel SGX PCK Certificate and CRL Profile, 1.3). */
export function createAuthorities(
  derivation: Derivation,
  options: AuthorityOptions = {},
): Authorities {
  const root = derivation.key("root");
  const issue = (
    name: AuthorityName,
    key: SigningKey,
    constraints: Parameters<typeof basicConstraints>[0],
  ): Authority => {
    const template: CertificateTemplate = {
      ...(options.validity?.[name] ?? defaultValidity[name]),
      serial: keyIdentifier(key),
      issuer: names.root,
      subject: names[name],
      publicKey: key.publicKey,
      signer: root,
      extensions: [
        ...identifiers(root, key, ROOT_CRL_URI),
        constraints.ca ? keyUsage("keyCertSign", "crlSign") : endEntityUsage,
        basicConstraints(constraints),
      ],
    };
    const certificate = issueCertificate(template);
    return {
      key,
      keyIdentifier: keyIdentifier(key),
      serial: template.serial,
      template,
      certificate,
      certificatePem: encodePem(certificate),
    };
  };

  const tcbSigner = derivation.key(options.tcbSignerLabel ?? "tcb-signer");
  return {
    root: issue("root", root, { ca: true, pathLength: 1 }),
    platformCa: issue("platformCa", derivation.key("platform-ca"), { ca: true, pathLength: 0 }),
    processorCa: issue("processorCa", derivation.key("processor-ca"), { ca: true, pathLength: 0 }),
    tcbSigner: issue("tcbSigner", tcbSigner, { ca: false }),
  };
}

/** What Intel's end entities, PCK and TCB signer, may do with their keys. */
export const endEntityUsage: Extension = keyUsage("digitalSignature", "nonRepudiation");

/** The three extensions with which all of Intel's certificates begin, in their order. */
export function identifiers(issuer: SigningKey, subject: SigningKey, crlUri: string): Extension[] {
  return [
    authorityKeyIdentifier(keyIdentifier(issuer)),
    crlDistributionPoint(crlUri),
    subjectKeyIdentifier(keyIdentifier(subject)),
  ];
}
