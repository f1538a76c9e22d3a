import { readTdAttributes, type TcbEvaluation, type TdReport } from "../../sdk/tdx/index.ts";
import { fields, heading, isoTime, line, style } from "./output.ts";
import type { Verdict } from "./verdict.ts";

export function printReport(report: TdReport): void {
  const { names, unknownBits } = readTdAttributes(report.tdAttributes);
  const attributes = [...names, ...unknownBits.map((bit) => `bit ${bit}`)].join(", ") || "none";
  fields(
    [
      ["MRTD", report.mrTd],
      ["RTMR0", report.rtmr0],
      ["RTMR1", report.rtmr1],
      ["RTMR2", report.rtmr2],
      ["RTMR3", report.rtmr3],
      ["MRCONFIGID", report.mrConfigId],
      ["MROWNER", report.mrOwner],
      ["MROWNERCONFIG", report.mrOwnerConfig],
      ["MRSEAM", report.mrSeam],
      ["TEE_TCB_SVN", report.teeTcbSvn],
      ...(report.teeTcbSvn2 === undefined ? [] : ([["TEE_TCB_SVN2", report.teeTcbSvn2]] as const)),
      ...(report.mrServiceTd === undefined ? [] : ([["MRSERVICETD", report.mrServiceTd]] as const)),
      ["XFAM", report.xfam],
      ["TDATTRIBUTES", `${report.tdAttributes} (${attributes})`],
      ["REPORTDATA", report.reportData],
    ],
    "  ",
  );
}

function printEvaluation(evaluation: TcbEvaluation): void {
  const { platform, tdxModule, qe } = evaluation;
  const row = (level: { status: string; tcbDate: string; advisoryIds: readonly string[] }) =>
    [level.status, level.tcbDate.slice(0, 10), ...level.advisoryIds].join("  ");
  fields(
    [
      ["platform", row(platform)],
      ...(tdxModule === undefined ? [] : ([["TDX module", row(tdxModule)]] as const)),
      ["quoting enclave", row(qe)],
    ],
    "  ",
  );
}

/** The verdict for people: what was measured, what Intel says of the TCB, what the policy says. */
export function printVerdict(verdict: Verdict): void {
  const { report, launch, current, platform, status } = verdict;
  if (report !== null) {
    heading(verdict.verified ? "Measured" : "Claimed (not verified)");
    printReport(report);
  }
  if (platform !== null) {
    heading("Platform");
    fields(
      [
        ["FMSPC", platform.fmspc],
        ["PPID", platform.ppid],
        ["PCK CA", platform.pckCa],
      ],
      "  ",
    );
  }
  if (status !== null && launch !== null && current !== null) {
    const numbers = verdict.tcbEvaluationDataNumber;
    heading(`TCB ${status}, of ${verdict.tcbDate?.slice(0, 10)}`);
    printEvaluation(launch);
    if (current !== launch) {
      line("  now, with the TDX module as it runs today:");
      printEvaluation(current);
    }
    if (numbers !== null) {
      line(`  judged by evaluation data ${numbers.tcbInfo} at ${isoTime(verdict.at)}`);
    }
    if (verdict.earliestExpiry !== null) {
      line(`  stands until ${isoTime(verdict.earliestExpiry)}`);
    }
  }
  if (verdict.trailingLength > 0) {
    line(`  ${verdict.trailingLength} bytes after the quote's end were ignored`);
  }
  line();
  line(verdict.accepted ? style("green", "Accepted") : style("red", "Refused"));
  for (const reason of verdict.reasons) {
    line(`  ${style("bold", reason.code)}  ${reason.message}`);
    if (!reason.message.includes("expected ") && reason.expected !== undefined) {
      line(`    ${reason.subject}: expected ${reason.expected}, found ${reason.found}`);
    }
    if (reason.remedy !== undefined) line(`    ${reason.remedy}`);
  }
}
