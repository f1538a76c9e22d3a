import type { Certificate } from "../x509/certificate.ts";
import { GpuError, type GpuErrorCode } from "./errors.ts";

/** A part of the evidence and the period in which it may be used; Unix seconds, ends included. */
export interface Period {
  readonly part: string;
  readonly from: number;
  readonly until: number;
  readonly tooEarly: GpuErrorCode;
  readonly tooLate: GpuErrorCode;
}

export function certificatePeriod(part: string, certificate: Certificate): Period {
  return Object.freeze({
    part,
    from: certificate.notBefore,
    until: certificate.notAfter,
    tooEarly: "CERTIFICATE_NOT_YET_VALID",
    tooLate: "CERTIFICATE_EXPIRED",
  });
}

/** Refuses a time outside a period. */
export function checkPeriod(period: Period, at: number): void {
  if (at >= period.from && at <= period.until) return;
  const isEarly = at < period.from;
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  throw new GpuError(isEarly ? period.tooEarly : period.tooLate, {
    subject: period.part,
    expected: `a time from ${iso(period.from)} to ${iso(period.until)}`,
    found: iso(at),
  });
}

/** Whole seconds since 1970. Errors: `TIME_INVALID`. */
export function toSeconds(at: Date | number): number {
  const seconds = at instanceof Date ? Math.floor(at.getTime() / 1000) : at;
  if (!Number.isSafeInteger(seconds) || Math.abs(seconds) > 8.64e12) {
    throw new GpuError("TIME_INVALID", {
      expected: "a Date or whole seconds since 1970",
      found: typeof at === "number" ? at : typeof at,
    });
  }
  return seconds;
}
