/** A `0x`-prefixed lower-case hex string, two digits a byte. */
export type Hex = `0x${string}`;

const HEX_BYTES: readonly string[] = Array.from({ length: 256 }, (_, value) =>
  value.toString(16).padStart(2, "0"),
);

const ASCII = new TextDecoder();
/** Each byte's two digits as two bytes of ASCII, in the order of memory. */
const HEX_PAIRS = new Uint16Array(new TextEncoder().encode(HEX_BYTES.join("")).buffer);

/** Hex without the prefix. */
export function toHexDigits(bytes: Uint8Array): string {
  // Decoding pairs is several times as fast as joining strings, but has a fixed cost.
  if (bytes.length < 32) {
    let text = "";
    for (const byte of bytes) text += HEX_BYTES[byte];
    return text;
  }
  const pairs = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) pairs[i] = HEX_PAIRS[bytes[i] as number] as number;
  return ASCII.decode(pairs);
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${toHexDigits(bytes)}`;
}

/** Bytes of a hex string with or without `0x`; `undefined` when it is not hex. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** Equality of public data; not constant time, and not meant for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Little-endian, as every integer in a quote is. The caller has checked the bounds. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
}

/** Little-endian, unsigned. The caller has checked the bounds. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return (readU16(bytes, offset) | (readU16(bytes, offset + 2) << 16)) >>> 0;
}

const LATIN1 = new TextDecoder("latin1");

/** One character a byte (ISO 8859-1); for PEM and for error messages, not for text in general. */
export function toLatin1(bytes: Uint8Array): string {
  return LATIN1.decode(bytes);
}

export function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
