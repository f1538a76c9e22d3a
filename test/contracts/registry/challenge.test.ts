import assert from "node:assert/strict";
import { toHex } from "viem";
import { deploy, deployLibraries, refusedWith } from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import { REGISTRY_LIBRARIES } from "./support/world.ts";

describe("the challenge", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  const mineBlocks = async (count: number) => {
    const { provider } = $.world;
    await provider.request({ method: "hardhat_mine", params: [toHex(count), "0x0"] });
  };

  it("is a block at most 256 old", async () => {
    const { world } = $;
    await mineBlocks(300);
    const newest = await world.client.getBlockNumber();
    // The transaction is in the block after the newest.
    await refusedWith("ChallengeBlockUnknown", world.register({ challengeBlock: newest - 256n }));
    // Which took a block itself.
    const { identity } = await world.register({ challengeBlock: newest + 2n - 256n });
    assert.equal(await world.statusOf(identity.address), "VALID");
  });

  it("is a block that there is", async () => {
    const { world } = $;
    const made = await world.registration();
    for (const ahead of [1n, 2n, 1n << 64n, (1n << 256n) - 1n - made.request.challengeBlock]) {
      const challengeBlock = made.request.challengeBlock + ahead;
      const request = { ...made.request, challengeBlock };
      const call = world.send(world.registry.address, world.registerData({ ...made, request }));
      await refusedWith("ChallengeBlockUnknown", call);
    }
  });

  it("is another block's when the number is another's", async () => {
    const { world } = $;
    const made = await world.registration();
    const request = { ...made.request, challengeBlock: made.request.challengeBlock - 1n };
    const call = world.send(world.registry.address, world.registerData({ ...made, request }));
    await refusedWith("ReportDataMismatch", call);
  });

  it("must be newer than the record's, and the same is not newer", async () => {
    const { world } = $;
    const made = await world.register();
    const { identity } = made;
    const { challengeBlock } = made.request;
    const again = async (block: bigint) =>
      await world.register({ identity, challengeBlock: block });
    const args = await refusedWith("ChallengeNotNewer", again(challengeBlock));
    assert.deepEqual(args, [challengeBlock + 1n, challengeBlock]);
    await refusedWith("ChallengeNotNewer", again(challengeBlock - 1n));
    await again(challengeBlock + 1n);
  });

  it("may reach beyond 256 blocks where a deployment says so, up to 8191", async () => {
    const { world } = $;
    const { attestation, authority } = world;
    const libraries = await deployLibraries(world, REGISTRY_LIBRARIES);
    const deployWith = async (age: bigint) => {
      const args = [attestation.address, authority.address, age];
      return await deploy(world, "WorkerRegistry", args, libraries);
    };
    await refusedWith("PolicyInvalid", deployWith(0n));
    await refusedWith("PolicyInvalid", deployWith(8192n));
    const address = await deployWith(8191n);
    const { abi } = world.registry;
    const found = { address, abi, functionName: "MAX_CHALLENGE_AGE" } as const;
    assert.equal(await world.client.readContract(found), 8191n);
  });
});
