import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type GasRow, measureRegistryGas } from "../../bench/support/registry-gas.ts";

const RESULT = new URL("../../bench/results/registry-gas.json", import.meta.url);

describe("the gas of the registry", () => {
  it("is what the committed figures say, and within its bars", async function () {
    this.timeout(120_000);
    const { rows } = JSON.parse(readFileSync(RESULT, "utf8")) as { rows: readonly GasRow[] };
    const measured = await measureRegistryGas();
    assert.deepEqual(measured, rows);
    for (const { what, gas, bar = Number.POSITIVE_INFINITY } of measured) {
      assert.ok(gas <= bar, `${what}: ${gas} of ${bar}`);
    }
  });
});
