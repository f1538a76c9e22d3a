import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { STORE_FIXTURES, storeFixtures } from "../support/store-fixtures.ts";

describe("the fixtures of the Solidity tests", () => {
  it("are as `node test/contracts/support/store-fixtures.ts` writes them", () => {
    assert.deepEqual(JSON.parse(readFileSync(STORE_FIXTURES, "utf8")), storeFixtures());
  });
});
