import { fromHex } from "../../bytes.ts";
import { SimulatorError } from "../../x509/writer/errors.ts";

/** Bytes as such, or as hex of either case, with or without `0x`. */
export type BytesLike = Uint8Array | string;

/**
 * Reads bytes of any length.
 *
 * @throws {SimulatorError} naming `option`, when a string is not hex.
 */
export function toBytes(value: BytesLike, option: string): Uint8Array {
  if (typeof value !== "string") return value;
  const bytes = fromHex(value);
  if (bytes === undefined) {
    throw new SimulatorError(option, "bytes or an even number of hex digits", value.slice(0, 80));
  }
  return bytes;
}

/**
 * Reads bytes of exactly `length`: fields at fixed offsets are never padded or cut, because a
 * shifted field would make a quote that fails for another reason than the one a test is about.
 *
 * @throws {SimulatorError} naming `option`, on any other length or on bad hex.
 */
export function toFixedBytes(value: BytesLike, length: number, option: string): Uint8Array {
  const bytes = toBytes(value, option);
  if (bytes.length !== length) throw new SimulatorError(option, `${length} bytes`, bytes.length);
  return bytes;
}

/** An unsigned integer, little endian, in `size` bytes: how quotes write numbers. */
export function littleEndian(value: number, size: 2 | 4, option: string): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) {
    throw new SimulatorError(option, `an integer of ${size} bytes`, value);
  }
  return Uint8Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) % 256);
}
