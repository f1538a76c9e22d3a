import assert from "node:assert/strict";
import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { admitTypes, registryDomain } from "../../../sdk/client/typed-data.ts";
import { endorserAbi } from "./support/abis.ts";
import {
  createProgram,
  GAS,
  platformIdOf,
  type Registered,
  reevaluate,
  refusedWith,
} from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import { Admission, type RegistrationOptions, type World } from "./support/world.ts";

const NOTICE = 3600;

async function setEndorsed(world: World, address: Hex, value: boolean) {
  await world.owner.writeContract({
    address,
    abi: endorserAbi,
    functionName: "set",
    args: [platformIdOf(world.platform), value],
  });
}

async function setAdmission(world: World, programId: Hex, admission: number, wait = true) {
  const policy = await world.registry.read.policyOf([programId]);
  await world.registry.write.setPolicy([programId, { ...policy, admission }]);
  if (!wait) return;
  const { timestamp } = await world.client.getBlock();
  await world.at(Number(timestamp) + NOTICE);
  await world.registry.write.applyPolicy([programId]);
}

describe("admission by LIST", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  it("admits a listed platform and no other", async () => {
    const { world } = $;
    const programId = await createProgram(world, { platformIds: [] });
    await refusedWith("PlatformNotAdmitted", world.register({ programId }));
    const platform = world.simulator.platform({ label: "unlisted" });
    const call = world.register({ platform, withCertificate: true });
    await refusedWith("PlatformNotAdmitted", call);
  });

  it("waits the notice for a platform listed later, to the second, also when listed again", async () => {
    const { world } = $;
    const programId = await createProgram(world, { platformIds: [] });
    const ids = [platformIdOf(world.platform)];
    await world.registry.write.listPlatforms([programId, ids]);
    const [id] = ids as [Hex];
    const { listedFrom } = await world.registry.read.platformOf([programId, id]);
    // Listing again does not put it off.
    await world.registry.write.listPlatforms([programId, ids]);
    assert.deepEqual(await world.registry.read.platformOf([programId, id]), {
      listedFrom,
      isRevoked: false,
    });
    await world.provider.request({
      method: "evm_setNextBlockTimestamp",
      params: [`0x${(listedFrom - 1).toString(16)}`],
    });
    await refusedWith("PlatformNotAdmitted", world.register({ programId }));
    await world.at(listedFrom);
    await world.register({ programId });
  });

  it("ends workers whose platform is taken off at once, and listing again waits", async () => {
    const { world } = $;
    const programId = await createProgram(world);
    const made = await world.register({ programId });
    const id = platformIdOf(world.platform);
    await world.registry.write.delistPlatform([programId, id]);
    assert.equal(await world.statusOf(made.identity.address, programId), "PLATFORM_NOT_ADMITTED");
    await refusedWith("PlatformNotAdmitted", world.registry.write.delistPlatform([programId, id]));
    await reevaluate(world, made);
    assert.equal(await world.statusOf(made.identity.address, programId), "PLATFORM_NOT_ADMITTED");
    const again = world.register({ programId, identity: made.identity });
    await refusedWith("PlatformNotAdmitted", again);
    await world.registry.write.listPlatforms([programId, [id]]);
    assert.equal(await world.statusOf(made.identity.address, programId), "PLATFORM_NOT_ADMITTED");
    const { listedFrom } = await world.registry.read.platformOf([programId, id]);
    await world.at(listedFrom - 1);
    assert.equal(await world.statusOf(made.identity.address, programId), "PLATFORM_NOT_ADMITTED");
    await world.at(listedFrom);
    assert.equal(await world.statusOf(made.identity.address, programId), "VALID");
  });
});

describe("an endorser", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  const endorsedProgram = async (endorser: Hex) =>
    await createProgram($.world, { platformIds: [], policy: { endorser } });

  it("that is honest admits what it vouches for", async () => {
    const { world } = $;
    const endorser = await world.viem.deployContract("HonestEndorser");
    const programId = await endorsedProgram(endorser.address);
    await refusedWith("PlatformNotAdmitted", world.register({ programId }));
    await setEndorsed(world, endorser.address, true);
    const { identity } = await world.register({ programId });
    assert.equal(await world.statusOf(identity.address, programId), "VALID");
  });

  describe("that has changed its mind", () => {
    let made: Registered;
    let vouch: (value: boolean) => Promise<unknown>;
    let programId: Hex;

    beforeEach(async () => {
      const { world } = $;
      const endorser = await world.viem.deployContract("HonestEndorser");
      programId = await endorsedProgram(endorser.address);
      vouch = async (value) => await setEndorsed(world, endorser.address, value);
      await vouch(true);
      made = await world.register({ programId });
      await vouch(false);
    });

    it("bars the next attestation", async () => {
      const call = $.world.register({ programId, identity: made.identity });
      await refusedWith("PlatformNotAdmitted", call);
    });

    it("ends the worker at the next reevaluation, by anyone, and takes it back likewise", async () => {
      const { world } = $;
      await reevaluate(world, made);
      const { address } = made.identity;
      assert.equal(await world.statusOf(address, programId), "PLATFORM_NOT_ADMITTED");
      await vouch(true);
      assert.equal(await world.statusOf(address, programId), "VALID");
      await reevaluate(world, made);
      assert.equal(await world.statusOf(address, programId), "VALID");
    });
  });

  const answers = {
    "answers with two": 1,
    "answers at length": 2,
    "answers with too little": 3,
    "answers nothing": 4,
    "reverts with what looks like a yes": 5,
    "burns all its gas": 6,
    "answers with more than its gas pays for": 7,
  };
  for (const [name, answer] of Object.entries(answers)) {
    it(`that ${name} does not vouch, and costs no more than its limit`, async () => {
      const { world } = $;
      const { address } = await world.viem.deployContract("OddEndorser", [answer]);
      const programId = await endorsedProgram(address);
      await refusedWith("PlatformNotAdmitted", world.register({ programId }));
      // A platform on the list is not asked about.
      const listed = await createProgram(world, { policy: { endorser: address } });
      const { receipt } = await world.register({ programId: listed });
      assert.ok(receipt.gasUsed < 195_000n, `${receipt.gasUsed}`);
    });
  }

  it("that burns all its gas does so within 30,000 gas", async () => {
    const { world } = $;
    const odd = await world.viem.deployContract("OddEndorser", [6]);
    const programId = await endorsedProgram(odd.address);
    const made = await world.registration({ programId });
    const request = { to: world.registry.address, data: world.registerData(made), gas: GAS };
    const before = await world.client.getBlockNumber();
    await refusedWith("PlatformNotAdmitted", world.owner.sendTransaction(request));
    const block = await world.client.getBlock({ blockNumber: before + 1n });
    assert.ok(block.gasUsed < 230_000n, `${block.gasUsed}`);
  });

  it("that always says yes is what the program chose", async () => {
    const { world } = $;
    const yes = await world.viem.deployContract("OddEndorser", [0]);
    await world.register({ programId: await endorsedProgram(yes.address) });
  });

  it("that has no code does not vouch", async () => {
    const { world } = $;
    const programId = await endorsedProgram(world.stranger.account.address);
    await refusedWith("PlatformNotAdmitted", world.register({ programId }));
  });

  it("is removed at once, and with it whom it alone admitted; another waits the notice", async () => {
    const { world } = $;
    const yes = await world.viem.deployContract("OddEndorser", [0]);
    const programId = await endorsedProgram(yes.address);
    const { identity } = await world.register({ programId });
    const policy = await world.registry.read.policyOf([programId]);
    const other = await world.viem.deployContract("OddEndorser", [0]);
    const { write, read } = world.registry;
    await write.setPolicy([programId, { ...policy, endorser: other.address }]);
    assert.deepEqual(await read.policyOf([programId]), policy);
    assert.ok((await read.pendingPolicyOf([programId]))[1] > 0n);
    const none = `0x${"00".repeat(20)}` as const;
    await write.setPolicy([programId, { ...policy, endorser: none }]);
    assert.equal((await read.policyOf([programId])).endorser, none);
    assert.equal((await read.pendingPolicyOf([programId]))[1], 0n);
    assert.equal(await world.statusOf(identity.address, programId), "PLATFORM_NOT_ADMITTED");
  });
});

describe("admission by COSIGN", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  const admit = async (
    message: { programId: Hex; identity: Hex; platformId: Hex; challengeBlock: bigint },
    wallet = $.world.owner,
  ) =>
    await wallet.signTypedData({
      domain: registryDomain({
        chainId: Number($.world.chainId),
        registry: $.world.registry.address,
      }),
      types: admitTypes,
      primaryType: "Admit",
      message,
    });

  const registerCosigned = async (
    options: RegistrationOptions,
    change: Partial<{
      identity: Hex;
      platformId: Hex;
      challengeBlock: bigint;
      programId: Hex;
    }> = {},
    wallet = $.world.owner,
  ) => {
    const { world } = $;
    const made = await world.registration(options);
    const { programId, identity, challengeBlock } = made.request;
    const { platformId } = made.evidence.leaf;
    const message = { programId, identity, platformId, challengeBlock, ...change };
    const request = { ...made.request, ownerSignature: await admit(message, wallet) };
    await world.send(world.registry.address, world.registerData({ ...made, request }));
    return { ...made, request };
  };

  const cosigning = async () =>
    await createProgram($.world, { platformIds: [], policy: { admission: Admission.COSIGN } });

  it("admits a worker for which the owner signed", async () => {
    const programId = await cosigning();
    const { identity } = await registerCosigned({ programId });
    assert.equal(await $.world.statusOf(identity.address, programId), "VALID");
  });

  it("refuses no signature, another's, and one for anything else", async () => {
    const { world } = $;
    const programId = await cosigning();
    await refusedWith("OwnerSignatureInvalid", world.register({ programId }));
    const refused = async (call: Promise<unknown>) =>
      await refusedWith("OwnerSignatureInvalid", call);
    await refused(registerCosigned({ programId }, {}, world.stranger));
    const someone = privateKeyToAccount(generatePrivateKey()).address;
    await refused(registerCosigned({ programId }, { identity: someone }));
    await refused(registerCosigned({ programId }, { platformId: `0x${"11".repeat(32)}` }));
    await refused(registerCosigned({ programId }, { programId: world.programId }));
    await refused(registerCosigned({ programId }, { challengeBlock: 1n }));
  });

  it("does not ask again while the platform is the same, whatever its TCB", async () => {
    const { world } = $;
    const programId = await cosigning();
    const { identity } = await registerCosigned({ programId });
    await world.register({ programId, identity, signer: null });
    const quote = { teeTcbSvn: "06010300000000000000000000000000" };
    await world.register({ programId, identity, quote });
    const platform = world.simulator.platform({ label: "moved" });
    const moved = { programId, identity, platform, withCertificate: true };
    await refusedWith("OwnerSignatureInvalid", world.register(moved));
    await registerCosigned(moved);
    assert.equal(await world.statusOf(identity.address, programId), "VALID");
  });

  it("does not admit those who came in while it was open", async () => {
    const { world } = $;
    const programId = await createProgram(world, { policy: { admission: Admission.OPEN } });
    const made = await world.register({ programId });
    await setAdmission(world, programId, Admission.COSIGN);
    const { address } = made.identity;
    assert.equal(await world.statusOf(address, programId), "PLATFORM_NOT_ADMITTED");
    await reevaluate(world, made);
    assert.equal(await world.statusOf(address, programId), "PLATFORM_NOT_ADMITTED");
    const call = world.register({ programId, identity: made.identity });
    await refusedWith("OwnerSignatureInvalid", call);
    await registerCosigned({ programId, identity: made.identity });
    assert.equal(await world.statusOf(address, programId), "VALID");
  });

  it("goes by the present owner's signature", async () => {
    const { world } = $;
    const programId = await cosigning();
    const newOwner = world.stranger.account.address;
    await world.registry.write.proposeOwner([programId, newOwner]);
    const [, from] = await world.registry.read.pendingOwnerOf([programId]);
    await world.at(Number(from));
    await world.registry.write.acceptOwnership([programId], { account: newOwner, gas: GAS });
    await refusedWith("OwnerSignatureInvalid", registerCosigned({ programId }));
    await registerCosigned({ programId }, {}, world.stranger);
  });
});

describe("admission of anyone (OPEN)", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  it("admits any genuine machine, and deriving keys has to be switched on", async () => {
    const { world } = $;
    const policy = { admission: Admission.OPEN };
    const programId = await createProgram(world, { platformIds: [], policy });
    const platform = world.simulator.platform({ label: "anyone" });
    await world.register({ programId, platform, withCertificate: true });
    assert.equal((await world.registry.read.policyOf([programId])).deriveUnderOpen, false);
  });

  it("waits the notice, and closing it does not", async () => {
    const { world } = $;
    const programId = await createProgram(world);
    const platform = world.simulator.platform({ label: "anyone" });
    await setAdmission(world, programId, Admission.OPEN, false);
    const early = world.register({ programId, platform, withCertificate: true });
    await refusedWith("PlatformNotAdmitted", early);
    await refusedWith("NoticeNotOver", world.registry.write.applyPolicy([programId]));
    await setAdmission(world, programId, Admission.OPEN);
    const { identity } = await world.register({ programId, platform, withCertificate: true });
    const listed = await world.register({ programId });
    await setAdmission(world, programId, Admission.LIST, false);
    assert.equal(await world.statusOf(identity.address, programId), "PLATFORM_NOT_ADMITTED");
    assert.equal(await world.statusOf(listed.identity.address, programId), "VALID");
  });
});
