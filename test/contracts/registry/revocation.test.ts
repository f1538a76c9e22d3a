import assert from "node:assert/strict";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  createProgram,
  DAY,
  gasOfUse,
  platformIdOf,
  type Registered,
  reevaluate,
  refusedWith,
  upload,
} from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";

describe("revocation", () => {
  const $ = sharedWorld();
  let made: Registered;

  const status = async (one: Registered = made) =>
    await $.world.statusOf(one.identity.address, one.request.programId);

  beforeEach(async () => {
    made = await $.world.register({ withCertificate: true });
  });

  describe("of a worker", () => {
    const revoke = async (account: `0x${string}`) =>
      await $.world.registry.write.revokeWorker([made.request.programId, made.identity.address], {
        account,
        gas: 1_000_000n,
      });

    it("is the program's owner's", async () => {
      await revoke($.world.owner.account.address);
      assert.equal(await status(), "REVOKED");
    });

    it("is the worker's own", async () => {
      const { world } = $;
      const { provider } = world;
      const { address } = made.identity;
      await provider.request({ method: "hardhat_impersonateAccount", params: [address] });
      await provider.request({
        method: "hardhat_setBalance",
        params: [address, "0xde0b6b3a7640000"],
      });
      await revoke(address);
      assert.equal(await status(), "REVOKED");
    });

    it("is the guardian's, also of a program that is another's", async () => {
      const { world } = $;
      const account = world.stranger.account.address;
      const programId = await createProgram(world, { account });
      made = await world.register({ programId });
      await refusedWith("AccessManagedUnauthorized", revoke(world.guardian.account.address));
      // The admin of the AccessManager, who has every role that was given to nobody.
      await revoke(world.owner.account.address);
      assert.equal(await status(), "REVOKED");
    });

    it("is nobody else's", async () => {
      const { world } = $;
      const call = revoke(world.stranger.account.address);
      await refusedWith("AccessManagedUnauthorized", call);
      assert.equal(await status(), "VALID");
    });

    it("is for ever: neither a new quote nor time nor another platform brings it back", async () => {
      const { world } = $;
      await revoke(world.owner.account.address);
      const { identity } = made;
      await refusedWith("WorkerIsRevoked", world.register({ identity }));
      const platform = world.simulator.platform({ label: "other" });
      const call = world.register({ identity, platform, withCertificate: true });
      await refusedWith("WorkerIsRevoked", call);
      await world.at(world.simulator.at + 2 * DAY);
      await refusedWith("WorkerIsRevoked", world.register({ identity }));
      await refusedWith("WorkerIsRevoked", revoke(world.owner.account.address));
      assert.equal(await status(), "REVOKED");
    });

    it("holds for one program and one identity", async () => {
      const { world } = $;
      const programId = await createProgram(world);
      await world.register({ programId, identity: made.identity });
      const other = await world.register();
      await revoke(world.owner.account.address);
      assert.equal(await world.statusOf(made.identity.address, programId), "VALID");
      assert.equal(await status(other), "VALID");
    });

    it("needs a worker", async () => {
      const { world } = $;
      const nobody = privateKeyToAccount(generatePrivateKey());
      const call = world.registry.write.revokeWorker([world.programId, nobody.address]);
      await refusedWith("WorkerUnknown", call);
    });
  });

  describe("of a platform", () => {
    it("by a program ends its workers there and bars new ones, for ever", async () => {
      const { world } = $;
      const { programId } = made.request;
      const platformId = platformIdOf(world.platform);
      const elsewhere = await createProgram(world);
      await world.register({ programId: elsewhere, identity: made.identity });
      await world.registry.write.revokePlatform([programId, platformId]);
      assert.equal(await status(), "PLATFORM_REVOKED");
      assert.equal(await world.statusOf(made.identity.address, elsewhere), "VALID");
      await refusedWith("PlatformIsRevoked", world.register());
      await refusedWith("PlatformIsRevoked", world.register({ identity: made.identity }));
      await reevaluate(world, made);
      assert.equal(await status(), "PLATFORM_REVOKED");
      const { write } = world.registry;
      await refusedWith("PlatformIsRevoked", write.listPlatforms([programId, [platformId]]));
      await refusedWith("PlatformIsRevoked", write.revokePlatform([programId, platformId]));
    });

    it("by the guardian ends its workers in every program, whatever it admits", async () => {
      const { world } = $;
      const open = await createProgram(world, {
        policy: { admission: 3 },
        account: world.stranger.account.address,
      });
      const other = await world.register({ programId: open });
      const platformId = platformIdOf(world.platform);
      const revoke = (account: `0x${string}`) =>
        world.registry.write.revokePlatformForAll([platformId], { account, gas: 1_000_000n });
      const stranger = revoke(world.stranger.account.address);
      await refusedWith("AccessManagedUnauthorized", stranger);
      await revoke(world.owner.account.address);
      assert.equal(await status(), "PLATFORM_REVOKED");
      assert.equal(await status(other), "PLATFORM_REVOKED");
      await refusedWith("PlatformIsRevoked", world.register());
      await refusedWith("PlatformIsRevoked", world.register({ programId: open }));
      await refusedWith("PlatformIsRevoked", revoke(world.owner.account.address));
      await reevaluate(world, made);
      assert.equal(await status(), "PLATFORM_REVOKED");
    });

    it("leaves other platforms alone, which are confirmed again at the next attestation", async () => {
      const { world } = $;
      await world.registry.write.revokePlatformForAll([`0x${"12".repeat(32)}`]);
      assert.equal(await status(), "VALID");
      const slow = await gasOfUse(world, made);
      await world.register({ identity: made.identity, signer: null });
      assert.equal(await status(), "VALID");
      const fast = await gasOfUse(world, made);
      assert.ok(slow - fast > 4_000n, `${slow} ${fast}`);
      await world.registry.write.revokePlatformForAll([`0x${"13".repeat(32)}`]);
      await reevaluate(world, made);
      assert.equal(await gasOfUse(world, made), fast);
    });
  });

  describe("of a PCK certificate", () => {
    it("ends the worker once anyone says so, until it attests with another", async () => {
      const { world } = $;
      const thisUpdate = world.simulator.at - DAY + 60;
      const revokedPck = [world.platform.serial];
      await upload(world, { revokedPck, pckCrl: { thisUpdate } }, ["PCK CRL"]);
      await refusedWith("PckRevoked", world.register({ identity: made.identity }));
      await reevaluate(world, made);
      assert.equal(await status(), "COLLATERAL_EXPIRED");
      await reevaluate(world, made);
      assert.equal(await status(), "COLLATERAL_EXPIRED");
      // Another certificate of the same machine.
      const platform = world.simulator.platform({ serial: "0102030405060708" });
      assert.equal(platformIdOf(platform), platformIdOf(world.platform));
      await world.register({ identity: made.identity, platform, withCertificate: true });
      assert.equal(await status(), "VALID");
    });

    it("ends the worker when its CA is revoked", async () => {
      const { world } = $;
      const thisUpdate = world.simulator.at - DAY + 60;
      const revokedCa = [world.simulator.serials.platformCa];
      await upload(world, { revokedCa, rootCrl: { thisUpdate } }, ["root CRL"]);
      await reevaluate(world, made);
      assert.equal(await status(), "COLLATERAL_EXPIRED");
    });

    it("of another worker does not end this one", async () => {
      const { world } = $;
      const programId = await createProgram(world, { policy: { admission: 3 } });
      const platform = world.simulator.platform({ label: "revoked" });
      const other = await world.register({ programId, platform, withCertificate: true });
      const pckCrl = { thisUpdate: world.simulator.at - DAY + 60 };
      await upload(world, { revokedPck: [platform.serial], pckCrl }, ["PCK CRL"]);
      const call = reevaluate(world, { ...made, built: other.built });
      await refusedWith("EvidenceMismatch", call);
      await reevaluate(world, made);
      assert.equal(await status(), "VALID");
      await reevaluate(world, other);
      assert.equal(await status(other), "COLLATERAL_EXPIRED");
    });
  });
});
