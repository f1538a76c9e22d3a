import assert from "node:assert/strict";
import { type Address, encodeFunctionData, type Hex, toFunctionSelector, toHex } from "viem";
import {
  createProgram,
  DAY,
  GAS,
  platformIdOf,
  type Registered,
  reevaluate,
  refusedWith,
  upload,
} from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";

const GUARDIAN = 7n;
const GRANT_DELAY = 30 * DAY;

/** What the guardian may call; all the rest of the contract knows no role. */
const GUARDED = [
  "pause()",
  "revokePlatformForAll(bytes32)",
  "revokeWorker(bytes32,address)",
  "setGpuVerdicts(address)",
].map((signature) => toFunctionSelector(signature));

describe("the guardian", () => {
  let made: Registered;
  const $ = sharedWorld(async (world) => {
    made = await world.register({ withCertificate: true });
    const { write } = world.authority;
    await write.setTargetFunctionRole([world.registry.address, GUARDED, GUARDIAN]);
    await write.grantRole([GUARDIAN, world.guardian.account.address, 0]);
    // From here on granting takes 30 days.
    await write.setGrantDelay([GUARDIAN, GRANT_DELAY]);
    const { timestamp } = await world.client.getBlock();
    // A change of the delay takes five days itself.
    await world.at(Number(timestamp) + 5 * DAY + 1);
    await world.register({ identity: made.identity });
  });

  const as = (account: Address, gas = GAS) => ({ account, gas });
  const guardian = () => as($.world.guardian.account.address);
  const stranger = () => as($.world.stranger.account.address);
  const now = async () => Number((await $.world.client.getBlock()).timestamp);

  it("may call four functions, and nobody else may call them", async () => {
    const { world } = $;
    const { write } = world.registry;
    const id: Hex = `0x${"55".repeat(32)}`;
    const denied = async (call: Promise<unknown>) =>
      await refusedWith("AccessManagedUnauthorized", call);
    await denied(write.pause(stranger()));
    await denied(write.revokePlatformForAll([id], stranger()));
    await denied(write.setGpuVerdicts([world.stranger.account.address], stranger()));
    await denied(write.revokeWorker([world.programId, made.identity.address], stranger()));
    await write.pause(guardian());
    await write.revokePlatformForAll([id], guardian());
    await write.setGpuVerdicts([world.stranger.account.address], guardian());
    await write.revokeWorker([world.programId, made.identity.address], guardian());
    assert.equal(await world.statusOf(made.identity.address), "REVOKED");
  });

  it("can do nothing that is a program's owner's", async () => {
    const { world } = $;
    const { programId } = world;
    const { write, read } = world.registry;
    const denied = async (call: Promise<unknown>) => await refusedWith("NotProgramOwner", call);
    const id: Hex = `0x${"55".repeat(32)}`;
    await denied(write.setPolicy([programId, await read.policyOf([programId])], guardian()));
    await denied(write.listPlatforms([programId, [id]], guardian()));
    await denied(write.delistPlatform([programId, id], guardian()));
    await denied(write.revokePlatform([programId, id], guardian()));
    await denied(write.withdraw([programId, 1], guardian()));
    await denied(write.proposeOwner([programId, world.guardian.account.address], guardian()));
    await denied(write.refuseAdvisory([programId, id], guardian()));
    await denied(write.acceptAdvisory([programId, id], guardian()));
  });

  it("cannot mark a worker as verified: no function of the contract writes one but by evidence", async () => {
    const { world } = $;
    const writers = world.registry.abi
      .filter((entry) => entry.type === "function")
      .filter(({ stateMutability }) => stateMutability === "nonpayable")
      .map(({ name }) => name)
      .sort();
    assert.deepEqual(writers, [
      "acceptAdvisory",
      "acceptOwnership",
      "applyPolicy",
      "approve",
      "createProgram",
      "delistPlatform",
      "listPlatforms",
      "pause",
      "proposeOwner",
      "reevaluate",
      "refuseAdvisory",
      "register",
      "revokePlatform",
      "revokePlatformForAll",
      "revokeWorker",
      "setGpuValidity",
      "setGpuVerdicts",
      "setPolicy",
      "withdraw",
    ]);
  });

  it("is granted with a delay and revoked at once", async () => {
    const { world } = $;
    const { write } = world.authority;
    await write.grantRole([GUARDIAN, world.stranger.account.address, 0]);
    const pause = () => world.registry.write.pause(stranger());
    await refusedWith("AccessManagedUnauthorized", pause());
    const granted = await now();
    await world.at(granted + GRANT_DELAY - 2);
    await refusedWith("AccessManagedUnauthorized", pause());
    await world.at(granted + GRANT_DELAY);
    await pause();
    await write.revokeRole([GUARDIAN, world.guardian.account.address]);
    const call = world.registry.write.revokePlatformForAll([`0x${"55".repeat(32)}`], guardian());
    await refusedWith("AccessManagedUnauthorized", call);
  });

  it("acts through an authority that nobody can change, not even the authority itself", async () => {
    const { world } = $;
    const { registry, authority, attestation } = world;
    const next = world.stranger.account.address;
    await refusedWith("AlreadySet", registry.read.setAuthority([next]));
    await refusedWith("AlreadySet", authority.write.updateAuthority([registry.address, next]));
    const call = authority.write.updateAuthority([attestation.address, next]);
    await refusedWith("AuthorityIsFixed", call);
  });

  it("closed off by its authority, it leaves to workers and owners what is theirs", async () => {
    const { world } = $;
    await world.authority.write.setTargetClosed([world.registry.address, true]);
    const { write } = world.registry;
    const target = [world.programId, made.identity.address] as const;
    await refusedWith("AccessManagedUnauthorized", write.revokeWorker(target, guardian()));
    await world.register({ identity: made.identity });
    await reevaluate(world, made);
    await write.revokeWorker(target);
    assert.equal(await world.statusOf(made.identity.address), "REVOKED");
  });

  describe("pausing", () => {
    it("stops first registrations, of every program, for 72 hours to the second", async () => {
      const { world } = $;
      await world.registry.write.pause(guardian());
      const until = Number(await world.registry.read.pausedUntil());
      assert.equal(until, (await now()) + 72 * 3600);
      const [found] = await refusedWith("RegistrationsPaused", world.register());
      assert.equal(found, BigInt(until));
      const programId = await createProgram(world, { account: world.stranger.account.address });
      await refusedWith("RegistrationsPaused", world.register({ programId }));
      await next(until - 1);
      await refusedWith("RegistrationsPaused", world.register());
      await next(until);
      await world.register();
    });

    it("stops nothing else", async () => {
      const { world } = $;
      const { write, read } = world.registry;
      const { programId } = world;
      await write.pause(guardian());
      await world.register({ identity: made.identity });
      await reevaluate(world, made);
      await upload(world, { tcbInfo: { issueDate: world.simulator.at - DAY + 60 } }, ["TCB info"]);
      assert.equal(await world.statusOf(made.identity.address), "VALID");
      const policy = await read.policyOf([programId]);
      await write.setPolicy([programId, { ...policy, maxAge: 3600 }]);
      await write.revokePlatform([programId, platformIdOf(world.platform)]);
      await write.withdraw([programId, 1]);
      await write.proposeOwner([programId, world.stranger.account.address]);
      await write.revokeWorker([programId, made.identity.address]);
      await refusedWith("WorkerIsRevoked", world.register({ identity: made.identity }));
    });

    it("can be used once in 30 days", async () => {
      const { world } = $;
      await world.registry.write.pause(guardian());
      const first = await now();
      await refusedWith("PauseUsed", world.registry.write.pause(guardian()));
      await next(first + 30 * DAY - 1);
      await refusedWith("PauseUsed", world.registry.write.pause(guardian()));
      await next(first + 30 * DAY);
      await world.registry.write.pause(guardian());
      assert.equal(Number(await world.registry.read.pausedUntil()), first + 30 * DAY + 72 * 3600);
    });
  });

  describe("naming the contract for GPU verdicts", () => {
    const contract = () => $.world.stranger.account.address;

    it("can be done once", async () => {
      const { world } = $;
      const { write } = world.registry;
      await write.setGpuVerdicts([contract()], guardian());
      const again = write.setGpuVerdicts([world.owner.account.address], guardian());
      await refusedWith("AlreadySet", again);
    });

    it("lets that contract say until when a worker's GPUs are good, and nothing else", async () => {
      const { world } = $;
      const { write, read } = world.registry;
      const { programId } = world;
      const { address } = made.identity;
      const vouch = (until: number, options = stranger()) =>
        write.setGpuValidity([programId, address, until], options);
      await refusedWith("NotAuthorized", vouch(1));
      await write.setGpuVerdicts([contract()], guardian());
      await refusedWith("NotAuthorized", vouch(1, guardian()));
      assert.equal(await world.statusOf(address), "VALID");
      const policy = await read.policyOf([programId]);
      await write.setPolicy([programId, { ...policy, requireGpu: true }]);
      assert.equal(await world.statusOf(address), "GPU_REQUIRED");
      const until = (await now()) + 600;
      await vouch(until);
      assert.equal(await world.statusOf(address), "VALID");
      await world.at(until);
      assert.equal(await world.statusOf(address), "VALID");
      await world.at(until + 1);
      assert.equal(await world.statusOf(address), "GPU_REQUIRED");
      await vouch(until + 600);
      assert.equal(await world.statusOf(address), "VALID");
      await vouch(0);
      assert.equal(await world.statusOf(address), "GPU_REQUIRED");
      const nobody = world.owner.account.address;
      await write.setGpuValidity([programId, nobody, until + 600], stranger());
      assert.equal(await world.statusOf(nobody), "WORKER_UNKNOWN");
    });

    it("lets no verdict outlive the evidence that it was on", async () => {
      const { world } = $;
      const { write, read } = world.registry;
      const { programId } = world;
      const evidenceRoot = `0x${"ab".repeat(32)}` as const;
      const { identity } = await world.register({ evidenceRoot });
      await write.setGpuVerdicts([contract()], guardian());
      const until = (await now()) + 600;
      const vouch = () => write.setGpuValidity([programId, identity.address, until], stranger());
      const validUntil = async () =>
        (await read.workerOf([programId, identity.address])).gpuValidUntil;
      await vouch();
      await world.mine();
      await world.register({ identity, signer: null, evidenceRoot });
      assert.equal(await validUntil(), until, "the same evidence, vouched for again by the TD");
      await world.mine();
      await world.register({ identity, signer: null, evidenceRoot: `0x${"cd".repeat(32)}` });
      assert.equal(await validUntil(), 0, "other evidence");
      await vouch();
      await world.mine();
      await world.register({ identity, signer: null });
      assert.equal(await validUntil(), 0, "no evidence");
    });
  });

  async function next(seconds: number): Promise<void> {
    const { provider } = $.world;
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(seconds)] });
  }
});

describe("an authority with delays", () => {
  const $ = sharedWorld();

  it("has what it delays scheduled in public first", async () => {
    const { world } = $;
    const { registry, authority, guardian } = world;
    const { write } = authority;
    await write.setTargetFunctionRole([registry.address, GUARDED, GUARDIAN]);
    await write.grantRole([GUARDIAN, guardian.account.address, DAY]);
    const options = { account: guardian.account, gas: GAS };
    await refusedWith("AccessManagerNotScheduled", registry.write.pause(options));
    const data = encodeFunctionData({ abi: registry.abi, functionName: "pause" });
    await write.schedule([registry.address, data, 0], options);
    await refusedWith("AccessManagerNotReady", registry.write.pause(options));
    const { timestamp } = await world.client.getBlock();
    await world.at(Number(timestamp) + DAY);
    await registry.write.pause(options);
    assert.ok((await registry.read.pausedUntil()) > 0n);
  });
});
