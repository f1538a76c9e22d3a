import Mocha from "mocha";
import { reasonOf } from "./not-run.ts";
import type { NotRun, RunnerSummary } from "./summary.ts";

/** Mocha's `spec` output; the counts are kept for the end of the run. */
export class CountingReporter extends Mocha.reporters.Spec {
  /** What the run that has just ended did. */
  static summary: RunnerSummary | undefined;

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const notRun: NotRun[] = [];
    runner.on("pending", (test) => {
      notRun.push({ title: test.titlePath().join(" > "), reason: reasonOf(test) });
    });
    runner.once("end", () => {
      const { passes: passed, failures: failed, pending: skipped } = this.stats;
      CountingReporter.summary = { runner: "mocha", passed, failed, skipped, notRun };
    });
  }
}
