import type { Architecture } from "./architecture.ts";
import { GpuError } from "./errors.ts";
import type { GpuReport } from "./report.ts";
import type { GoldenMeasurement } from "./rim-content.ts";

/** The measurement of the video decoder, which counts only while the decoder is on. */
export const NVDEC0_INDEX = 35;

/** How a report's measurements compare with golden ones. Indexes are the golden ones, from 0. */
export interface Comparison {
  readonly compared: readonly number[];
  readonly skipped: readonly number[];
  readonly mismatches: readonly number[];
}

/** What has golden measurements: a RIM. */
export interface GoldenSource {
  readonly version: string;
  readonly measurements: ReadonlyMap<number, GoldenMeasurement>;
}

/** The active measurements of several RIMs as one set. Errors: `MEASUREMENT_INDEX_CONFLICT`. */
function goldenSet(rims: readonly GoldenSource[]): ReadonlyMap<number, GoldenMeasurement> {
  const golden = new Map<number, GoldenMeasurement>();
  for (const rim of rims) {
    for (const [index, measurement] of rim.measurements) {
      if (golden.has(index)) {
        const subject = rims.map(({ version }) => version).join(" and ");
        throw new GpuError("MEASUREMENT_INDEX_CONFLICT", { subject, found: index });
      }
      golden.set(index, measurement);
    }
  }
  return golden;
}

/**
 * Of a GPU, whether NVDEC0 was off when it was measured: then its measurement means nothing. An
 * NVSwitch has no such decoder, and every measurement counts.
 */
function isNvdec0Off({ opaque }: GpuReport, architecture: Architecture): boolean {
  if (architecture === "LS10") return false;
  const { nvdec0Status } = opaque;
  if (nvdec0Status === "on" || nvdec0Status === "off") return nvdec0Status === "off";
  throw new GpuError("NVDEC0_STATUS_INVALID", {
    expected: "0xaa or 0x55",
    found: nvdec0Status ?? "no status",
  });
}

/**
 * Compares a report with golden measurements, each with the block whose index is one higher. Blocks
 * without a golden measurement are not looked at. It takes the measurements as they are given: only
 * those of a `Rim` are known to be signed.
 *
 * Errors: `MEASUREMENT_INDEX_CONFLICT`, `MEASUREMENT_MISSING`, `NVDEC0_STATUS_INVALID`; what
 * differs is an answer, not an error.
 */
export function compareMeasurements(
  report: GpuReport,
  rims: readonly GoldenSource[],
  architecture: Architecture,
): Comparison {
  const golden = goldenSet(rims);
  if (golden.size > report.measurements.size) {
    throw new GpuError("MEASUREMENT_MISSING", {
      expected: `at least ${golden.size} blocks`,
      found: report.measurements.size,
    });
  }
  const isDecoderOff = isNvdec0Off(report, architecture);
  const compared: number[] = [];
  const skipped: number[] = [];
  const mismatches: number[] = [];
  for (const [index, { alternatives, size }] of [...golden].sort(([a], [b]) => a - b)) {
    if (index === NVDEC0_INDEX && isDecoderOff) {
      skipped.push(index);
      continue;
    }
    compared.push(index);
    const found = report.measurements.get(index);
    const isGolden =
      found !== undefined && found.size === size && alternatives.includes(found.value);
    if (!isGolden) mismatches.push(index);
  }
  return Object.freeze({
    compared: Object.freeze(compared),
    skipped: Object.freeze(skipped),
    mismatches: Object.freeze(mismatches),
  });
}
