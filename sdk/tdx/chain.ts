import { equalBytes, toHex } from "./bytes.ts";
import { TdxError } from "./errors.ts";
import { type PckPlatform, readPckPlatform } from "./pck.ts";
import type { Issuer, TrustedRoot } from "./root.ts";
import {
  type Certificate,
  importCertificateKey,
  KeyUsage,
  parseCertificate,
  verifyIssuedBy,
} from "./x509/certificate.ts";
import { decodePemChain, MAX_PEM_LENGTH, pemCapacity } from "./x509/pem.ts";

/** A chain from a PCK certificate to the trusted root, whose every signature has been verified. */
export interface PckChain {
  readonly pck: Issuer;
  readonly pckCa: Issuer;
  readonly platform: PckPlatform & { readonly pckCa: "platform" | "processor" };
}

function expectSubject(certificate: Certificate, phrase: string, subject: string): void {
  if (!certificate.subject.commonName.includes(phrase)) {
    throw new TdxError("CERTIFICATE_SUBJECT_UNEXPECTED", {
      subject,
      expected: `a common name with "${phrase}"`,
      found: certificate.subject.commonName,
    });
  }
}

function expectEndEntity(certificate: Certificate, subject: string): void {
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
function splitChain(
  pem: Uint8Array,
  names: readonly string[],
  root: TrustedRoot,
  buffer?: Uint8Array,
): Uint8Array[] {
  const certificates = decodePemChain(pem, "certificate chain", buffer);
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

function verifyPckCa(der: Uint8Array, subject: string, root: TrustedRoot): Issuer {
  const certificate = parseCertificate(der, subject);
  expectSubject(certificate, "CA", subject);
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

/**
 * Verified PCK chains by the SHA-256 of their DER, least recently used out first. A machine keeps
 * its PCK certificate for years, so most quotes need no chain verification at all.
 */
export class PckChainCache {
  readonly #limit: number;
  readonly #chains = new Map<string, PckChain>();

  /** @param limit The most chains that are kept; about 10 KB each. */
  constructor(limit = 1024) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#chains.size;
  }

  get(key: string): PckChain | undefined {
    const chain = this.#chains.get(key);
    if (chain !== undefined) {
      this.#chains.delete(key);
      this.#chains.set(key, chain);
    }
    return chain;
  }

  set(key: string, chain: PckChain): void {
    this.#chains.set(key, chain);
    for (const oldest of this.#chains.keys()) {
      if (this.#chains.size <= this.#limit) break;
      this.#chains.delete(oldest);
    }
  }
}

/** Where chains are decoded in order to look them up; nothing keeps a view of it. */
const scratch = new Uint8Array(pemCapacity(MAX_PEM_LENGTH));

/**
 * Verifies a PCK certificate chain: leaf, PCK CA, root (Intel SGX PCK Certificate and CRL Profile
 * Specification, section 2). Validity periods and revocation are the caller's to check, since they
 * depend on the time and on the collateral; everything checked here holds for ever.
 */
export function verifyPckChain(pem: Uint8Array, root: TrustedRoot, cache: PckChainCache): PckChain {
  const views = splitChain(pem, ["PCK certificate", "PCK CA", "root"], root, scratch);
  const [leafView, caView] = views as [Uint8Array, Uint8Array];
  const { crypto } = root;
  // Leaf and CA lie one after the other. DER says its own length, so no other two join to the same.
  const joined = scratch.subarray(0, leafView.length + caView.length);
  const key = `${crypto.name}:${root.fingerprint}:${toHex(crypto.sha256(joined))}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const leafDer = leafView.slice();
  const caDer = caView.slice();

  const pckCa = verifyPckCa(caDer, "PCK CA", root);
  const subject = "PCK certificate";
  const certificate = parseCertificate(leafDer, subject);
  expectSubject(certificate, "SGX PCK Certificate", subject);
  expectEndEntity(certificate, subject);
  verifyIssuedBy(certificate, pckCa, subject, crypto);
  const chain: PckChain = Object.freeze({
    pck: { certificate, key: importCertificateKey(certificate, subject, crypto) },
    pckCa,
    platform: Object.freeze({
      ...readPckPlatform(certificate, subject),
      pckCa: pckCa.certificate.subject.commonName.includes("Processor") ? "processor" : "platform",
    }),
  });
  cache.set(key, chain);
  return chain;
}
