import type { Approvals, Program, ProgramPolicy } from "../../sdk/client/index.ts";
import type { SentTransaction } from "../../sdk/tdx/onchain/index.ts";
import { fields, heading, isoTime, line, style } from "../support/output.ts";
import { inGas } from "./report.ts";

function inTime(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds} s`;
}

function policyRows(policy: ProgramPolicy): (readonly [string, string])[] {
  const statuses = (names: readonly string[]) => (names.length === 0 ? "none" : names.join(", "));
  return [
    ["accepted", statuses(policy.acceptedStatuses)],
    ["accepted for a while", `${statuses(policy.graceStatuses)}: ${inTime(policy.gracePeriod)}`],
    ["a new quote every", inTime(policy.maxAge)],
    ["evaluation number", `${policy.minTcbEvaluationDataNumber} or more`],
    ["SEPT_VE_DISABLE", policy.requireSeptVeDisable ? "required" : "not required"],
    ["GPU", policy.requireGpu ? "required" : "not required"],
    ["notice", inTime(policy.notice)],
    ["admission", policy.admission],
    ...(policy.endorser === null ? [] : ([["endorser", policy.endorser]] as const)),
  ];
}

/** A program for people: what it demands, what waits, what it approved. */
export function printProgram(program: Program, { approvals, count }: Approvals): void {
  line(`program ${program.programId}`);
  line(`at block ${program.blockNumber}, ${isoTime(program.blockTimestamp)}`);
  heading("Owner");
  line(`  ${program.owner}`);
  if (program.pendingOwner !== null) {
    const { owner, from } = program.pendingOwner;
    line(`  ${owner} may take over from ${isoTime(from)}`);
  }
  heading("Policy");
  fields(policyRows(program.policy), "  ");
  line(`  workers may ${program.mayDeriveKeys ? "" : "NOT "}derive keys`);
  if (program.pendingPolicy !== null) {
    heading(`Waits until ${isoTime(program.pendingPolicy.from)}`);
    fields(policyRows(program.pendingPolicy.policy), "  ");
  }
  heading(`Approvals (${count})`);
  for (const one of approvals) {
    const state = one.isWithdrawn
      ? style("red", "withdrawn")
      : one.isInForce
        ? style("green", "in force")
        : style("yellow", `from ${isoTime(one.approvedFrom)}`);
    const pinned = one.pinsMrSeam ? ", MRSEAM" : "";
    line(`  ${one.approvalId}  ${one.digest}  ${one.application}${pinned}  ${state}`);
  }
  if (approvals.length < count) line(`  and ${count - approvals.length} older`);
}

export function printSent({ hash, gasUsed }: SentTransaction, what: string): void {
  line(`${style("green", what)}  ${inGas(gasUsed)} gas  ${hash}`);
}
