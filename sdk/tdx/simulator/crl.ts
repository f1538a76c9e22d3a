import { explicit, integer, sequence, time } from "../../x509/writer/der-writer.ts";
import { type Extension, encodeExtension, reasonCode } from "../../x509/writer/extensions.ts";
import { nameDer, signatureAlgorithm, signedElement } from "./certificates.ts";
import type { SigningKey } from "./keys.ts";
import type { Name } from "./names.ts";

/** One revoked certificate. */
export interface CrlEntry {
  readonly serial: Uint8Array;
  /** Unix seconds. */
  readonly revocationDate: number;
  /** RFC 5280, 5.3.1. Left out when null. Default 1, keyCompromise: Intel gives no other. */
  readonly reasonCode?: number | null;
  /** Further entry extensions, after the reason. */
  readonly extensions?: readonly Extension[];
}

/** All that goes into a CRL. Nothing in it is checked. */
export interface CrlTemplate {
  /** Default 2; 1 leaves the field out, as RFC 5280 asks of version 1. */
  readonly version?: number;
  readonly issuer: Name | Uint8Array;
  readonly signer: SigningKey;
  /** Unix seconds. */
  readonly thisUpdate: number;
  /** Unix seconds; null leaves it out, which RFC 5280 forbids. */
  readonly nextUpdate: number | null;
  readonly entries: readonly CrlEntry[];
  /** Of the whole CRL; Intel's have the CRL number, then the authority key identifier. */
  readonly extensions: readonly (Extension | Uint8Array)[];
  /** Changes the TBSCertList before it is signed. */
  readonly editTbs?: (tbs: Uint8Array) => Uint8Array;
  /** Changes the whole CRL after it is signed. */
  readonly edit?: (crl: Uint8Array) => Uint8Array;
}

/**
 * Issues a CRL (RFC 5280, 5.1) in the form of Intel's PCK Certificate and CRL Profile.
 *
 * @returns DER.
 *
 * @example
 * ```ts
 * const template = simulator.crlTemplate("platform");
 * const delta = issueCrl({
 *   ...template,
 *   extensions: [...template.extensions, deltaCrlIndicator(1)],
 * });
 * ```
 */
export function issueCrl(template: CrlTemplate): Uint8Array {
  const version = template.version ?? 2;
  const entries = template.entries.map(encodeEntry);
  const extensions = template.extensions.map((entry) =>
    entry instanceof Uint8Array ? entry : encodeExtension(entry),
  );
  const tbs = sequence(
    ...(version === 1 ? [] : [integer(version - 1)]),
    signatureAlgorithm,
    nameDer(template.issuer),
    time(template.thisUpdate),
    ...(template.nextUpdate === null ? [] : [time(template.nextUpdate)]),
    // RFC 5280, 5.1.2.6: the list MUST be absent when nothing is revoked.
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    ...(extensions.length === 0 ? [] : [explicit(0, sequence(...extensions))]),
  );
  const signed = template.editTbs?.(tbs) ?? tbs;
  const crl = signedElement(signed, template.signer);
  return template.edit?.(crl) ?? crl;
}

function encodeEntry(entry: CrlEntry): Uint8Array {
  const reason = entry.reasonCode === undefined ? 1 : entry.reasonCode;
  const extensions = [
    ...(reason === null ? [] : [reasonCode(reason)]),
    ...(entry.extensions ?? []),
  ].map(encodeExtension);
  return sequence(
    integer(entry.serial),
    time(entry.revocationDate),
    ...(extensions.length === 0 ? [] : [sequence(...extensions)]),
  );
}
