import { equalBytes, type Hex, toHex, toUtf8 } from "./bytes.ts";
import type { CryptoBackend, P256Key } from "./crypto-backend.ts";
import { TdxError } from "./errors.ts";
import {
  type Certificate,
  importCertificateKey,
  parseCertificate,
  verifyIssuedBy,
} from "./x509/certificate.ts";
import { decodePemChain } from "./x509/pem.ts";

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

function toDer(root: Uint8Array | string): Uint8Array {
  const bytes = typeof root === "string" ? toUtf8(root) : root;
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

function load(root: Uint8Array | string, crypto: CryptoBackend): TrustedRoot {
  const certificate = parseCertificate(toDer(root), "root");
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

/**
 * Loads a root certificate from DER or PEM. It must be self-issued and self-signed.
 *
 * Errors: `ROOT_MALFORMED`, with the reason as its cause.
 */
export function loadTrustedRoot(root: Uint8Array | string, crypto: CryptoBackend): TrustedRoot {
  if (typeof root !== "string") {
    if (!(root instanceof Uint8Array)) {
      throw new TdxError("ROOT_MALFORMED", { expected: "DER or PEM", found: typeof root });
    }
    const known = RECENT.find((r) => r.crypto === crypto && equalBytes(r.certificate.der, root));
    if (known !== undefined) return known;
  }
  let trusted: TrustedRoot;
  try {
    trusted = load(root, crypto);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new TdxError("ROOT_MALFORMED", { found, cause });
  }
  RECENT.unshift(trusted);
  RECENT.length = Math.min(RECENT.length, MAX_RECENT);
  return trusted;
}
