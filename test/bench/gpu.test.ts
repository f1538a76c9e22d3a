import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SCRIPT = fileURLToPath(new URL("../../bench/gpu.ts", import.meta.url));
const RESULT = new URL("../../bench/results/gpu.json", import.meta.url);

describe("the bench of GPU evidence", () => {
  it("runs, beside its limits, and leaves the committed figures alone", async function () {
    this.timeout(120_000);
    const before = readFileSync(RESULT, "utf8");
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "--quick"]);
    for (const name of ["RIMs and OCSP known", "the recorded H100", "nothing known", "limit"]) {
      assert.ok(stdout.includes(name), stdout);
    }
    assert.doesNotMatch(stdout, /NaN|Infinity|undefined/);
    assert.equal(readFileSync(RESULT, "utf8"), before);
  });

  it("has committed figures that say where they come from", () => {
    const result = JSON.parse(readFileSync(RESULT, "utf8"));
    assert.match(result.date, /^\d{4}-\d\d-\d\d$/);
    assert.ok(result.cpu.length > 0 && result.rounds > 10);
    for (const name of ["known", "warm", "recorded", "cold", "noble"]) {
      assert.ok(result.perSecond[name] > 0, name);
    }
    for (const share of Object.values(result.shareOfLimit)) assert.ok(Number(share) > 0);
  });
});
