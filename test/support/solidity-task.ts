import type { TaskOverrideActionFunction } from "hardhat/types/tasks";
import type { TestRunResult } from "hardhat/types/test";
import type { Result } from "hardhat/types/utils";
import { recordSummary } from "./summary.ts";

const runSolidityTests: TaskOverrideActionFunction = async (taskArguments, _hre, runSuper) => {
  const result: Result<TestRunResult, TestRunResult> = await runSuper(taskArguments);
  const { passed, failed, skipped } = (result.success ? result.value : result.error).summary;
  recordSummary({ runner: "solidity", passed, failed, skipped, notRun: [] });
  return result;
};

export default runSolidityTests;
