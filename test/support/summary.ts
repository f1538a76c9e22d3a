import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** A test that was left out, and why: `needs Chromium`. */
export interface NotRun {
  readonly title: string;
  readonly reason: string;
}

export type Runner = "mocha" | "solidity";

/** What one test runner did. */
export interface RunnerSummary {
  readonly runner: Runner;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notRun: readonly NotRun[];
}

/** Names the file that collects the summaries of one run; unset outside of `test/run.ts`. */
export const SUMMARY_VARIABLE = "CHAINSEAL_TEST_SUMMARY";

/** Adds one runner's summary to the collecting file, one line of JSON each. */
export function recordSummary(summary: RunnerSummary): void {
  const file = process.env[SUMMARY_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(summary)}\n`);
}

export function readSummaries(file: string): RunnerSummary[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunnerSummary);
}
