import assert from "node:assert/strict";
import { type Hex, zeroAddress } from "viem";
import { bits, createProgram, GAS, refusedWith, Tcb } from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import { Admission, type Policy, policyDefaults } from "./support/world.ts";

const ENDORSER: Hex = `0x${"11".repeat(20)}`;

/** One that every field can be narrowed and widened from. */
const BASE: Policy = {
  ...policyDefaults,
  acceptedStatuses: bits(Tcb.UpToDate, Tcb.SWHardeningNeeded),
  graceStatuses: bits(Tcb.OutOfDate),
  gracePeriod: 7200,
  maxAge: 7200,
  minTcbEvaluationDataNumber: 19,
  requireSeptVeDisable: true,
  requireGpu: true,
  endorser: ENDORSER,
};
/** The flags that only another admission, or no flag, can change from. */
const OPEN: Policy = { ...BASE, admission: Admission.OPEN, endorser: zeroAddress };

interface Change {
  readonly from: Policy;
  readonly narrower?: Partial<Policy>;
  readonly wider?: Partial<Policy>;
}

const fields: Record<string, Change> = {
  "accepted statuses": {
    from: BASE,
    narrower: { acceptedStatuses: bits(Tcb.UpToDate) },
    wider: { acceptedStatuses: bits(1, 2, Tcb.ConfigurationNeeded) },
  },
  "a status from accepted to accepted for a while, and back": {
    from: BASE,
    narrower: { acceptedStatuses: bits(1), graceStatuses: bits(2, Tcb.OutOfDate) },
    wider: { acceptedStatuses: bits(1, 2, Tcb.OutOfDate), graceStatuses: 0 },
  },
  "statuses accepted for a while": {
    from: BASE,
    narrower: { graceStatuses: 0 },
    wider: { graceStatuses: bits(Tcb.OutOfDate, Tcb.ConfigurationNeeded) },
  },
  "the grace period": {
    from: BASE,
    narrower: { gracePeriod: 7199 },
    wider: { gracePeriod: 7201 },
  },
  "the maximum age": { from: BASE, narrower: { maxAge: 7199 }, wider: { maxAge: 7201 } },
  "the minimum evaluation number": {
    from: BASE,
    narrower: { minTcbEvaluationDataNumber: 20 },
    wider: { minTcbEvaluationDataNumber: 18 },
  },
  SEPT_VE_DISABLE: {
    from: { ...BASE, requireSeptVeDisable: false },
    narrower: { requireSeptVeDisable: true },
  },
  "SEPT_VE_DISABLE no more": { from: BASE, wider: { requireSeptVeDisable: false } },
  "a GPU": { from: { ...BASE, requireGpu: false }, narrower: { requireGpu: true } },
  "a GPU no more": { from: BASE, wider: { requireGpu: false } },
  "the notice": { from: BASE, narrower: { notice: 3601 }, wider: { notice: 3599 } },
  "the endorser": {
    from: BASE,
    narrower: { endorser: zeroAddress },
    wider: { endorser: `0x${"22".repeat(20)}` },
  },
  "an endorser where there was none": {
    from: { ...BASE, endorser: zeroAddress },
    wider: { endorser: ENDORSER },
  },
  "admission from a list": {
    from: { ...BASE, endorser: zeroAddress },
    wider: { admission: Admission.OPEN },
  },
  "admission from a list to cosigning": {
    from: { ...BASE, endorser: zeroAddress },
    wider: { admission: Admission.COSIGN },
  },
  "admission from anyone": { from: OPEN, narrower: { admission: Admission.LIST } },
  "admission from anyone to an endorser": {
    from: OPEN,
    wider: { admission: Admission.LIST, endorser: ENDORSER },
  },
  "deriving under OPEN": { from: OPEN, wider: { deriveUnderOpen: true } },
  "deriving under OPEN no more": {
    from: { ...OPEN, deriveUnderOpen: true },
    narrower: { deriveUnderOpen: false },
  },
};

describe("a program's policy", () => {
  const $ = sharedWorld();

  const set = async (programId: Hex, policy: Policy) =>
    await $.world.registry.write.setPolicy([programId, policy]);
  const present = async (programId: Hex) => await $.world.registry.read.policyOf([programId]);
  const pending = async (programId: Hex) =>
    await $.world.registry.read.pendingPolicyOf([programId]);
  const apply = async (programId: Hex) =>
    await $.world.registry.write.applyPolicy([programId], {
      account: $.world.stranger.account,
      gas: GAS,
    });
  const refused = async (name: string, call: Promise<unknown>) => await refusedWith(name, call);

  for (const [field, { from, narrower, wider }] of Object.entries(fields)) {
    if (narrower !== undefined) {
      it(`narrows at once: ${field}`, async () => {
        const programId = await createProgram($.world, { policy: from });
        const wanted = { ...from, ...narrower };
        await set(programId, wanted);
        assert.deepEqual(await present(programId), wanted);
        assert.equal((await pending(programId))[1], 0n);
      });
    }
    if (wider !== undefined) {
      it(`widens after the notice in force, to the second: ${field}`, async () => {
        const { world } = $;
        const programId = await createProgram(world, { policy: from });
        const wanted = { ...from, ...wider };
        await set(programId, wanted);
        const { timestamp } = await world.client.getBlock();
        const [policy, due] = await pending(programId);
        assert.deepEqual(policy, wanted);
        assert.equal(due, timestamp + 3600n);
        assert.notDeepEqual(await present(programId), wanted);
        await world.provider.request({
          method: "evm_setNextBlockTimestamp",
          params: [`0x${(due - 1n).toString(16)}`],
        });
        await refused("NoticeNotOver", apply(programId));
        await world.provider.request({
          method: "evm_setNextBlockTimestamp",
          params: [`0x${due.toString(16)}`],
        });
        await apply(programId);
        assert.deepEqual(await present(programId), wanted);
        await refused("NothingPending", apply(programId));
      });
    }
  }

  it("takes what is narrower of a mixed change at once, and the rest after the notice", async () => {
    const programId = await createProgram($.world, { policy: BASE });
    await set(programId, { ...BASE, maxAge: 60, gracePeriod: 9000 });
    assert.deepEqual(await present(programId), { ...BASE, maxAge: 60 });
    assert.equal((await pending(programId))[0].gracePeriod, 9000);
  });

  it("proposed again waits again", async () => {
    const { world } = $;
    const programId = await createProgram(world, { policy: BASE });
    await set(programId, { ...BASE, maxAge: 9000 });
    const [, first] = await pending(programId);
    await world.at(Number(first) - 1);
    await set(programId, { ...BASE, maxAge: 9001 });
    const [, second] = await pending(programId);
    assert.ok(second >= first + 3599n);
    await world.at(Number(first) + 1);
    await refused("NoticeNotOver", apply(programId));
  });

  it("that was proposed is dropped by proposing what is in force", async () => {
    const { world } = $;
    const programId = await createProgram(world, { policy: BASE });
    await set(programId, { ...BASE, maxAge: 9000 });
    const [, due] = await pending(programId);
    await set(programId, BASE);
    assert.equal((await pending(programId))[1], 0n);
    await world.at(Number(due));
    await refused("NothingPending", apply(programId));
    assert.deepEqual(await present(programId), BASE);
  });

  it("with a longer notice makes what comes after wait longer", async () => {
    const { world } = $;
    const programId = await createProgram(world, { policy: BASE });
    await set(programId, { ...BASE, notice: 9000 });
    await set(programId, { ...BASE, notice: 9000, maxAge: 9000 });
    const { timestamp } = await world.client.getBlock();
    assert.equal((await pending(programId))[1], timestamp + 9000n);
  });

  it("is the owner's to change", async () => {
    const { world } = $;
    const { write } = world.registry;
    const call = write.setPolicy([world.programId, BASE], { account: world.stranger.account });
    await refused("NotProgramOwner", call);
    await refused("ProgramUnknown", write.setPolicy([`0x${"00".repeat(32)}`, BASE]));
  });

  const invalid: Record<string, Partial<Policy>> = {
    "accepted statuses with Unknown": { acceptedStatuses: bits(0) },
    "accepted statuses with Revoked": { acceptedStatuses: bits(1, Tcb.Revoked) },
    "accepted statuses that are none": { acceptedStatuses: bits(10) },
    "a while for Revoked": { graceStatuses: bits(Tcb.Revoked) },
    "a grace period of more than a year": { gracePeriod: 365 * 86_400 + 1 },
    "no age at all": { maxAge: 0 },
    "an age of more than 90 days": { maxAge: 90 * 86_400 + 1 },
    "a notice of more than 30 days": { notice: 30 * 86_400 + 1 },
    "no admission": { admission: Admission.NONE },
    "an endorser beside OPEN": { admission: Admission.OPEN, endorser: ENDORSER },
    "an endorser beside COSIGN": { admission: Admission.COSIGN, endorser: ENDORSER },
    "deriving under OPEN without OPEN": { deriveUnderOpen: true },
  };
  for (const [name, change] of Object.entries(invalid)) {
    it(`cannot have ${name}`, async () => {
      const policy = { ...policyDefaults, ...change };
      await refused("PolicyInvalid", createProgram($.world, { policy }));
      await refused("PolicyInvalid", set($.world.programId, policy));
    });
  }

  it("is looked at when a worker is used, not when it was registered", async () => {
    const { world } = $;
    const { identity } = await world.register({ withCertificate: true });
    await set(world.programId, { ...policyDefaults, acceptedStatuses: bits(2) });
    assert.equal(await world.statusOf(identity.address), "TCB_STATUS_NOT_ACCEPTED");
    const policy = { ...policyDefaults, acceptedStatuses: bits(2), minTcbEvaluationDataNumber: 21 };
    await set(world.programId, { ...policy, graceStatuses: bits(1), gracePeriod: 9000 });
    assert.equal(await world.statusOf(identity.address), "TCB_STATUS_NOT_ACCEPTED");
  });
});
