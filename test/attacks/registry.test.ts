import assert from "node:assert/strict";
import { type Hex, toHex, zeroAddress, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  bits,
  createProgram,
  DAY,
  GAS,
  platformIdOf,
  reevaluate,
  refusal,
  refusedWith,
  Tcb,
} from "../contracts/registry/support/actions.ts";
import { sharedWorld } from "../contracts/registry/support/shared-world.ts";
import {
  Admission,
  measurementsOf,
  type Policy,
  policyDefaults,
} from "../contracts/registry/support/world.ts";

const register48 = (byte: string): Hex => `0x${byte.repeat(48)}`;

describe("attacks on the registry", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  const present = async (programId: Hex) => await $.world.registry.read.policyOf([programId]);
  const set = async (programId: Hex, policy: Policy) =>
    await $.world.registry.write.setPolicy([programId, policy], { gas: GAS });

  it("replay on another chain", async () => {
    await refusedWith("ReportDataMismatch", $.world.register({ chainId: 1n }));
  });

  it("replay on another registry", async () => {
    await refusedWith("ReportDataMismatch", $.world.register({ registry: zeroAddress }));
  });

  it("replay in another program", async () => {
    const { world } = $;
    const programId = await createProgram(world);
    const made = await world.register();
    const request = { ...made.request, programId };
    const call = world.send(world.registry.address, world.registerData({ ...made, request }));
    await refusedWith("ReportDataMismatch", call);
  });

  it("replay of the same registration, also with the signature's twin and trailing bytes", async () => {
    const { world } = $;
    const made = await world.register();
    const submit = (evidence = made.evidence) =>
      world.send(world.registry.address, world.registerData({ ...made, evidence }));
    await refusedWith("ChallengeNotNewer", submit());
    // s of the quote's signature becomes n - s, which verifies as well.
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const at = 2 + 2 * (48 + 584 + 32);
    const { quote } = made.evidence;
    const s = BigInt(`0x${quote.slice(at, at + 64)}`);
    const twin = toHex(n - s, { size: 32 }).slice(2);
    const malleated: Hex = `0x${quote.slice(2, at)}${twin}${quote.slice(at + 64)}`;
    await refusedWith("ChallengeNotNewer", submit({ ...made.evidence, quote: malleated }));
    await refusedWith("ChallengeNotNewer", submit({ ...made.evidence, quote: `${quote}00` }));
    // Revoked, it does not come back so either.
    await world.registry.write.revokeWorker([world.programId, made.identity.address]);
    await refusedWith("WorkerIsRevoked", submit({ ...made.evidence, quote: malleated }));
  });

  it("older challenge after newer", async () => {
    const { world } = $;
    const identity = privateKeyToAccount(generatePrivateKey());
    await world.mine();
    const older = await world.registration({ identity });
    await world.mine();
    await world.register({ identity });
    const call = world.send(world.registry.address, world.registerData(older));
    await refusedWith("ChallengeNotNewer", call);
  });

  it("someone else's identity", async () => {
    const { world } = $;
    const victim = await world.register();
    const attacker = privateKeyToAccount(generatePrivateKey());
    const target = { ...attacker, address: victim.identity.address };
    // On a machine of the attacker's, in a program of the attacker's, which the victim never joined.
    const programId = await createProgram(world, { account: world.stranger.account.address });
    const call = world.register({ programId, identity: target, signer: attacker });
    await refusedWith("IdentitySignatureInvalid", call);
    // And over the victim's record, from another platform that the program admits.
    const platform = world.simulator.platform({ label: "attacker" });
    const open = await createProgram(world, { policy: { admission: Admission.OPEN } });
    await world.register({ programId: open, identity: victim.identity });
    const over = world.register({
      programId: open,
      identity: target,
      signer: attacker,
      platform,
      withCertificate: true,
    });
    await refusedWith("IdentitySignatureInvalid", over);
  });

  it("stolen platform: a leaked attestation key claims anything, until its platform is revoked", async () => {
    const { world } = $;
    const stolen = world.simulator.platform({ label: "stolen" });
    const forge = { platform: stolen, withCertificate: true };
    // Not for programs that do not admit it.
    await refusedWith("PlatformNotAdmitted", world.register(forge));
    const open = await createProgram(world, { policy: { admission: Admission.OPEN } });
    const { identity } = await world.register({ ...forge, programId: open });
    const honest = await world.register({ programId: open });
    await world.registry.write.revokePlatformForAll([platformIdOf(stolen)]);
    assert.equal(await world.statusOf(identity.address, open), "PLATFORM_REVOKED");
    assert.equal(await world.statusOf(honest.identity.address, open), "VALID");
    await refusedWith("PlatformIsRevoked", world.register({ ...forge, programId: open }));
    // Another PCK certificate of the machine has its platform id.
    const renewed = world.simulator.platform({ label: "stolen", serial: "0a0b0c0d0e0f" });
    const again = world.register({ ...forge, platform: renewed, programId: open });
    await refusedWith("PlatformIsRevoked", again);
  });

  describe("loosening in disguise", () => {
    const outcomes: Record<string, { from: Partial<Policy>; wanted: Partial<Policy> }> = {
      "a status in the shadow of one that is taken away": {
        from: {},
        wanted: { acceptedStatuses: bits(Tcb.UpToDate, Tcb.OutOfDate) },
      },
      "a status for a while, for a year, beside a shorter age": {
        from: {},
        wanted: { graceStatuses: bits(Tcb.OutOfDate), gracePeriod: 365 * DAY, maxAge: 60 },
      },
      "a longer while for a status that is now accepted only for one": {
        from: { graceStatuses: bits(Tcb.OutOfDate), gracePeriod: 60 },
        wanted: { graceStatuses: bits(Tcb.OutOfDate), gracePeriod: 61, acceptedStatuses: 0 },
      },
      "admission by an endorser of one's own": {
        from: {},
        wanted: { endorser: "0x1111111111111111111111111111111111111111", maxAge: 60 },
      },
      "admission by cosigning": { from: {}, wanted: { admission: Admission.COSIGN } },
      "a shorter notice, to widen tomorrow": { from: {}, wanted: { notice: 0, maxAge: 60 } },
    };
    for (const [name, { from, wanted }] of Object.entries(outcomes)) {
      it(name, async () => {
        const { world } = $;
        const before = { ...policyDefaults, ...from };
        const programId = await createProgram(world, { policy: before });
        await set(programId, { ...before, ...wanted });
        const now = await present(programId);
        assert.equal(now.acceptedStatuses & ~before.acceptedStatuses, 0);
        assert.ok(now.gracePeriod <= before.gracePeriod && now.maxAge <= before.maxAge);
        assert.equal(now.graceStatuses & ~(before.graceStatuses | before.acceptedStatuses), 0);
        assert.equal(now.endorser, before.endorser);
        assert.equal(now.admission, before.admission);
        assert.ok(now.notice >= before.notice);
        await refusedWith("NoticeNotOver", world.registry.write.applyPolicy([programId]));
      });
    }

    it("a proposal armed long ago does not outlive a narrower wish", async () => {
      const { world } = $;
      const programId = await createProgram(world);
      await set(programId, { ...policyDefaults, maxAge: 60 * DAY });
      await world.at(world.simulator.at + 2 * DAY);
      await set(programId, { ...policyDefaults, maxAge: 60 });
      await refusedWith("NothingPending", world.registry.write.applyPolicy([programId]));
    });

    it("a program made again under the same salt", async () => {
      const { world } = $;
      const { SALT } = await import("../contracts/registry/support/world.ts");
      const policy = { ...policyDefaults, admission: Admission.OPEN };
      const call = world.registry.write.createProgram([SALT, policy, [], []], { gas: GAS });
      await refusedWith("ProgramExists", call);
    });

    it("a new owner's wish before the notice of the transfer", async () => {
      const { world } = $;
      const { write } = world.registry;
      const { account } = world.stranger;
      await write.proposeOwner([world.programId, account.address]);
      await refusedWith(
        "NoticeNotOver",
        write.acceptOwnership([world.programId], { account, gas: GAS }),
      );
      await refusedWith(
        "NotProgramOwner",
        write.setPolicy([world.programId, policyDefaults], { account, gas: GAS }),
      );
    });
  });

  it("MIGRATABLE: a TD that may be moved to another machine", async () => {
    const { world } = $;
    const tdAttributes = "0x0000003000000000";
    await refusedWith("MeasurementsNotApproved", world.register({ quote: { tdAttributes } }));
    const measurements = [measurementsOf(world.template, { tdAttributes })];
    await refusedWith("MeasurementsInvalid", createProgram(world, { measurements }));
  });

  it("MRSERVICETD: a TD with a service TD that nobody approved", async () => {
    const quote = { version: 5 as const, mrServiceTd: register48("01") };
    await refusedWith("MeasurementsNotApproved", $.world.register({ quote }));
  });

  it("host-supplied MRCONFIGID: the host names any application it likes", async () => {
    const { world } = $;
    const application = register48("02");
    const byConfig = { applicationRegister: 0, application };
    const unenforced = measurementsOf(world.template, byConfig);
    const call = createProgram(world, { measurements: [unenforced] });
    await refusedWith("MrConfigIdNotEnforced", call);
    // Nor does setting it help where RTMR3 is what counts.
    const quote = { mrConfigId: application, rtmr3: register48("03") };
    await refusedWith("MeasurementsNotApproved", world.register({ quote }));
  });

  it("DEBUG: a TD that its host can look into", async () => {
    const quote = { tdAttributes: "0x0100001000000000" } as const;
    await refusedWith("DebugTd", $.world.register({ quote }));
  });

  it("revoked then again", async () => {
    const { world } = $;
    const made = await world.register();
    const { identity } = made;
    await world.registry.write.revokeWorker([world.programId, identity.address]);
    await refusedWith("WorkerIsRevoked", world.register({ identity }));
    await refusedWith("WorkerIsRevoked", reevaluate(world, made));
    await world.registry.write.withdraw([world.programId, 1]);
    await world.at(world.simulator.at + 3 * DAY);
    await refusedWith("WorkerIsRevoked", world.register({ identity }));
    assert.equal(await world.statusOf(identity.address), "REVOKED");
  });

  it("policy edited between registration and use", async () => {
    const { world } = $;
    const { identity } = await world.register();
    await set(world.programId, { ...policyDefaults, minTcbEvaluationDataNumber: 21 });
    assert.equal(await world.statusOf(identity.address), "TCB_EVALUATION_NUMBER_TOO_LOW");
    // And between the quote and the registration.
    const programId = await createProgram(world);
    const made = await world.registration({ programId });
    await set(programId, { ...policyDefaults, acceptedStatuses: bits(Tcb.SWHardeningNeeded) });
    const call = world.send(world.registry.address, world.registerData(made));
    await refusedWith("WorkerNotAccepted", call);
  });

  describe("front-running", () => {
    it("by the same registration registers the same worker, and the second is harmless", async () => {
      const { world } = $;
      const made = await world.registration();
      const data = world.registerData(made);
      await world.send(world.registry.address, data, world.guardian);
      const before = await world.registry.read.workerOf([world.programId, made.identity.address]);
      await refusedWith("ChallengeNotNewer", world.send(world.registry.address, data));
      const after = await world.registry.read.workerOf([world.programId, made.identity.address]);
      assert.deepEqual(after, before);
    });

    it("of a program's salt makes another program", async () => {
      const { world } = $;
      const salt = toHex("mine", { size: 32 });
      const create = (account: Hex) =>
        world.registry.write.createProgram([salt, policyDefaults, [], []], { account, gas: GAS });
      await create(world.stranger.account.address);
      await create(world.owner.account.address);
    });

    it("of a registration with other approval or signature changes nothing but who fails", async () => {
      const { world } = $;
      const made = await world.registration();
      const changed = { ...made.request, approvalId: 9, identitySignature: zeroHash };
      const name = (
        await refusal(
          world.send(world.registry.address, world.registerData({ ...made, request: changed })),
        )
      ).name;
      assert.equal(name, "ApprovalUnknown");
      await world.send(world.registry.address, world.registerData(made));
      assert.equal(await world.statusOf(made.identity.address), "VALID");
    });

    it("of a revocation by a fresh attestation does not escape it", async () => {
      const { world } = $;
      const { identity } = await world.register();
      await world.register({ identity });
      await world.registry.write.revokeWorker([world.programId, identity.address]);
      assert.equal(await world.statusOf(identity.address), "REVOKED");
    });
  });

  describe("griefing by gas", () => {
    it("whoever sends a registration with too little gas leaves no trace", async () => {
      const { world } = $;
      const made = await world.registration();
      const data = world.registerData(made);
      for (let gas = 60_000n; gas < 180_000n; gas += 10_000n) {
        const sent = world.stranger.sendTransaction({ to: world.registry.address, data, gas });
        assert.notEqual((await refusal(sent)).name, "");
        assert.equal(await world.statusOf(made.identity.address), "WORKER_UNKNOWN");
      }
      await world.send(world.registry.address, data);
      assert.equal(await world.statusOf(made.identity.address), "VALID");
    });

    it("whoever starves an endorser in a reevaluation turns no worker down", async () => {
      const { world } = $;
      const yes = await world.viem.deployContract("OddEndorser", [0]);
      const programId = await createProgram(world, {
        platformIds: [],
        policy: { endorser: yes.address },
      });
      const made = await world.register({ programId });
      let ended = 0;
      for (let gas = 60_000n; gas < 150_000n; gas += 1_500n) {
        const sent = reevaluate(world, made, { gas });
        await sent.then(
          () => ended++,
          () => undefined,
        );
        assert.equal(await world.statusOf(made.identity.address, programId), "VALID");
      }
      assert.ok(ended > 3);
    });
  });
});
