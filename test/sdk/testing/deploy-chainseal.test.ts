import assert from "node:assert/strict";
import { createPublicClient, createWalletClient, http } from "viem";
import { startAnvil } from "../../../cli/chain/anvil.ts";
import { getProgram, getWorker, isWorkerValid } from "../../../sdk/client/index.ts";
import { defaultTcbLevels } from "../../../sdk/tdx/simulator/index.ts";
import { deployChainseal } from "../../../sdk/testing/index.ts";
import { createWorld, withCode } from "../client/support/world.ts";

describe("deployChainseal", () => {
  it("gives a Hardhat user live workers in one call, and revokes one", async () => {
    const world = await createWorld({ workers: 3, policy: { maxAge: 600 } });
    const { program, client, workers } = world;
    const ask = async (identity: `0x${string}`) =>
      (await isWorkerValid(client, { ...program, identity, maxStaleness: 1e9 })).status;
    assert.equal(workers.length, 3);
    for (const { identity } of workers) assert.equal(await ask(identity), "VALID");
    const [first, second] = workers;
    assert.ok(first && second);
    await world.revoke(first.identity);
    assert.equal(await ask(first.identity), "REVOKED");
    await world.moveBy(601);
    assert.equal(await ask(second.identity), "ATTESTATION_TOO_OLD");
    await world.bootWorker({ account: second.account });
    assert.equal(await ask(second.identity), "VALID");
    const policy = (await getProgram(client, { ...program, maxStaleness: 1e9 }))?.policy;
    assert.deepEqual([policy?.maxAge, policy?.notice], [600, 0]);
  });

  it("shows what newer collateral does to workers", async () => {
    const world = await createWorld({ policy: { graceStatuses: [] } });
    const [level] = defaultTcbLevels;
    assert.ok(level);
    await world.moveBy(60);
    await world.pushCollateral({
      tcbEvaluationDataNumber: 21,
      tcbInfo: { tcbLevels: [{ ...level, status: "OutOfDate" }] },
    });
    await assert.rejects(world.bootWorker(), withCode("WORKER_NOT_ACCEPTED"));
  });

  it("works on anvil with plain viem clients", async () => {
    const anvil = await startAnvil({ timestamp: Math.floor(Date.now() / 1000) });
    try {
      const transport = http(anvil.url);
      const publicClient = createPublicClient({ transport, pollingInterval: 5, cacheTime: 0 });
      const [address] = await createWalletClient({ transport }).getAddresses();
      assert.ok(address);
      const walletClient = createWalletClient({ account: address, transport, pollingInterval: 5 });
      const chainseal = await deployChainseal({ publicClient, walletClient });
      const [worker] = chainseal.workers;
      assert.ok(worker);
      const record = await getWorker(publicClient, {
        address: chainseal.address,
        programId: chainseal.programId,
        identity: worker.identity,
        blockTag: "latest",
      });
      assert.equal(record?.status, "VALID");
    } finally {
      await anvil.stop();
    }
  });
});
