import type { Architecture } from "../architecture.ts";
import type { Derivation } from "./keys.ts";

/** Which part of a device's state a measurement belongs to, and so which RIM has it. */
export type GoldenPart = "driver" | "vbios";

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The indexes that are active in NVIDIA's RIMs. An NVSwitch has no driver that is measured. */
export const goldenIndexes: Readonly<
  Record<"gpu" | "switch", Readonly<Record<GoldenPart, readonly number[]>>>
> = {
  gpu: { driver: [7, ...range(21, 40)], vbios: [...range(0, 6), ...range(8, 12)] },
  switch: { driver: [], vbios: range(0, 30) },
};

export const blockCounts = { gpu: 64, switch: 31 } as const;

export function kindOf(architecture: Architecture): "gpu" | "switch" {
  return architecture === "LS10" ? "switch" : "gpu";
}

/** What this simulator's firmware of a version measures at an index: 48 bytes. */
export function goldenValue(
  derivation: Derivation,
  architecture: Architecture,
  part: GoldenPart,
  version: string,
  index: number,
): Uint8Array {
  const label = `measurement/${architecture}/${part}/${version.toUpperCase()}/${index}`;
  return derivation.bytes(label, 48);
}
