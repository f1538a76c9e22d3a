import { overrideTask } from "hardhat/config";

/** `hardhat test`, limited to `*.test.ts` and with its counts recorded for `test/run.ts`. */
export const testTasks = [
  overrideTask(["test", "mocha"])
    .setAction(() => import("./mocha-task.ts"))
    .build(),
  overrideTask(["test", "solidity"])
    .setAction(() => import("./solidity-task.ts"))
    .build(),
];
