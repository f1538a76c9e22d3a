import { fields, heading, line, style } from "../support/output.ts";
import type { OnchainAnswer } from "./judge.ts";

export function inGas(gas: number | bigint): string {
  return gas.toLocaleString("en-US");
}

/** The contract's answer beside the one above it. */
export function printOnchainAnswer(answer: OnchainAnswer, differing: readonly string[]): void {
  const { verdict, reasons, gas } = answer;
  heading("On chain");
  if (verdict !== null) {
    const { status, tcbDate, advisoryIds } = verdict;
    fields(
      [
        ["TCB", [status, `of ${tcbDate.slice(0, 10)}`, ...advisoryIds].join("  ")],
        ["evaluation data", String(verdict.tcbEvaluationDataNumber)],
      ],
      "  ",
    );
  }
  for (const { code, message } of reasons) line(`  ${style("bold", code)}  ${message}`);
  const rows = Object.entries(gas).map(([name, used]) => [name, `${inGas(used)} gas`] as const);
  if (rows.length > 0) fields(rows, "  ");
  line();
  const same = answer.verified ? "The contract gives the same verdict" : "The contract refuses too";
  line(
    differing.length === 0
      ? style("green", same)
      : `${style("red", "The contract differs")} in ${differing.join(", ")}`,
  );
}
