import assert from "node:assert/strict";
import { createWorld, type World } from "./support/world.ts";

describe("WorkerRegistry.register", () => {
  let world: World;

  before(async () => {
    world = await createWorld();
  });

  it("registers a worker in one transaction, its PCK certificate included", async () => {
    const { receipt, identity } = await world.register({ withCertificate: true });
    console.log("first, leaf unseen", receipt.gasUsed);
    assert.equal(await world.statusOf(identity.address), "VALID");
    const second = await world.register();
    console.log("first, leaf cached", second.receipt.gasUsed);
    await world.mine();
    const again = await world.register({ identity: second.identity, signer: null });
    console.log("re-attest", again.receipt.gasUsed);
  });
});
