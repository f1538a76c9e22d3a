import { toHexDigits } from "../bytes.ts";

/** Universal tags used by certificates and CRLs (X.690, 8.1.2 and ITU-T X.680). */
export const Tag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** Thrown by the reader; the caller knows what it was reading and wraps it into a typed error. */
export class DerError extends Error {
  override readonly name = "DerError";
}

export interface DerElement {
  readonly tag: number;
  /** The content octets: a view, not a copy. */
  readonly content: Uint8Array;
  /** Tag, length and content: a view, not a copy. */
  readonly encoded: Uint8Array;
}

/**
 * Reads DER strictly (X.690, section 10): definite and shortest lengths, one-byte tags, nothing
 * beyond the end. It holds a flat cursor and never recurses, so no input can nest it deep; every
 * element is a view of the input, so no input can make it allocate more than itself.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** The next tag, or -1 at the end. */
  get nextTag(): number {
    return this.#bytes[this.#offset] ?? -1;
  }

  /** Takes the next element, which must have `tag` when one is given. */
  read(tag?: number): DerElement {
    const bytes = this.#bytes;
    const start = this.#offset;
    const found = bytes[start];
    const first = bytes[start + 1];
    if (found === undefined || first === undefined) throw new DerError("the data ends too early");
    if (tag !== undefined && found !== tag) {
      throw new DerError(`expected tag 0x${tag.toString(16)}, found 0x${found.toString(16)}`);
    }
    if ((found & 0x1f) === 0x1f) throw new DerError("a tag of more than one byte");
    let length = first;
    let header = 2;
    if (first >= 0x80) {
      const count = first - 0x80;
      if (count < 1 || count > 3) throw new DerError("an indefinite or oversized length");
      length = 0;
      for (let i = 0; i < count; i++) {
        const byte = bytes[start + 2 + i];
        if (byte === undefined) throw new DerError("the data ends too early");
        length = length * 256 + byte;
      }
      header += count;
      if (length < 0x80 || length < 2 ** (8 * (count - 1))) {
        throw new DerError("a length that is not in its shortest form");
      }
    }
    const end = start + header + length;
    if (end > bytes.length) throw new DerError("an element is longer than what holds it");
    this.#offset = end;
    return {
      tag: found,
      content: bytes.subarray(start + header, end),
      encoded: bytes.subarray(start, end),
    };
  }

  /** A reader over the content of the next element. */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag).content);
  }

  /** Refuses what is left over. */
  end(): void {
    if (!this.done) throw new DerError("unexpected data after the last element");
  }

  /** An INTEGER or ENUMERATED that must not be negative; big-endian without leading zeros. */
  unsigned(tag: number = Tag.INTEGER): Uint8Array {
    return unsignedInteger(this.read(tag).content);
  }

  /** A small non-negative integer, at most `max`. */
  number(max: number, tag: number = Tag.INTEGER): number {
    const bytes = this.unsigned(tag);
    if (bytes.length > 4) throw new DerError("an integer is too large");
    let value = 0;
    for (const byte of bytes) value = value * 256 + byte;
    if (value > max) throw new DerError(`an integer is larger than ${max}`);
    return value;
  }

  boolean(): boolean {
    const { content } = this.read(Tag.BOOLEAN);
    if (content.length !== 1 || (content[0] !== 0x00 && content[0] !== 0xff)) {
      throw new DerError("a BOOLEAN that is neither 00 nor ff");
    }
    return content[0] === 0xff;
  }

  /** An object identifier, as the hex digits of its content octets. */
  oid(): string {
    const { content } = this.read(Tag.OID);
    const last = content[content.length - 1];
    if (last === undefined || last >= 0x80 || content.length > 32) {
      throw new DerError("a malformed object identifier");
    }
    let startsArc = true;
    for (const byte of content) {
      if (startsArc && byte === 0x80) throw new DerError("a malformed object identifier");
      startsArc = byte < 0x80;
    }
    return toHexDigits(content);
  }

  /** A BIT STRING of whole octets. */
  octetAlignedBits(): Uint8Array {
    const { content } = this.read(Tag.BIT_STRING);
    if (content[0] !== 0) throw new DerError("a BIT STRING with unused bits");
    return content.subarray(1);
  }

  /** A named bit list (X.690, 11.2.2), as the number whose bit i is the list's bit i. */
  namedBits(): number {
    const { content } = this.read(Tag.BIT_STRING);
    const unused = content[0];
    const lastByte = content[content.length - 1];
    if (unused === undefined || lastByte === undefined || unused > 7 || content.length > 3) {
      throw new DerError("a malformed bit list");
    }
    if (
      content.length === 1
        ? unused !== 0
        : ((lastByte >> unused) & 1) !== 1 || lastByte & ((1 << unused) - 1)
    ) {
      throw new DerError("a bit list that is not in its shortest form");
    }
    let bits = 0;
    for (let i = 0; i < 8 * (content.length - 1); i++) {
      if (((content[1 + (i >> 3)] ?? 0) >> (7 - (i & 7))) & 1) bits |= 1 << i;
    }
    return bits;
  }

  /** UTCTime or GeneralizedTime as RFC 5280 (4.1.2.5) has them, in Unix seconds. */
  time(): number {
    const { tag, content } = this.read();
    let text = "";
    for (const byte of content.subarray(0, 16)) text += String.fromCharCode(byte);
    let match: RegExpExecArray | null = null;
    if (tag === Tag.UTC_TIME) match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
    if (tag === Tag.GENERALIZED_TIME) match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
    if (match === null || content.length > 15) throw new DerError("a malformed time");
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
      .slice(1)
      .map(Number);
    const fullYear = tag === Tag.UTC_TIME ? year + (year < 50 ? 2000 : 1900) : year;
    const milliseconds = Date.UTC(fullYear, month - 1, day, hour, minute, second);
    const date = new Date(milliseconds);
    const isReal =
      date.getUTCFullYear() === fullYear &&
      date.getUTCMonth() === month - 1 &&
      date.getUTCDate() === day &&
      date.getUTCHours() === hour &&
      date.getUTCMinutes() === minute &&
      date.getUTCSeconds() === second;
    if (!isReal) throw new DerError("a time that does not exist");
    return milliseconds / 1000;
  }
}

/** Checks a non-negative DER integer's content and returns it without its sign byte. */
function unsignedInteger(content: Uint8Array): Uint8Array {
  const [first, second] = content;
  if (first === undefined) throw new DerError("an empty integer");
  if (first >= 0x80) throw new DerError("a negative integer");
  if (first !== 0) return content;
  if (second === undefined) return content;
  if (second < 0x80) throw new DerError("an integer that is not in its shortest form");
  return content.subarray(1);
}

/** An ECDSA-Sig-Value (RFC 3279, 2.2.3) as r || s of `size` bytes each. */
export function readEcdsaSignature(der: Uint8Array, size = 32): Uint8Array {
  const outer = new DerReader(der);
  const pair = outer.enter(Tag.SEQUENCE);
  outer.end();
  const r = pair.unsigned();
  const s = pair.unsigned();
  pair.end();
  if (r.length > size || s.length > size) throw new DerError("a signature half is too long");
  const signature = new Uint8Array(2 * size);
  signature.set(r, size - r.length);
  signature.set(s, 2 * size - s.length);
  return signature;
}
