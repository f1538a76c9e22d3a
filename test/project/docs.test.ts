import assert from "node:assert/strict";
import { generate } from "../../docs/generate.ts";

describe("the documents made from the code", () => {
  it("are as `npm run docs` writes them", async () => {
    assert.deepEqual(await generate(true), []);
  });
});
