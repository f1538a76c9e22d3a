import { toUtf8 } from "../../bytes.ts";
import { TdxError } from "../errors.ts";
import { decodePemChain } from "../x509.ts";
import type { CollateralItem } from "./endpoints.ts";
import { malformed } from "./errors.ts";

/** The largest header that is looked at, in characters: Intel's have 2.5 KB. */
const MAX_HEADER_LENGTH = 12_288;
/** The issuer and the root. */
const CHAIN_LENGTH = 2;

/**
 * Response headers that carry an issuer chain (Intel's PCS API v4). The TCB info's was renamed in
 * version 4; some caches still send the name of version 3.
 */
const HEADERS: Readonly<Record<Exclude<CollateralItem, "root CRL">, readonly string[]>> = {
  "PCK CRL": ["SGX-PCK-CRL-Issuer-Chain"],
  "TCB info": ["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"],
  "QE identity": ["SGX-Enclave-Identity-Issuer-Chain"],
};

/**
 * Reads the chain of an item's issuer: PEM, URL-encoded, the issuer first and the root last.
 *
 * Errors: `PCCS_RESPONSE_MALFORMED`, `PCCS_RESPONSE_TOO_LARGE`.
 */
export function readIssuerChain(item: keyof typeof HEADERS, headers: Headers): string {
  const subject = `issuer chain of the ${item}`;
  const names = HEADERS[item];
  const value = names.map((name) => headers.get(name)).find((text) => text !== null);
  if (value === undefined || value === null) {
    throw malformed(subject, `the header ${names.join(" or ")}`, "no such header");
  }
  if (value.length > MAX_HEADER_LENGTH) {
    throw new TdxError("PCCS_RESPONSE_TOO_LARGE", {
      subject,
      expected: `at most ${MAX_HEADER_LENGTH} characters`,
      found: value.length,
    });
  }
  let chain: string;
  try {
    chain = decodeURIComponent(value);
  } catch {
    throw malformed(subject, "URL-encoded text", "another encoding");
  }
  let length: number;
  try {
    length = decodePemChain(toUtf8(chain), subject).length;
  } catch (error) {
    if (!(error instanceof TdxError)) throw error;
    throw malformed(subject, "PEM certificates", error.found ?? "other text");
  }
  if (length !== CHAIN_LENGTH) throw malformed(subject, "an issuer and a root", length);
  return chain;
}
