import { BoundedCache } from "../bounded-cache.ts";
import { toHex, toUtf8 } from "../bytes.ts";
import { encodePem, MAX_PEM_LENGTH, trimPem } from "../x509/pem.ts";
import { expectEndEntity, expectSubject, pckCaOf, splitChain, verifyPckCa } from "./chain.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { type PckPlatform, readPckPlatform } from "./pck.ts";
import { type CollateralPeriod, certificatePeriod } from "./period.ts";
import type { Issuer, TrustedRoot } from "./root.ts";
import { importCertificateKey, parseCertificate, verifyIssuedBy } from "./x509.ts";

/** A chain from a PCK certificate to the trusted root, whose every signature has been verified. */
export interface PckChain {
  /** Who verified it: a cache may serve several backends, and some callers bring their own. */
  readonly crypto: CryptoBackend;
  readonly pck: Issuer;
  readonly pckCa: Issuer;
  /** When root, PCK CA and PCK certificate may be used. */
  readonly periods: readonly CollateralPeriod[];
  readonly platform: PckPlatform & { readonly pckCa: "platform" | "processor" };
}

/**
 * Verified PCK chains. A machine keeps its PCK certificate for years, so most quotes need no chain
 * verification at all.
 *
 * A chain is known by the SHA-256 of its certificates as PEM in canonical form, of which there is
 * one for each DER: whoever writes the same chain in other ways fills no more than one place.
 */
export class PckChainCache extends BoundedCache<PckChain> {
  /** @param limit The most chains that are kept; about 10 KB each. */
  constructor(limit = 1024) {
    super(limit);
  }
}

function verify(leafDer: Uint8Array, caDer: Uint8Array, root: TrustedRoot): PckChain {
  const { crypto } = root;
  const pckCa = verifyPckCa(caDer, "PCK CA", root);
  const subject = "PCK certificate";
  const certificate = parseCertificate(leafDer, subject);
  expectSubject(certificate, "SGX PCK Certificate", subject);
  expectEndEntity(certificate, subject);
  verifyIssuedBy(certificate, pckCa, subject, crypto);
  const pck = { certificate, key: importCertificateKey(certificate, subject, crypto) };
  return Object.freeze({
    crypto,
    pck,
    pckCa,
    periods: Object.freeze([
      certificatePeriod("root", root),
      certificatePeriod("PCK CA", pckCa),
      certificatePeriod(subject, pck),
    ]),
    platform: Object.freeze({
      ...readPckPlatform(certificate, subject),
      pckCa: pckCaOf(pckCa.certificate),
    }),
  });
}

/**
 * Verifies a PCK certificate chain: leaf, PCK CA, root (Intel SGX PCK Certificate and CRL Profile
 * Specification, section 2). Validity periods and revocation are the caller's to check, since they
 * depend on the time and on the collateral; everything checked here holds for ever.
 */
export function verifyPckChain(pem: Uint8Array, root: TrustedRoot, cache: PckChainCache): PckChain {
  const { crypto, fingerprint } = root;
  const find = (text: Uint8Array) => {
    const key = `${fingerprint}:${toHex(crypto.sha256(text))}`;
    const found = cache.get(key);
    return { key, chain: found?.crypto === crypto ? found : undefined };
  };
  // Only canonical text is ever put into the cache, so what is found was decoded and verified. What
  // is too long to be decoded is not looked up either: the answer never depends on the cache.
  if (pem.length <= MAX_PEM_LENGTH) {
    const { chain } = find(trimPem(pem));
    if (chain !== undefined) return chain;
  }
  const [leaf, ca] = splitChain(pem, ["PCK certificate", "PCK CA", "root"], root) as [
    Uint8Array,
    Uint8Array,
  ];
  const canonical = trimPem(toUtf8([leaf, ca, root.certificate.der].map(encodePem).join("")));
  const { key, chain: known } = find(canonical);
  if (known !== undefined) return known;
  const chain = verify(leaf, ca, root);
  cache.set(key, chain);
  return chain;
}
