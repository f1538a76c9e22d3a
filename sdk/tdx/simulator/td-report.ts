import { concatBytes } from "@noble/hashes/utils.js";
import { SimulatorError } from "../../x509/writer/errors.ts";
import { type BytesLike, toFixedBytes } from "./bytes.ts";
import type { Derivation } from "./keys.ts";

/** TD10: what modules 1.0 report. TD15: what modules from 1.5 on report in version 5 quotes. */
export type TdReportType = "TD10" | "TD15";

/**
 * The TD quote body (Intel TDX DCAP Quoting Library API, appendix A.3 and A.4), in order:
 *
 * | offset | size | field           |
 * |--------|------|-----------------|
 * | 0      | 16   | TEE_TCB_SVN     |
 * | 16     | 48   | MRSEAM          |
 * | 64     | 48   | MRSIGNERSEAM    |
 * | 112    | 8    | SEAMATTRIBUTES  |
 * | 120    | 8    | TDATTRIBUTES    |
 * | 128    | 8    | XFAM            |
 * | 136    | 48   | MRTD            |
 * | 184    | 48   | MRCONFIGID      |
 * | 232    | 48   | MROWNER         |
 * | 280    | 48   | MROWNERCONFIG   |
 * | 328    | 192  | RTMR0 to RTMR3  |
 * | 520    | 64   | REPORTDATA      |
 * | 584    | 16   | TEE_TCB_SVN2, only TD15 |
 * | 600    | 48   | MRSERVICETD, only TD15  |
 */
const td10Fields = [
  ["teeTcbSvn", 16],
  ["mrSeam", 48],
  ["mrSignerSeam", 48],
  ["seamAttributes", 8],
  ["tdAttributes", 8],
  ["xfam", 8],
  ["mrTd", 48],
  ["mrConfigId", 48],
  ["mrOwner", 48],
  ["mrOwnerConfig", 48],
  ["rtmr0", 48],
  ["rtmr1", 48],
  ["rtmr2", 48],
  ["rtmr3", 48],
  ["reportData", 64],
] as const;
const td15Fields = [
  ["teeTcbSvn2", 16],
  ["mrServiceTd", 48],
] as const;

type Field = (typeof td10Fields)[number][0] | (typeof td15Fields)[number][0];

/** Every field of a TD report, at its full size. `teeTcbSvn2` and `mrServiceTd` are TD15's. */
export type TdReportOptions = { readonly [Name in Field]?: BytesLike };

/** Module version 1, SVN 7: `TDX_01` of the default TCB Info holds it to be UpToDate. */
const DEFAULT_TEE_TCB_SVN = "07010300000000000000000000000000";

/**
 * A TD report as a quote carries it: 584 bytes (TD10) or 648 (TD15).
 *
 * Measurements default to values of the seed, MRCONFIGID, MROWNER, MROWNERCONFIG, REPORTDATA and
 * MRSERVICETD to zero, TEE_TCB_SVN2 to TEE_TCB_SVN (a module not updated since launch).
 */
export function encodeTdReport(
  derivation: Derivation,
  type: TdReportType,
  options: TdReportOptions,
): Uint8Array {
  const teeTcbSvn = options.teeTcbSvn ?? DEFAULT_TEE_TCB_SVN;
  const defaults: TdReportOptions = {
    teeTcbSvn,
    teeTcbSvn2: teeTcbSvn,
    // SEPT_VE_DISABLE, bit 28: a host cannot feed the TD pages it did not accept.
    tdAttributes: "0000001000000000",
    xfam: "e702060000000000",
    mrSeam: derivation.bytes("td/mrseam", 48),
    mrTd: derivation.bytes("td/mrtd", 48),
    rtmr0: derivation.bytes("td/rtmr0", 48),
    rtmr1: derivation.bytes("td/rtmr1", 48),
    rtmr2: derivation.bytes("td/rtmr2", 48),
    rtmr3: derivation.bytes("td/rtmr3", 48),
  };
  if (type === "TD10") refuseTd15Fields(options);
  const fields = type === "TD10" ? td10Fields : [...td10Fields, ...td15Fields];
  return concatBytes(
    ...fields.map(([name, size]) =>
      toFixedBytes(options[name] ?? defaults[name] ?? new Uint8Array(size), size, name),
    ),
  );
}

/** Dropping them silently would make a test that asks for them test nothing. */
function refuseTd15Fields(options: TdReportOptions): void {
  for (const [name] of td15Fields) {
    if (options[name] !== undefined) throw new SimulatorError(name, "a TD15 body", "TD10");
  }
}
