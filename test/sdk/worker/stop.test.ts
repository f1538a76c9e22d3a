import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { systemTiming } from "../../../sdk/worker/timing.ts";
import { createWorld, type World } from "../../contracts/registry/support/world.ts";
import { boot, clientThrough, mine, stopAll } from "./support/boot.ts";

/** How many timers would keep the process alive; the test runner's own is counted once it runs. */
async function timers(): Promise<number> {
  await wait(2);
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

describe("stop", () => {
  let world: World;

  before(async () => {
    world = await createWorld();
    await mine(world, 5);
  });
  afterEach(stopAll);

  it("ends a worker that sleeps until its renewal, and leaves no timer", async () => {
    const before = await timers();
    const { worker, until } = boot(world, { timing: systemTiming });
    await worker.ready;
    await until("renewal-scheduled");
    await wait(20);
    assert.ok((await timers()) > before);
    await worker.stop();
    assert.equal(await timers(), before);
    assert.equal(worker.state, "stopped");
    await assert.rejects(worker.renewNow(), { code: "WORKER_STOPPED" });
    await worker.stop();
  });

  it("ends one that waits for a quote which never comes", async () => {
    const before = await timers();
    const provider = { name: "silent", getQuote: () => new Promise<Uint8Array>(() => undefined) };
    const { worker, until } = boot(world, { provider, timing: systemTiming });
    await until("challenge-chosen");
    await wait(5);
    await worker.stop();
    await assert.rejects(worker.ready, { code: "WORKER_STOPPED" });
    assert.equal(await timers(), before);
  });

  it("ends one whose chain does not answer", async () => {
    const client = clientThrough(world, () => new Promise(() => undefined));
    const { worker } = boot(world, { client, timing: systemTiming });
    await wait(5);
    await worker.stop();
    await assert.rejects(worker.ready, { code: "WORKER_STOPPED" });
  });

  it("is what a signal does, before the start and later", async () => {
    const aborted = boot(world, { signal: AbortSignal.abort() });
    await assert.rejects(aborted.worker.ready, { code: "WORKER_STOPPED" });
    const controller = new AbortController();
    const { worker, until } = boot(world, { signal: controller.signal });
    await worker.ready;
    controller.abort();
    await until("stopped");
    assert.equal(worker.state, "stopped");
  });

  it("ends the iterators over its events", async () => {
    const { worker } = boot(world);
    const names: string[] = [];
    const reading = (async () => {
      for await (const { name } of worker.events()) names.push(name);
    })();
    await worker.ready;
    await worker.stop();
    await reading;
    assert.equal(names[0], "keys-made");
    assert.equal(names.at(-1), "stopped");
  });
});
