import assert from "node:assert/strict";

/** A DER element as read back, for tests only. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
  /** Identifier, length and contents. */
  readonly raw: Uint8Array;
}

/** Reads the elements of a sequence of elements, or of one element. */
export function readAll(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const first = bytes[offset + 1] ?? 0;
    const lengthSize = first < 0x80 ? 0 : first - 0x80;
    const start = offset + 2 + lengthSize;
    const length =
      first < 0x80
        ? first
        : bytes.subarray(offset + 2, start).reduce((value, byte) => value * 256 + byte, 0);
    assert.ok(start + length <= bytes.length, "an element ends within what holds it");
    elements.push({
      tag: bytes[offset] ?? 0,
      contents: bytes.subarray(start, start + length),
      raw: bytes.subarray(offset, start + length),
    });
    offset = start + length;
  }
  return elements;
}

/** Follows indices into nested elements: `at(certificate, 0, 5)` is the subject. */
export function at(bytes: Uint8Array, ...path: readonly number[]): DerElement {
  let [current] = readAll(bytes);
  for (const index of path) {
    assert.ok(current, "the path leads to an element");
    current = readAll(current.contents)[index];
  }
  assert.ok(current, "the path leads to an element");
  return current;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
