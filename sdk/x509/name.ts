import { equalBytes } from "../bytes.ts";
import { DerError, DerReader, Tag } from "./der.ts";

const COMMON_NAME = "550403";
const MAX_NAME_LENGTH = 512;

/** A distinguished name (RFC 5280, 4.1.2.4). Names are compared as DER, byte for byte. */
export interface Name {
  readonly der: Uint8Array;
  /** The one common name; empty when there is none. */
  readonly commonName: string;
}

const TEXT = new TextDecoder("utf-8", { fatal: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return TEXT.decode(bytes);
  } catch {
    throw new DerError("a name with text that is not UTF-8");
  }
}

export function readName(reader: DerReader): Name {
  const { encoded, content } = reader.read(Tag.SEQUENCE);
  if (encoded.length > MAX_NAME_LENGTH) throw new DerError("a name is too long");
  const sequence = new DerReader(content);
  let commonName: string | undefined;
  while (!sequence.done) {
    const set = sequence.enter(Tag.SET);
    const attribute = set.enter(Tag.SEQUENCE);
    set.end();
    const type = attribute.oid();
    const value = attribute.read();
    attribute.end();
    const isText =
      value.tag === Tag.UTF8_STRING ||
      value.tag === Tag.PRINTABLE_STRING ||
      value.tag === Tag.IA5_STRING;
    if (!isText) throw new DerError("a name with a value that is not text");
    const text = decodeText(value.content);
    if (type !== COMMON_NAME) continue;
    if (commonName !== undefined) throw new DerError("a name with two common names");
    commonName = text;
  }
  return { der: encoded, commonName: commonName ?? "" };
}

export function equalNames(a: Name, b: Name): boolean {
  return equalBytes(a.der, b.der);
}
