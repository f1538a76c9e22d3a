import assert from "node:assert/strict";
import { toHex, zeroAddress } from "viem";
import { refusedWith } from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import { policyDefaults } from "./support/world.ts";

describe("a program's ownership", () => {
  const $ = sharedWorld();

  const setup = () => {
    const { world } = $;
    const { programId, registry } = world;
    const { write, read } = registry;
    const newOwner = world.stranger.account;
    return { world, programId, write, read, newOwner };
  };

  it("goes over in two steps, after the notice, to the second", async () => {
    const { world, programId, write, read, newOwner } = setup();
    await write.proposeOwner([programId, newOwner.address]);
    const { timestamp } = await world.client.getBlock();
    const [pending, from] = await read.pendingOwnerOf([programId]);
    assert.equal(pending.toLowerCase(), newOwner.address.toLowerCase());
    assert.equal(from, timestamp + 3600n);
    const accept = () => write.acceptOwnership([programId], { account: newOwner, gas: 500_000n });
    const next = async (seconds: bigint) =>
      await world.provider.request({
        method: "evm_setNextBlockTimestamp",
        params: [toHex(seconds)],
      });
    await next(from - 1n);
    await refusedWith("NoticeNotOver", accept());
    // Until then the owner is the owner.
    await write.setPolicy([programId, policyDefaults]);
    await world.at(Number(from));
    await accept();
    await refusedWith("NotProgramOwner", write.setPolicy([programId, policyDefaults]));
    await write.setPolicy([programId, policyDefaults], { account: newOwner });
    await refusedWith("NothingPending", accept());
  });

  it("is accepted by the one it was offered to, and by nobody else", async () => {
    const { world, programId, write, read, newOwner } = setup();
    await write.proposeOwner([programId, newOwner.address]);
    const [, from] = await read.pendingOwnerOf([programId]);
    await world.at(Number(from));
    await refusedWith("NotPendingOwner", write.acceptOwnership([programId]));
  });

  it("offered to another waits again, and the first cannot take it any more", async () => {
    const { world, programId, write, read, newOwner } = setup();
    await write.proposeOwner([programId, newOwner.address]);
    const [, first] = await read.pendingOwnerOf([programId]);
    await world.at(Number(first) - 1);
    await write.proposeOwner([programId, world.guardian.account.address]);
    await world.at(Number(first) + 10);
    const { account } = world.guardian;
    await refusedWith("NoticeNotOver", write.acceptOwnership([programId], { account }));
    const call = write.acceptOwnership([programId], { account: newOwner });
    await refusedWith("NotPendingOwner", call);
  });

  it("is kept by offering it to nobody", async () => {
    const { world, programId, write, newOwner } = setup();
    await write.proposeOwner([programId, newOwner.address]);
    await write.proposeOwner([programId, zeroAddress]);
    await world.at(world.simulator.at + 86_400);
    const call = write.acceptOwnership([programId], { account: newOwner });
    await refusedWith("NotPendingOwner", call);
  });

  it("is the owner's to offer", async () => {
    const { programId, write, newOwner } = setup();
    const call = write.proposeOwner([programId, newOwner.address], { account: newOwner });
    await refusedWith("NotProgramOwner", call);
    const none = write.acceptOwnership([programId], { account: newOwner });
    await refusedWith("NothingPending", none);
  });
});
