import assert from "node:assert/strict";
import { runCli } from "./support/run-cli.ts";

const STEPS = [
  "quote-verified",
  "flipped-bit-refused",
  "collateral-uploaded",
  "quote-verified-on-chain",
  "flipped-bit-refused-on-chain",
  "worker-registered",
  "gate-opens",
  "stranger-refused",
  "revoked-gate-shuts",
];

describe("chainseal demo", () => {
  it("prints one line of plain JSON a step, each ok", async () => {
    const { code, stdout, stderr } = await runCli(["demo", "--json"]);
    assert.equal(code, 0, stderr);
    const steps = stdout
      .trimEnd()
      .split("\n")
      .map((text): { step: string; ok: boolean } => JSON.parse(text));
    assert.deepEqual(
      steps.map(({ step, ok }) => ({ step, ok })),
      STEPS.map((step) => ({ step, ok: true })),
    );
  });

  it("tells a person what was measured, the verdict and why", async () => {
    const { code, stdout } = await runCli(["demo"]);
    assert.equal(code, 0);
    assert.match(stdout, /MRTD +0x[0-9a-f]{96}/);
    assert.match(stdout, /The verdict: UpToDate/);
    assert.match(stdout, /Refused: QUOTE_SIGNATURE_INVALID/);
    assert.match(stdout, /all collateral +[\d,]+ gas/);
    assert.match(stdout, /The contract's verdict: UpToDate/);
    assert.match(stdout, /Chainseal +[\d,]+ gas\n +Automata +4,270,000 gas/);
    assert.match(stdout, /The contract reverts: QUOTE_SIGNATURE_INVALID/);
    assert.match(stdout, /Chainseal +[\d,]+ gas .*\n +Flashtestations +7,890,000 gas/);
    assert.match(stdout, /The gate refuses: WORKER_NOT_VALID, .* status WORKER_UNKNOWN/);
    assert.match(stdout, /The gate refuses: WORKER_NOT_VALID, .* status REVOKED/);
    assert.match(stdout, /All 9 steps went as they should\./);
  });
});
