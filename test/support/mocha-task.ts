import type { TaskOverrideActionFunction } from "hardhat/types/tasks";
import type { TestRunResult } from "hardhat/types/test";
import type { Result } from "hardhat/types/utils";
import { successfulResult } from "hardhat/utils/result";
import { CountingReporter } from "./reporter.ts";
import { recordSummary } from "./summary.ts";
import { testFilesIn } from "./test-files.ts";

type MochaResult = Result<TestRunResult, TestRunResult>;

const NOTHING = { failed: 0, passed: 0, skipped: 0 };

/** Without this Hardhat takes every TypeScript file under `test/` for a test. */
const runMochaTests: TaskOverrideActionFunction = async (taskArguments, hre, runSuper) => {
  const given: string[] = taskArguments.testFiles;
  const testFiles = given.length > 0 ? given : testFilesIn(hre.config.paths.tests.mocha);
  if (testFiles.length === 0) {
    recordSummary({ runner: "mocha", ...NOTHING, notRun: [] });
    return successfulResult({ summary: { ...NOTHING, todo: 0 } });
  }

  const requireAll = process.env.REQUIRE_ALL === "1";
  Object.assign(hre.config.test.mocha, {
    reporter: CountingReporter,
    forbidOnly: requireAll,
    forbidPending: requireAll,
  });
  const result: MochaResult = await runSuper({ ...taskArguments, testFiles });

  const counted = CountingReporter.summary;
  if (counted === undefined) throw new Error("Mocha ended without a summary");
  recordSummary(counted);
  // Hardhat counts skipped tests as passed.
  const { summary } = result.success ? result.value : result.error;
  Object.assign(summary, { passed: counted.passed, skipped: counted.skipped });
  return result;
};

export default runMochaTests;
