import { fromHex, type Hex } from "../bytes.ts";

/**
 * Bits of TDATTRIBUTES, little-endian (Intel TDX Module v1.5 ABI Specification, table
 * "TD Attributes"). Bits 0 to 7 make a TD untrusted; of the others these are defined.
 */
export const tdAttributeBits = {
  DEBUG: 0,
  HGS_PLUS_PROF: 4,
  PERF_PROF: 5,
  PMT_PROF: 6,
  ICSSD: 16,
  LASS: 27,
  SEPT_VE_DISABLE: 28,
  MIGRATABLE: 29,
  PKS: 30,
  KL: 31,
  TPA: 62,
  PERFMON: 63,
} as const;

export type TdAttribute = keyof typeof tdAttributeBits;

const UNTRUSTED_GROUP_END = 8;

function isSet(attributes: Uint8Array, bit: number): boolean {
  return (((attributes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
}

/** The names of the bits that are set, and the numbers of those that have no name. */
export function readTdAttributes(attributes: Hex): {
  readonly names: readonly TdAttribute[];
  readonly unknownBits: readonly number[];
  /** Whether a bit of the group is set that makes the TD's memory open to its host. */
  readonly isUntrusted: boolean;
} {
  const bytes = fromHex(attributes) as Uint8Array;
  const names = (Object.keys(tdAttributeBits) as TdAttribute[]).filter((name) =>
    isSet(bytes, tdAttributeBits[name]),
  );
  const named = new Set<number>(Object.values(tdAttributeBits));
  const unknownBits: number[] = [];
  let isUntrusted = false;
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    if (!isSet(bytes, bit)) continue;
    if (!named.has(bit)) unknownBits.push(bit);
    if (bit < UNTRUSTED_GROUP_END) isUntrusted = true;
  }
  return { names, unknownBits, isUntrusted };
}
