import assert from "node:assert/strict";
import { toHex } from "viem";
import { type WorkerEvent, watchWorkers } from "../../../sdk/client/index.ts";
import { createWorld, type World, withCode } from "./support/world.ts";

const said = (events: readonly WorkerEvent[]) =>
  events.map(({ name, identity }) => `${name} ${identity.slice(0, 8)}`);

async function until(condition: () => boolean): Promise<void> {
  for (let count = 0; count < 400 && !condition(); count++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(condition(), "it did not come");
}

describe("watchWorkers", () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld();
  });

  const watch = (options: Partial<Parameters<typeof watchWorkers>[1]> = {}) => {
    const events: WorkerEvent[] = [];
    const removed: WorkerEvent[] = [];
    const errors: unknown[] = [];
    const stop = watchWorkers(world.client, {
      ...world.program,
      fromBlock: 0n,
      blockTag: "latest",
      pollingInterval: 5,
      onEvents: (some) => events.push(...some),
      onRemoved: (some) => removed.push(...some),
      onError: (error) => errors.push(error),
      ...options,
    });
    return { events, removed, errors, stop };
  };

  it("gives what was and what comes, each once and in order", async () => {
    const [first] = world.workers;
    assert.ok(first);
    const { events, errors, stop } = watch();
    try {
      await until(() => events.length === 1);
      const second = await world.bootWorker();
      await world.revoke(first);
      await until(() => events.length >= 3);
      const short = (identity: string) => identity.slice(0, 8);
      assert.deepEqual(said(events), [
        `registered ${short(first.identity)}`,
        `registered ${short(second.identity)}`,
        `revoked ${short(first.identity)}`,
      ]);
      assert.equal(events[0]?.transactionHash, first.transactionHash);
      assert.deepEqual(errors, []);
    } finally {
      stop();
    }
  });

  it("gives only what is new by default, and only of the worker asked for", async () => {
    const [first] = world.workers;
    assert.ok(first);
    const { events, stop } = watch({ fromBlock: undefined as never, identity: first.identity });
    try {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await world.bootWorker();
      await world.bootWorker({ account: first.account });
      await until(() => events.length > 0);
      assert.deepEqual(said(events), [`registered ${first.identity.slice(0, 8)}`]);
    } finally {
      stop();
    }
  });

  it("gives events back that a reorganisation took, then those of the new chain", async () => {
    const { provider } = world;
    const snapshot = await provider.request({ method: "evm_snapshot", params: [] });
    const { events, removed, errors, stop } = watch();
    try {
      await until(() => events.length === 1);
      const lost = await world.bootWorker();
      await until(() => events.length === 2);
      await provider.request({ method: "evm_revert", params: [snapshot] });
      const latest = await world.client.getBlock();
      await provider.request({
        method: "evm_setNextBlockTimestamp",
        params: [toHex(Number(latest.timestamp) + 77)],
      });
      const found = await world.bootWorker();
      await until(() => removed.length > 0 && events.length >= 3);
      assert.deepEqual(said(removed), [`registered ${lost.identity.slice(0, 8)}`]);
      assert.deepEqual(said(events.slice(2)), [`registered ${found.identity.slice(0, 8)}`]);
      assert.deepEqual(errors, []);
    } finally {
      stop();
    }
  });

  it("goes on after an error, and ends when told", async () => {
    const { events, errors, stop } = watch({ address: `0x${"00".repeat(20)}` });
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop();
    assert.deepEqual([events, errors], [[], []]);
    const before = events.length;
    await world.bootWorker();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(events.length, before);
    assert.throws(() => watch({ pollingInterval: 0 }), withCode("CLIENT_PARAMETER_INVALID"));
  });
});
