import { type Hex, toHexDigits } from "../bytes.ts";

/** TD report 1.0 (body of version 4 quotes, and of version 5 quotes of type 2), in bytes. */
export const TD10_LENGTH = 584;
/** TD report 1.5 (version 5, type 3), in bytes. */
export const TD15_LENGTH = 648;

/**
 * What a TD says of itself and of the TDX module under it, as hex.
 *
 * Offsets and lengths in bytes (Intel TDX DCAP Quoting Library API, appendix A.3.2 and A.4.3):
 *
 * | offset | length | field          | what it is                                            |
 * | -----: | -----: | -------------- | ----------------------------------------------------- |
 * |      0 |     16 | teeTcbSvn      | SVNs of the TDX module at launch; [1] its version     |
 * |     16 |     48 | mrSeam         | measurement of the TDX module                         |
 * |     64 |     48 | mrSignerSeam   | its signer; zero for Intel                            |
 * |    112 |      8 | seamAttributes | zero                                                  |
 * |    120 |      8 | tdAttributes   | DEBUG and others, little-endian bit numbers           |
 * |    128 |      8 | xfam           | CPU state the TD may use                              |
 * |    136 |     48 | mrTd           | measurement of the TD's initial memory                |
 * |    184 |     48 | mrConfigId     | set by the host                                       |
 * |    232 |     48 | mrOwner        | set by the host                                       |
 * |    280 |     48 | mrOwnerConfig  | set by the host                                       |
 * |    328 |     48 | rtmr0          | run-time measurements, extended by the TD             |
 * |    376 |     48 | rtmr1          |                                                       |
 * |    424 |     48 | rtmr2          |                                                       |
 * |    472 |     48 | rtmr3          |                                                       |
 * |    520 |     64 | reportData     | chosen by the TD                                      |
 * |    584 |     16 | teeTcbSvn2     | TD 1.5 only: SVNs of the TDX module now               |
 * |    600 |     48 | mrServiceTd    | TD 1.5 only: bound service TDs; zero for none         |
 */
export interface TdReport {
  readonly teeTcbSvn: Hex;
  readonly mrSeam: Hex;
  readonly mrSignerSeam: Hex;
  readonly seamAttributes: Hex;
  readonly tdAttributes: Hex;
  readonly xfam: Hex;
  readonly mrTd: Hex;
  readonly mrConfigId: Hex;
  readonly mrOwner: Hex;
  readonly mrOwnerConfig: Hex;
  readonly rtmr0: Hex;
  readonly rtmr1: Hex;
  readonly rtmr2: Hex;
  readonly rtmr3: Hex;
  readonly reportData: Hex;
  readonly teeTcbSvn2?: Hex;
  readonly mrServiceTd?: Hex;
}

/** Reads a body of `TD10_LENGTH` or `TD15_LENGTH` bytes; the caller has checked the length. */
export function readTdReport(body: Uint8Array): TdReport {
  const digits = toHexDigits(body);
  const field = (offset: number, length: number): Hex =>
    `0x${digits.slice(2 * offset, 2 * (offset + length))}`;
  const report = {
    teeTcbSvn: field(0, 16),
    mrSeam: field(16, 48),
    mrSignerSeam: field(64, 48),
    seamAttributes: field(112, 8),
    tdAttributes: field(120, 8),
    xfam: field(128, 8),
    mrTd: field(136, 48),
    mrConfigId: field(184, 48),
    mrOwner: field(232, 48),
    mrOwnerConfig: field(280, 48),
    rtmr0: field(328, 48),
    rtmr1: field(376, 48),
    rtmr2: field(424, 48),
    rtmr3: field(472, 48),
    reportData: field(520, 64),
  };
  if (body.length === TD10_LENGTH) return Object.freeze(report);
  return Object.freeze({ ...report, teeTcbSvn2: field(584, 16), mrServiceTd: field(600, 48) });
}
