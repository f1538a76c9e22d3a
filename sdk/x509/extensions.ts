import { DerError, DerReader, Tag } from "./der.ts";

/** Object identifiers of the extensions used here, as the hex of their content octets. */
export const ExtensionOid = {
  SUBJECT_KEY_IDENTIFIER: "551d0e",
  KEY_USAGE: "551d0f",
  BASIC_CONSTRAINTS: "551d13",
  CRL_NUMBER: "551d14",
  REASON_CODE: "551d15",
  INVALIDITY_DATE: "551d18",
  DELTA_CRL_INDICATOR: "551d1b",
  ISSUING_DISTRIBUTION_POINT: "551d1c",
  CRL_DISTRIBUTION_POINTS: "551d1f",
  AUTHORITY_KEY_IDENTIFIER: "551d23",
  EXTENDED_KEY_USAGE: "551d25",
} as const;

export interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

const MAX_EXTENSIONS = 16;

/** Extensions (RFC 5280, 4.1): at least one, none twice. */
export function readExtensions(reader: DerReader): ReadonlyMap<string, Extension> {
  const sequence = reader.enter(Tag.SEQUENCE);
  const extensions = new Map<string, Extension>();
  do {
    const extension = sequence.enter(Tag.SEQUENCE);
    const oid = extension.oid();
    let critical = false;
    if (extension.nextTag === Tag.BOOLEAN) {
      critical = extension.boolean();
      // FALSE is the default, and DER leaves defaults out.
      if (!critical) throw new DerError("an encoded default value");
    }
    const value = extension.read(Tag.OCTET_STRING).content;
    extension.end();
    if (extensions.has(oid)) throw new DerError("an extension that occurs twice");
    if (extensions.size === MAX_EXTENSIONS) throw new DerError("too many extensions");
    extensions.set(oid, { critical, value });
  } while (!sequence.done);
  return extensions;
}

/** The key identifier of an AuthorityKeyIdentifier (RFC 5280, 4.2.1.1). */
export function readAuthorityKeyIdentifier(value: Uint8Array): Uint8Array {
  const outer = new DerReader(value);
  const fields = outer.enter(Tag.SEQUENCE);
  outer.end();
  const keyIdentifier = fields.read(0x80).content;
  fields.end();
  return keyIdentifier;
}
