import { SimulatorError } from "../../x509/writer/errors.ts";
import type { PlatformTcbStatus } from "../tcb-status.ts";

/** What every TCB level carries, whatever it compares. */
export interface TcbVerdict {
  /** Unix seconds. */
  readonly tcbDate: number;
  /** A `PlatformTcbStatus`, or any text that a verifier ought to refuse. */
  readonly status: PlatformTcbStatus | (string & {});
  /** Such as INTEL-SA-01036. Left out of the document when undefined, as Intel does when empty. */
  readonly advisoryIds?: readonly string[];
}

/** A level of the QE or of a TDX module: one security version number. */
export interface IsvTcbLevel extends TcbVerdict {
  readonly isvSvn: number;
}

export function verdictJson(level: TcbVerdict): Record<string, unknown> {
  return {
    tcbDate: isoTime(level.tcbDate),
    tcbStatus: level.status,
    ...(level.advisoryIds === undefined ? {} : { advisoryIDs: level.advisoryIds }),
  };
}

export function isvTcbLevelJson(level: IsvTcbLevel): Record<string, unknown> {
  return { tcb: { isvsvn: level.isvSvn }, ...verdictJson(level) };
}

/** `YYYY-MM-DDThh:mm:ssZ`, the only form in Intel's documents; from Unix seconds. */
export function isoTime(seconds: number): string {
  if (!Number.isInteger(seconds)) throw new SimulatorError("time", "whole seconds", seconds);
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** Unix seconds of a UTC midnight, for the dates of default levels. */
export function midnight(date: `${number}-${number}-${number}`): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000;
}
