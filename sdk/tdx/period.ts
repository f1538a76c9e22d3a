import type { Certificate } from "../x509/certificate.ts";
import type { Crl } from "../x509/crl.ts";
import { TdxError, type TdxErrorCode } from "./errors.ts";

/** A part of the evidence and the period in which it may be used; Unix seconds, ends included. */
export interface CollateralPeriod {
  readonly part: string;
  readonly from: number;
  readonly until: number;
  readonly tooEarly: TdxErrorCode;
  readonly tooLate: TdxErrorCode;
}

export function certificatePeriod(
  part: string,
  { certificate }: { readonly certificate: Certificate },
): CollateralPeriod {
  return Object.freeze({
    part,
    from: certificate.notBefore,
    until: certificate.notAfter,
    tooEarly: "CERTIFICATE_NOT_YET_VALID",
    tooLate: "CERTIFICATE_EXPIRED",
  });
}

export function crlPeriod(part: string, crl: Crl): CollateralPeriod {
  return Object.freeze({
    part,
    from: crl.thisUpdate,
    until: crl.nextUpdate,
    tooEarly: "CRL_NOT_YET_VALID",
    tooLate: "CRL_EXPIRED",
  });
}

/** Of a TCB info or a QE identity. */
export function documentPeriod(
  part: string,
  document: { readonly issueDate: number; readonly nextUpdate: number },
  code: "TCB_INFO" | "QE_IDENTITY",
): CollateralPeriod {
  return Object.freeze({
    part,
    from: document.issueDate,
    until: document.nextUpdate,
    tooEarly: `${code}_NOT_YET_VALID` as const,
    tooLate: `${code}_EXPIRED` as const,
  });
}

/** Refuses a time outside a period. */
export function checkPeriod(period: CollateralPeriod, at: number): void {
  if (at >= period.from && at <= period.until) return;
  const isEarly = at < period.from;
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  throw new TdxError(isEarly ? period.tooEarly : period.tooLate, {
    subject: period.part,
    expected: `a time from ${iso(period.from)} to ${iso(period.until)}`,
    found: iso(at),
  });
}
