import { equalBytes, type Hex, toHex, toUtf8 } from "../bytes.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { CryptoBackend, P256Key } from "./crypto-backend.ts";
import { TdxError } from "./errors.ts";
import { decodePemChain, importCertificateKey, parseCertificate, verifyIssuedBy } from "./x509.ts";

/** A certificate whose key has been imported: what can issue another. */
export interface Issuer {
  readonly certificate: Certificate;
  readonly key: P256Key;
}

/** A root certificate that the caller trusts, parsed and checked against itself once. */
export interface TrustedRoot extends Issuer {
  readonly crypto: CryptoBackend;
  /** SHA-256 of the DER. */
  readonly fingerprint: Hex;
}

function toDer(root: unknown): Uint8Array {
  const bytes = typeof root === "string" ? toUtf8(root) : root;
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`it is neither DER nor PEM: ${typeof root}`);
  // "-" begins PEM and cannot begin DER.
  if (bytes[0] !== 0x2d) return new Uint8Array(bytes);
  const [certificate, ...others] = decodePemChain(bytes, "root");
  if (certificate === undefined || others.length > 0) {
    throw new TdxError("CHAIN_LENGTH_UNEXPECTED", {
      subject: "root",
      expected: 1,
      found: others.length + (certificate ? 1 : 0),
    });
  }
  return certificate;
}

function load(der: Uint8Array, crypto: CryptoBackend): TrustedRoot {
  const certificate = parseCertificate(der, "root");
  const key = importCertificateKey(certificate, "root", crypto);
  verifyIssuedBy(certificate, { certificate, key }, "root", crypto);
  return Object.freeze({
    certificate,
    key,
    crypto,
    fingerprint: toHex(crypto.sha256(certificate.der)),
  });
}

const RECENT: TrustedRoot[] = [];
const MAX_RECENT = 4;

/** A root loaded before, so that the same bytes are parsed and verified once. */
function findRecent(der: Uint8Array, crypto: CryptoBackend): TrustedRoot | undefined {
  return RECENT.find((known) => known.crypto === crypto && equalBytes(known.certificate.der, der));
}

/**
 * Loads a root certificate from DER or PEM. It must be self-issued and self-signed.
 *
 * Errors: `ROOT_MALFORMED`, with the reason as its cause.
 */
export function loadTrustedRoot(root: Uint8Array | string, crypto: CryptoBackend): TrustedRoot {
  try {
    if (typeof root !== "string") {
      // PEM in bytes is never among them, DER nearly always.
      const recent = findRecent(root, crypto);
      if (recent !== undefined) return recent;
    }
    const der = toDer(root);
    const recent = findRecent(der, crypto);
    if (recent !== undefined) return recent;
    const trusted = load(der, crypto);
    RECENT.unshift(trusted);
    RECENT.length = Math.min(RECENT.length, MAX_RECENT);
    return trusted;
  } catch (cause) {
    const found = cause instanceof TdxError ? cause.code : "no certificate";
    throw new TdxError("ROOT_MALFORMED", { found, cause });
  }
}
