import { equalBytes, type Hex, toHex, toUtf8 } from "../bytes.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import { decodePemChain, type Issuer, readIssuer, verifyIssuedBy } from "./x509.ts";

/** A root certificate that the caller trusts, parsed and checked against itself once. */
export interface TrustedRoot extends Issuer {
  readonly crypto: CryptoBackend;
  /** SHA-256 of the DER. */
  readonly fingerprint: Hex;
}

function toDer(root: unknown): Uint8Array {
  const bytes = typeof root === "string" ? toUtf8(root) : root;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`it is neither DER nor PEM: ${typeof root}`);
  }
  // "-" begins PEM and cannot begin DER.
  if (bytes[0] !== 0x2d) return new Uint8Array(bytes);
  const certificates = decodePemChain(bytes, "root");
  const [certificate] = certificates;
  if (certificate === undefined || certificates.length > 1) {
    throw new GpuError("CHAIN_LENGTH_UNEXPECTED", {
      subject: "root",
      expected: 1,
      found: certificates.length,
    });
  }
  return certificate;
}

const RECENT: TrustedRoot[] = [];
const MAX_RECENT = 8;

/**
 * Loads a root certificate from DER or PEM. It must be self-issued and self-signed; the same bytes
 * are parsed and verified once.
 *
 * Errors: `ROOT_MALFORMED`, with the reason as its cause.
 */
export function loadTrustedRoot(
  root: Uint8Array | string | undefined,
  crypto: CryptoBackend,
): TrustedRoot {
  try {
    const der = toDer(root);
    const recent = RECENT.find(
      (known) => known.crypto === crypto && equalBytes(known.certificate.der, der),
    );
    if (recent !== undefined) return recent;
    const issuer = readIssuer(der, "root", crypto);
    verifyIssuedBy(issuer, issuer, "root", crypto);
    const fingerprint = toHex(crypto.sha256(der));
    const trusted = Object.freeze({ ...issuer, crypto, fingerprint });
    RECENT.unshift(trusted);
    RECENT.length = Math.min(RECENT.length, MAX_RECENT);
    return trusted;
  } catch (cause) {
    const found = cause instanceof GpuError ? cause.code : "no certificate";
    throw new GpuError("ROOT_MALFORMED", { found, cause });
  }
}

/**
 * Refuses a chain whose last certificate is not the trusted root, byte for byte: no other
 * certificate with its name or even its key will do.
 */
export function expectRoot(last: Uint8Array, root: TrustedRoot, subject: string): void {
  if (equalBytes(last, root.certificate.der)) return;
  throw new GpuError("ROOT_UNTRUSTED", {
    subject,
    expected: `SHA-256 ${root.fingerprint}`,
    found: `SHA-256 ${toHex(root.crypto.sha256(last))}`,
  });
}
