import assert from "node:assert/strict";
import fc from "fast-check";
import { type Hex, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createProgram, platformIdOf } from "./support/actions.ts";
import { Model } from "./support/model.ts";
import { NOTICE, Run, type Shared, step, WORKERS } from "./support/run.ts";
import { sharedWorld } from "./support/shared-world.ts";
import { Admission, measurementsOf, WorkerStatus } from "./support/world.ts";

/** Fixed, so that a run is the same everywhere; another by `REGISTRY_SEED`. */
const SEED = Number(process.env.REGISTRY_SEED ?? 20_261_124);
const RUNS = Number(process.env.REGISTRY_RUNS ?? 256);

/** Each is reached by tests of its own. */
const NOT_MODELLED = [
  "PROGRAM_UNKNOWN",
  "TCB_GRACE_PERIOD_OVER",
  "SEPT_VE_DISABLE_REQUIRED",
  "REEVALUATION_NEEDED",
  "GPU_REQUIRED",
];

describe("whatever anyone does", () => {
  let programId: Hex;
  let shared: Shared;
  const $ = sharedWorld(async (world) => {
    const identities = Array.from({ length: WORKERS }, (_, index) =>
      privateKeyToAccount(toHex(index + 1, { size: 32 })),
    );
    const platforms = [world.platform, world.simulator.platform({ label: "second" })];
    shared = { identities, platforms };
    // Known beforehand, so that every registration costs the same here.
    for (const platform of platforms) {
      const open = await createProgram(world, { policy: { admission: Admission.OPEN } });
      await world.register({ programId: open, platform, withCertificate: true });
    }
    programId = await createProgram(world, {
      measurements: [measurementsOf(world.template)],
      platformIds: [platformIdOf(world.platform)],
    });
  });

  it(`${RUNS} times: no worker is valid that is revoked, unverified, older or before the notice`, async function () {
    this.timeout(600_000);
    const { world } = $;
    const { provider } = world;
    const { timestamp } = await world.client.getBlock();
    const start = Number(timestamp);
    const seen = new Map<string, number>();
    let commands = 0;
    const before = performance.now();
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 8, maxLength: 40, size: "max" }),
        async (steps) => {
          const snapshot = await provider.request({ method: "evm_snapshot", params: [] });
          try {
            const policy = { maxAge: 86_400, minNumber: 0, accepted: 0b110, notice: NOTICE };
            const expiresAt = world.simulator.at + 29 * 86_400;
            const model = new Model(WORKERS, { ...policy, isOpen: false }, expiresAt);
            model.approvedFrom.push(0);
            model.listedFrom.set(0, 0);
            const run = new Run(world, model, programId, start, shared, seen);
            for (const one of steps) await run.take(one);
            commands += steps.length;
          } finally {
            await provider.request({ method: "evm_revert", params: [snapshot] });
          }
        },
      ),
      { numRuns: RUNS, seed: SEED, verbose: 1 },
    );
    const seconds = ((performance.now() - before) / 1000).toFixed(0);
    console.log(`      seed ${SEED}: ${RUNS} runs, ${commands} commands in ${seconds} s`);
    console.log(`      ${[...seen].map(([name, count]) => `${name} ${count}`).join(", ")}`);
    // What never came about would not have been tested.
    if (RUNS < 256) return;
    const never = ["register: ok", ...WorkerStatus].filter((name) => !seen.has(name));
    assert.deepEqual(never, NOT_MODELLED);
  });
});
