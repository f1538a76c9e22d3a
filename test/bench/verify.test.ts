import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median, medianRatio, timeInRounds } from "../../bench/support/rounds.ts";

const SCRIPT = fileURLToPath(new URL("../../bench/verify.ts", import.meta.url));
const RESULT = new URL("../../bench/results/verify.json", import.meta.url);

describe("the bench of off-chain verification", () => {
  it("runs, with all three beside each other, and leaves the committed figures alone", async function () {
    this.timeout(120_000);
    const before = readFileSync(RESULT, "utf8");
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "--quick"]);
    for (const name of ["Chainseal, collateral and PCK known", "@phala/dcap-qvl", "limit"]) {
      assert.ok(stdout.includes(name), stdout);
    }
    assert.doesNotMatch(stdout, /NaN|Infinity|undefined/);
    assert.equal(readFileSync(RESULT, "utf8"), before);
  });

  it("has committed figures that say where they come from", () => {
    const result = JSON.parse(readFileSync(RESULT, "utf8"));
    assert.match(result.date, /^\d{4}-\d\d-\d\d$/);
    assert.match(result.node, /^\d+\.\d+\.\d+$/);
    assert.ok(result.cpu.length > 0 && result.cases > 30 && result.rounds > 10);
    for (const name of ["ours", "peer", "limit", "known", "cold", "noble"]) {
      assert.ok(result.perSecond[name] > 0, name);
    }
  });
});

describe("timing in rounds", () => {
  it("takes medians, and quotients of what was timed together", () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    // The machine was half as fast in the second round: the quotient does not notice.
    assert.equal(medianRatio([100, 50, 100], [10, 5, 10]), 10);
  });

  it("runs the contenders in turn, the first time untimed", () => {
    const order: string[] = [];
    const contender = (name: string) => ({ name, operations: 1, run: () => void order.push(name) });
    const contenders = { a: contender("a"), b: contender("b") };
    const figures = timeInRounds(contenders, { rounds: 2, least: 0 });
    assert.deepEqual(order, ["a", "b", "a", "b", "a", "b"]);
    assert.equal(figures.a.length, 2);
    assert.equal(figures.b.length, 2);
  });
});
