import {
  objectIdentifier,
  printableString,
  sequence,
  setOf,
  utf8String,
} from "../../x509/writer/der-writer.ts";

/** A distinguished name with the five attributes that Intel's names have, in Intel's order. */
export interface Name {
  readonly commonName: string;
  readonly organization: string;
  readonly locality: string;
  readonly state: string;
  /** Two letters. */
  readonly country: string;
}

/**
 * The patterns that Intel's profile sets for common names ("SGX Root CA", "SGX PCK Platform CA",
 * ...) without Intel's name in any of them. `ZZ` is a country code that ISO 3166 leaves to users.
 */
function developmentName(subject: string): Name {
  return {
    commonName: `Chainseal SGX ${subject}`,
    organization: "Chainseal Development",
    locality: "Simulator",
    state: "NA",
    country: "ZZ",
  };
}

/** The names of the simulator's certificates (Intel SGX PCK Certificate and CRL Profile, 1.3). */
export const names = {
  root: developmentName("Root CA"),
  platformCa: developmentName("PCK Platform CA"),
  processorCa: developmentName("PCK Processor CA"),
  pck: developmentName("PCK Certificate"),
  tcbSigner: developmentName("TCB Signing"),
} as const satisfies Record<string, Name>;

/** RDNSequence (RFC 5280, 4.1.2.4), string types as in Intel's certificates. */
export function encodeName(name: Name): Uint8Array {
  return sequence(
    attribute("2.5.4.3", utf8String(name.commonName)),
    attribute("2.5.4.10", utf8String(name.organization)),
    attribute("2.5.4.7", utf8String(name.locality)),
    attribute("2.5.4.8", utf8String(name.state)),
    attribute("2.5.4.6", printableString(name.country)),
  );
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return setOf(sequence(objectIdentifier(type), value));
}
