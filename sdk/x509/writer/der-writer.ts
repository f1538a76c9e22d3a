/**
 * A writer of DER (ITU-T X.690): minimal lengths, minimal integers, sorted sets. It only ever
 * writes the one canonical form; a test that needs another form edits the bytes.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { SimulatorError } from "./errors.ts";

/** Identifier octets used here (X.690, 8.1.2). */
const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One element: identifier octet, length in its shortest form (X.690, 10.1), contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents);
  return concatBytes(Uint8Array.of(tag), lengthOctets(body.length), body);
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

export function sequence(...elements: readonly Uint8Array[]): Uint8Array {
  return element(Tag.sequence, ...elements);
}

/** SET OF: the elements in ascending order of their encodings (X.690, 11.6). */
export function setOf(...elements: readonly Uint8Array[]): Uint8Array {
  return element(Tag.set, ...[...elements].sort(compareEncodings));
}

function compareEncodings(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** INTEGER in the fewest octets (X.690, 8.3.2); bytes are read as unsigned, big endian. */
export function integer(value: number | bigint | Uint8Array): Uint8Array {
  return element(Tag.integer, integerOctets(value));
}

export function enumerated(value: number): Uint8Array {
  return element(Tag.enumerated, integerOctets(value));
}

function integerOctets(value: number | bigint | Uint8Array): Uint8Array {
  let rest = typeof value === "object" ? unsignedValue(value) : BigInt(value);
  const octets: number[] = [];
  do {
    octets.unshift(Number(BigInt.asUintN(8, rest)));
    rest >>= 8n;
    // Done when what is left is nothing but the sign that the first octet already shows.
  } while (rest !== ((octets[0] ?? 0) < 0x80 ? 0n : -1n));
  return Uint8Array.from(octets);
}

function unsignedValue(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** BOOLEAN: DER writes true as `ff` (X.690, 11.1). */
export function boolean(value: boolean): Uint8Array {
  return element(Tag.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** BIT STRING; `unusedBits` at the end of the last byte must be zero (X.690, 11.2.1). */
export function bitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  const last = bytes.at(-1) ?? 0;
  if (unusedBits > 7 || (last & (2 ** unusedBits - 1)) !== 0) {
    throw new SimulatorError("bit string", "unused bits that are zero", unusedBits);
  }
  return element(Tag.bitString, Uint8Array.of(unusedBits), bytes);
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return element(Tag.octetString, bytes);
}

export function utf8String(text: string): Uint8Array {
  return element(Tag.utf8String, utf8ToBytes(text));
}

/** PrintableString: only the characters of X.680, 41.4. */
export function printableString(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) {
    throw new SimulatorError("printable string", "characters of X.680, 41.4", text);
  }
  return element(Tag.printableString, utf8ToBytes(text));
}

/** OBJECT IDENTIFIER from its dotted form; arcs in base 128 (X.690, 8.19). */
export function objectIdentifier(dotted: string): Uint8Array {
  const arcs = dotted.split(".").map(Number);
  const [first, second, ...rest] = arcs;
  if (first === undefined || second === undefined || !arcs.every(Number.isSafeInteger)) {
    throw new SimulatorError("object identifier", "at least two arcs", dotted);
  }
  return element(
    Tag.objectIdentifier,
    Uint8Array.from([40 * first + second, ...rest].flatMap(base128)),
  );
}

function base128(arc: number): number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    octets.unshift(0x80 | (rest % 128));
  }
  return octets;
}

/**
 * A time as certificates and CRLs write it (RFC 5280, 4.1.2.5): UTCTime through 2049,
 * GeneralizedTime from 2050.
 *
 * @param seconds - Unix time.
 */
export function time(seconds: number): Uint8Array {
  const year = new Date(seconds * 1000).getUTCFullYear();
  return year >= 1950 && year < 2050 ? utcTime(seconds) : generalizedTime(seconds);
}

/** `YYMMDDhhmmssZ` (X.690, 11.8). */
export function utcTime(seconds: number): Uint8Array {
  return element(Tag.utcTime, utf8ToBytes(timeDigits(seconds).slice(2)));
}

/** `YYYYMMDDhhmmssZ` (X.690, 11.7). */
export function generalizedTime(seconds: number): Uint8Array {
  return element(Tag.generalizedTime, utf8ToBytes(timeDigits(seconds)));
}

function timeDigits(seconds: number): string {
  if (!Number.isInteger(seconds)) throw new SimulatorError("time", "whole seconds", seconds);
  const [date, clock] = new Date(seconds * 1000).toISOString().split("T");
  return `${date ?? ""}${(clock ?? "").slice(0, 8)}Z`.replaceAll(/[-:]/g, "");
}

/** `[number] EXPLICIT`: wraps one element (X.690, 8.14.2). */
export function explicit(number: number, inner: Uint8Array): Uint8Array {
  return element(0xa0 | number, inner);
}

/** `[number] IMPLICIT` over a primitive type: `contents` without their own identifier. */
export function implicit(number: number, contents: Uint8Array): Uint8Array {
  return element(0x80 | number, contents);
}
