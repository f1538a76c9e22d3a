import assert from "node:assert/strict";
import type { TdxErrorCode } from "../../../../sdk/tdx/index.ts";
import { outcomeOf } from "./simulated.ts";

/** What is tried, the one answer to it, and how. */
export type Attack = readonly [
  name: string,
  expected: TdxErrorCode | "UpToDate",
  run: () => unknown,
];

/** One test for each attack, whose name says what is expected. */
export function attacks(title: string, list: readonly Attack[]): void {
  describe(title, () => {
    for (const [name, expected, run] of list) {
      it(`${name}: ${expected}`, () => assert.equal(outcomeOf(run), expected));
    }
  });
}
