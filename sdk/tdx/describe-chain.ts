import type { Hex } from "../bytes.ts";
import { TdxError } from "./errors.ts";
import { type PckPlatform, readPckPlatform } from "./pck.ts";
import { PCK_CHAIN_CERTIFICATION_DATA, type Quote } from "./quote.ts";
import { decodePemChain, parseCertificate } from "./x509.ts";

export interface CertificateSummary {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: Hex;
  /** Unix seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What a quote's PCK chain claims, leaf first. */
export interface PckChainDescription {
  readonly certificates: readonly CertificateSummary[];
  readonly platform: PckPlatform;
  readonly pckCa: "platform" | "processor";
}

/**
 * Reads a quote's PCK chain without verifying any of it: to show it, or to learn which collateral
 * to fetch.
 *
 * Errors: `PCK_CHAIN_MISSING`, `PEM_MALFORMED`, `CERTIFICATE_…`, `PCK_EXTENSION_MALFORMED`.
 */
export function describePckChain({ certificationData }: Quote): PckChainDescription {
  const { type, data } = certificationData;
  if (type !== PCK_CHAIN_CERTIFICATION_DATA) {
    throw new TdxError("PCK_CHAIN_MISSING", {
      subject: "qeCertificationData.type",
      expected: PCK_CHAIN_CERTIFICATION_DATA,
      found: type,
    });
  }
  const certificates = decodePemChain(data, "PCK chain").map((der, index) =>
    parseCertificate(der, `certificate ${index + 1}`),
  );
  const [leaf] = certificates;
  if (leaf === undefined) {
    throw new TdxError("CHAIN_LENGTH_UNEXPECTED", { subject: "PCK chain", expected: 3, found: 0 });
  }
  return {
    certificates: certificates.map(({ subject, issuer, serial, notBefore, notAfter }) => ({
      subject: subject.commonName,
      issuer: issuer.commonName,
      serial: `0x${serial}` as const,
      notBefore,
      notAfter,
    })),
    platform: readPckPlatform(leaf, "PCK certificate"),
    pckCa: leaf.issuer.commonName.includes("Processor") ? "processor" : "platform",
  };
}
