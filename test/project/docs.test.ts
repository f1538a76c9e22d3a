import assert from "node:assert/strict";
import { generate } from "../../docs/generate.ts";

describe("the documents made from the code", () => {
  // README's output of the demo among them, the contract's ABI, and the gas of its execution.
  it("are as `npm run docs` writes them", async () => {
    assert.deepEqual(await generate(true), []);
  });
});
