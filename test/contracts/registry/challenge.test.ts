import assert from "node:assert/strict";
import { toHex } from "viem";
import { deploy, deployLibraries, refusedWith } from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import {
  Admission,
  measurementsOf,
  policyDefaults,
  REGISTRY_LIBRARIES,
  SALT,
} from "./support/world.ts";

/** The contract of EIP-2935, which this chain has only a stub of: its address and code. */
const HISTORY = "0x0000F90827F1C53a10cb7A02335B175320002935";
const HISTORY_CODE =
  "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

describe("the challenge", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  const mineBlocks = async (count: number) => {
    const { provider } = $.world;
    await provider.request({ method: "hardhat_mine", params: [toHex(count), "0x0"] });
  };

  /** As if this block's hash had been kept when the next one was made. */
  const keepHistory = async (blockNumber: bigint) => {
    const { provider, client } = $.world;
    const { hash } = await client.getBlock({ blockNumber });
    await provider.request({ method: "hardhat_setCode", params: [HISTORY, HISTORY_CODE] });
    const slot = toHex(blockNumber % 8191n);
    await provider.request({ method: "hardhat_setStorageAt", params: [HISTORY, slot, hash] });
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

    await world.owner.writeContract({
      address,
      abi,
      functionName: "createProgram",
      args: [
        SALT,
        { ...policyDefaults, admission: Admission.OPEN },
        [measurementsOf(world.template)],
        [],
      ],
    });
    const challengeBlock = await world.client.getBlockNumber();
    const made = await world.registration({ registry: address, challengeBlock });
    const submit = async () => await world.send(address, world.registerData(made));
    await mineBlocks(400);
    await keepHistory(challengeBlock);
    await submit();
    const later = await world.registration({ registry: address, challengeBlock });
    await mineBlocks(8191);
    const late = world.send(address, world.registerData(later));
    await refusedWith("ChallengeBlockUnknown", late);
  });
});
