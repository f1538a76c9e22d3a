import { fromHex, type Hex } from "../bytes.ts";
import { defaultPolicy, type MeasuredRegister, type Policy, parsePolicy } from "./policy.ts";
import type { TcbStatus } from "./tcb-status.ts";
import { readTdAttributes } from "./td-attributes.ts";
import type { VerifiedQuote } from "./verify.ts";

/** Why a policy refuses a quote: one code for each demand. */
export const refusals = {
  DEBUG_TD: "The TD is a debug TD: its host can read its memory.",
  TCB_STATUS_NOT_ACCEPTED: "The TCB status is not one that the policy accepts.",
  TCB_EVALUATION_NUMBER_TOO_LOW: "The collateral's TCB evaluation data number is too low.",
  TCB_DATE_TOO_OLD: "The TCB is older than the policy accepts.",
  ADVISORY_NOT_ACCEPTED: "A security advisory applies that the policy does not accept.",
  ADVISORY_REFUSED: "A security advisory applies that the policy refuses.",
  SEPT_VE_DISABLE_REQUIRED: "The TD runs without SEPT_VE_DISABLE.",
  MIGRATABLE_TD: "The TD can be migrated.",
  TD_ATTRIBUTES_UNKNOWN: "The TD has attributes without a defined meaning.",
  MRSERVICETD_NOT_ZERO: "A service TD is bound to the TD.",
  XFAM_NOT_ACCEPTED: "The TD uses CPU features that the policy does not accept.",
  MEASUREMENT_NOT_ACCEPTED: "A measured register has a value that the policy does not accept.",
  REPORT_DATA_MISMATCH: "The report data is not what the policy expects.",
  FMSPC_NOT_ACCEPTED: "The platform type is not one that the policy accepts.",
  PPID_NOT_ACCEPTED: "The machine is not one that the policy accepts.",
} as const;

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

export interface Validation {
  readonly accepted: boolean;
  /** Every demand that is not met, not only the first. */
  readonly reasons: readonly Refusal[];
}

function isWithinMask(value: Hex, mask: Hex): boolean {
  const allowed = fromHex(mask) as Uint8Array;
  return (fromHex(value) as Uint8Array).every((byte, i) => (byte & ~(allowed[i] ?? 0)) === 0);
}

type Refuse = (code: RefusalCode, subject: string, expected: string, found: string) => void;

function checkTcb(result: VerifiedQuote, policy: Policy, refuse: Refuse): void {
  const statuses: readonly TcbStatus[] = policy.tcbStatuses ?? defaultPolicy.tcbStatuses ?? [];
  if (!statuses.includes(result.status)) {
    refuse("TCB_STATUS_NOT_ACCEPTED", "status", statuses.join(", ") || "none", result.status);
  }
  // Intel's status is that of the launch unless a relaunch would help; a revoked TCB is never good.
  if (result.current.status === "Revoked" && result.status !== "Revoked") {
    refuse("TCB_STATUS_NOT_ACCEPTED", "current.status", "not Revoked", "Revoked");
  }
  const { tcbInfo, qeIdentity } = result.tcbEvaluationDataNumber;
  const minimum = policy.minTcbEvaluationDataNumber ?? 0;
  if (Math.min(tcbInfo, qeIdentity) < minimum) {
    const found = `TCB info ${tcbInfo}, QE identity ${qeIdentity}`;
    refuse("TCB_EVALUATION_NUMBER_TOO_LOW", "tcbEvaluationDataNumber", `${minimum} or more`, found);
  }
  const { minTcbDate } = policy;
  const { launch, current } = result;
  const [tcbDate = ""] = [launch.tcbDate, current.tcbDate].sort();
  if (minTcbDate !== undefined && tcbDate < minTcbDate) {
    refuse("TCB_DATE_TOO_OLD", "tcbDate", `${minTcbDate} or later`, tcbDate);
  }
  const accepted = policy.acceptedAdvisoryIds;
  const others = accepted && result.advisoryIds.filter((id) => !accepted.includes(id));
  if (others && others.length > 0) {
    const expected = accepted.length === 0 ? "none" : `only ${accepted.join(", ")}`;
    refuse("ADVISORY_NOT_ACCEPTED", "advisoryIds", expected, others.join(", "));
  }
  const refused = result.advisoryIds.filter((id) => policy.refusedAdvisoryIds?.includes(id));
  if (refused.length > 0) {
    refuse("ADVISORY_REFUSED", "advisoryIds", "none of them", refused.join(", "));
  }
}

function checkTd({ report }: VerifiedQuote, policy: Policy, refuse: Refuse): void {
  const { tdAttributes, xfam, mrServiceTd } = report;
  const { names, unknownBits, isUntrusted } = readTdAttributes(tdAttributes);
  if (isUntrusted) {
    refuse("DEBUG_TD", "report.tdAttributes", "bits 0 to 7 zero", tdAttributes);
  }
  if (policy.requireSeptVeDisable && !names.includes("SEPT_VE_DISABLE")) {
    refuse("SEPT_VE_DISABLE_REQUIRED", "report.tdAttributes", "bit 28 set", tdAttributes);
  }
  if (policy.refuseMigratable && names.includes("MIGRATABLE")) {
    refuse("MIGRATABLE_TD", "report.tdAttributes", "bit 29 zero", tdAttributes);
  }
  if (policy.refuseUnknownTdAttributes && unknownBits.length > 0) {
    const found = `bits ${unknownBits.join(", ")}`;
    refuse("TD_ATTRIBUTES_UNKNOWN", "report.tdAttributes", "defined bits only", found);
  }
  if (policy.requireZeroMrServiceTd && mrServiceTd !== undefined && !/^0x0*$/.test(mrServiceTd)) {
    refuse("MRSERVICETD_NOT_ZERO", "report.mrServiceTd", "zero", mrServiceTd);
  }
  if (policy.xfamMask !== undefined && !isWithinMask(xfam, policy.xfamMask)) {
    refuse("XFAM_NOT_ACCEPTED", "report.xfam", `bits of ${policy.xfamMask} only`, xfam);
  }
}

function checkIdentity(result: VerifiedQuote, policy: Policy, refuse: Refuse): void {
  const { report, platform } = result;
  const measurements = Object.entries(policy.measurements ?? {}) as [
    MeasuredRegister,
    readonly Hex[],
  ][];
  for (const [register, values] of measurements) {
    if (!values.includes(report[register])) {
      const expected = values.join(", ") || "no value at all";
      refuse("MEASUREMENT_NOT_ACCEPTED", `report.${register}`, expected, report[register]);
    }
  }
  const { reportData, fmspcs, ppids } = policy;
  if (reportData !== undefined && !report.reportData.startsWith(reportData)) {
    refuse("REPORT_DATA_MISMATCH", "report.reportData", reportData, report.reportData);
  }
  if (fmspcs !== undefined && !fmspcs.includes(platform.fmspc)) {
    refuse("FMSPC_NOT_ACCEPTED", "platform.fmspc", fmspcs.join(", ") || "none", platform.fmspc);
  }
  if (ppids !== undefined && !ppids.includes(platform.ppid)) {
    refuse("PPID_NOT_ACCEPTED", "platform.ppid", `one of ${ppids.length}`, platform.ppid);
  }
}

/**
 * Judges a verified quote by a policy and says every reason to refuse it. A debug TD is refused
 * under any policy. An advisory alone never refuses unless the policy says so: since 2026 Intel
 * lists advisories for UpToDate levels too.
 *
 * Errors: `POLICY_MALFORMED`.
 */
export function validate(result: VerifiedQuote, policy: Policy = defaultPolicy): Validation {
  const checked = parsePolicy(policy);
  const reasons: Refusal[] = [];
  const refuse: Refuse = (code, subject, expected, found) => {
    reasons.push(Object.freeze({ code, message: refusals[code], subject, expected, found }));
  };
  checkTcb(result, checked, refuse);
  checkTd(result, checked, refuse);
  checkIdentity(result, checked, refuse);
  return Object.freeze({ accepted: reasons.length === 0, reasons: Object.freeze(reasons) });
}
