import { SimulatorError } from "../../x509/writer/errors.ts";
import { authorityKeyIdentifier, crlNumber } from "../../x509/writer/extensions.ts";
import type { Authorities, PckCa } from "./authorities.ts";
import type { CrlEntry, CrlTemplate } from "./crl.ts";
import type { Derivation } from "./keys.ts";

/** A serial number, or an entry with a date and reason of its own. */
export type Revoked = Uint8Array | CrlEntry;

export interface CrlOptions {
  /** Unix seconds. Default: one day before `at`. */
  readonly thisUpdate?: number;
  /** Unix seconds. Default: 30 days after `thisUpdate`; the root CRL's, 365 days. */
  readonly nextUpdate?: number;
  /** Default 1. All of Intel's have 1: the number does not tell an older CRL from a newer one. */
  readonly number?: number | bigint;
  /** Of the entries given as bare serials and of the padding. Null leaves it out. Default 1. */
  readonly reasonCode?: number | null;
  /** Entries in all; random serials fill up around those revoked. Default: those revoked. */
  readonly size?: number;
}

/** The lists that a simulator keeps: the root's and one per PCK CA. */
export type CrlIssuer = "root" | PckCa;

const DAY = 86_400;
const lifetimes = { root: 365 * DAY, platform: 30 * DAY, processor: 30 * DAY } as const;
const authorityOf = {
  root: "root",
  platform: "platformCa",
  processor: "processorCa",
} as const;

/** The template of a CRL as Intel's PCS serves it (PCS API v4, Get Revocation List). */
export function createCrlTemplate(
  derivation: Derivation,
  authorities: Authorities,
  issuer: CrlIssuer,
  at: number,
  revoked: readonly Revoked[],
  options: CrlOptions,
): CrlTemplate {
  const authority = authorities[authorityOf[issuer]];
  const thisUpdate = options.thisUpdate ?? at - DAY;
  const reasonCode = options.reasonCode === undefined ? 1 : options.reasonCode;
  const asEntry = (serial: Uint8Array): CrlEntry => ({
    serial,
    // Intel dates every entry with the CRL that it appears in.
    revocationDate: thisUpdate,
    reasonCode,
  });

  const entries = revoked.map((item) => (item instanceof Uint8Array ? asEntry(item) : item));
  const size = options.size ?? entries.length;
  if (size < entries.length) throw new SimulatorError("size", `at least ${entries.length}`, size);
  const padding = size - entries.length;
  const filling = Array.from({ length: padding }, (_, index) =>
    asEntry(derivation.serial(`crl-padding/${issuer}/${index}`)),
  );
  // In the middle, so that a look-up that sees only one end of the list is caught.
  filling.splice(Math.floor(padding / 2), 0, ...entries);

  return {
    issuer: authority.template.subject,
    signer: authority.key,
    thisUpdate,
    nextUpdate: options.nextUpdate ?? thisUpdate + lifetimes[issuer],
    entries: filling,
    extensions: [crlNumber(options.number ?? 1), authorityKeyIdentifier(authority.keyIdentifier)],
  };
}
