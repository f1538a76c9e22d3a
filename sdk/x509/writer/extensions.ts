import { utf8ToBytes } from "@noble/hashes/utils.js";
import {
  bitString,
  boolean,
  element,
  enumerated,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from "./der-writer.ts";

/** An extension of a certificate, a CRL or a CRL entry (RFC 5280, 4.2). */
export interface Extension {
  /** Dotted object identifier. */
  readonly oid: string;
  readonly critical: boolean;
  /** The DER inside the OCTET STRING. */
  readonly value: Uint8Array;
}

/** The extensions that appear in Intel's certificates and CRLs, and those they must not have. */
export const extensionOids = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  crlNumber: "2.5.29.20",
  reasonCode: "2.5.29.21",
  deltaCrlIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
  crlDistributionPoints: "2.5.29.31",
  authorityKeyIdentifier: "2.5.29.35",
  sgx: "1.2.840.113741.1.13.1",
} as const;

/** `critical` is DEFAULT FALSE, so DER leaves it out when false. */
export function encodeExtension(extension: Extension): Uint8Array {
  return sequence(
    objectIdentifier(extension.oid),
    ...(extension.critical ? [boolean(true)] : []),
    octetString(extension.value),
  );
}

function extension(oid: string, value: Uint8Array, critical = false): Extension {
  return { oid, critical, value };
}

/** RFC 5280, 4.2.1.1, the key identifier only. */
export function authorityKeyIdentifier(identifier: Uint8Array): Extension {
  return extension(extensionOids.authorityKeyIdentifier, sequence(implicit(0, identifier)));
}

/** RFC 5280, 4.2.1.2. */
export function subjectKeyIdentifier(identifier: Uint8Array): Extension {
  return extension(extensionOids.subjectKeyIdentifier, octetString(identifier));
}

/** RFC 5280, 4.2.1.13: one distribution point with one URI. */
export function crlDistributionPoint(uri: string): Extension {
  const fullName = element(0xa0, implicit(6, utf8ToBytes(uri)));
  return extension(extensionOids.crlDistributionPoints, sequence(sequence(explicit(0, fullName))));
}

/** Bit numbers of RFC 5280, 4.2.1.3. */
const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyCertSign: 5,
  crlSign: 6,
} as const;

export type KeyUsage = keyof typeof keyUsageBits;

/** A named bit list: DER drops the zero bits at its end (X.690, 11.2.2). */
export function keyUsage(...usages: readonly KeyUsage[]): Extension {
  const bits: number[] = usages.map((usage) => keyUsageBits[usage]);
  const flags = bits.reduce((byte, bit) => byte | (0x80 >> bit), 0);
  const value =
    bits.length === 0
      ? bitString(new Uint8Array())
      : bitString(Uint8Array.of(flags), 7 - Math.max(...bits));
  return extension(extensionOids.keyUsage, value, true);
}

/** RFC 5280, 4.2.1.9. `cA` is DEFAULT FALSE: an end entity's value is an empty sequence. */
export function basicConstraints(
  constraints: { readonly ca: false } | { readonly ca: true; readonly pathLength?: number },
): Extension {
  const pathLength =
    constraints.ca && constraints.pathLength !== undefined ? [integer(constraints.pathLength)] : [];
  const value = sequence(...(constraints.ca ? [boolean(true), ...pathLength] : []));
  return extension(extensionOids.basicConstraints, value, true);
}

/** RFC 5280, 5.2.3. */
export function crlNumber(number: number | bigint): Extension {
  return extension(extensionOids.crlNumber, integer(number));
}

/** RFC 5280, 5.2.4: the CRL lists only changes since this base. Critical. */
export function deltaCrlIndicator(baseNumber: number | bigint): Extension {
  return extension(extensionOids.deltaCrlIndicator, integer(baseNumber), true);
}

/** RFC 5280, 5.3.1: 1 keyCompromise (the only one Intel uses), 8 removeFromCRL, ... */
export function reasonCode(code: number): Extension {
  return extension(extensionOids.reasonCode, enumerated(code));
}

/** The list without any extension of this identifier. */
export function withoutExtension(
  list: readonly (Extension | Uint8Array)[],
  oid: string,
): (Extension | Uint8Array)[] {
  return list.filter((entry) => entry instanceof Uint8Array || entry.oid !== oid);
}

/** The list with `replacement` where the extension of the same identifier was, else at its end. */
export function withExtension(
  list: readonly (Extension | Uint8Array)[],
  replacement: Extension,
): (Extension | Uint8Array)[] {
  const isIt = (entry: Extension | Uint8Array): boolean =>
    !(entry instanceof Uint8Array) && entry.oid === replacement.oid;
  return list.some(isIt)
    ? list.map((entry) => (isIt(entry) ? replacement : entry))
    : [...list, replacement];
}
