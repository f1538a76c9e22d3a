import assert from "node:assert/strict";
import { type Hex, toHex } from "viem";
import {
  createProgram,
  type Measurements,
  type ProgramOptions,
  platformIdOf,
  reevaluate,
  refusedWith,
} from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import { measurementsOf, type RegistrationOptions } from "./support/world.ts";

const register48 = (byte: string): Hex => `0x${byte.repeat(48)}`;
const SEPT_AND_MIGRATABLE = "0x0000003000000000";

describe("an approval", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  const base = (overrides: object = {}): Measurements =>
    measurementsOf($.world.template, overrides);
  const refused = async (name: string, call: Promise<unknown>) => await refusedWith(name, call);
  /** A program that trusts these measurements, and a registration of this TD there. */
  const tryWith = async (
    measurements: Measurements,
    quote: RegistrationOptions["quote"] = {},
    options: ProgramOptions = {},
  ) => {
    const programId = await createProgram($.world, { measurements: [measurements], ...options });
    return await $.world.register({ programId, ...(quote === undefined ? {} : { quote }) });
  };

  const measured: Record<string, RegistrationOptions["quote"]> = {
    "TD attributes": { tdAttributes: "0000001080000000" },
    XFAM: { xfam: "e702060000000001" },
    MRTD: { mrTd: register48("01") },
    RTMR0: { rtmr0: register48("01") },
    RTMR1: { rtmr1: register48("01") },
    RTMR2: { rtmr2: register48("01") },
    RTMR3: { rtmr3: register48("01") },
    MRSERVICETD: { version: 5, mrServiceTd: register48("01") },
  };
  for (const [name, quote] of Object.entries(measured)) {
    it(`refuses a TD with another ${name}`, async () => {
      await refused("MeasurementsNotApproved", tryWith(base(), quote));
    });
  }

  it("leaves MRSEAM open, or pins it", async () => {
    const mrSeam = toHex($.world.template.subarray(48 + 16, 48 + 64));
    const quote = { mrSeam: register48("02") };
    await tryWith(base(), quote);
    await tryWith(base({ mrSeam }));
    await refused("MeasurementsNotApproved", tryWith(base({ mrSeam }), quote));
  });

  it("holds for versions 4 and 5, TD 1.0 and TD 1.5", async () => {
    await tryWith(base(), { version: 5, body: "TD10" });
    await tryWith(base(), { version: 5, body: "TD15" });
  });

  it("names the service TD that may migrate a TD, if one may", async () => {
    const mrServiceTd = register48("03");
    const quote = { version: 5 as const, mrServiceTd };
    await tryWith(base({ mrServiceTd }), quote);
    await refused("MeasurementsNotApproved", tryWith(base({ mrServiceTd }), { version: 5 }));
    await refused("MeasurementsNotApproved", tryWith(base({ mrServiceTd })));
  });

  it("has MIGRATABLE off unless it says otherwise", async () => {
    const tdAttributes = SEPT_AND_MIGRATABLE;
    await refused("MeasurementsInvalid", tryWith(base({ tdAttributes })));
    await refused("MeasurementsNotApproved", tryWith(base(), { tdAttributes }));
    await tryWith(base({ tdAttributes, allowMigratable: true }), { tdAttributes });
  });

  it("cannot be of a DEBUG TD, nor of one with any other bit for the host", async () => {
    const policy = { requireSeptVeDisable: false };
    for (const first of ["01", "02", "80"]) {
      const tdAttributes: Hex = `0x${first}00001000000000`;
      await refused("MeasurementsInvalid", tryWith(base({ tdAttributes })));
      await refused("DebugTd", tryWith(base(), { tdAttributes }, { policy }));
    }
  });

  it("needs SEPT_VE_DISABLE where the program says so, whatever it approved", async () => {
    const tdAttributes = "0x0000000000000000";
    const call = tryWith(base({ tdAttributes }), { tdAttributes });
    const args = await refused("WorkerNotAccepted", call);
    assert.equal(args[2], 9);
    const policy = { requireSeptVeDisable: false };
    const made = await tryWith(base({ tdAttributes }), { tdAttributes }, { policy });
    const { programId } = made.request;
    const present = await $.world.registry.read.policyOf([programId]);
    await $.world.registry.write.setPolicy([programId, { ...present, requireSeptVeDisable: true }]);
    assert.equal(
      await $.world.statusOf(made.identity.address, programId),
      "SEPT_VE_DISABLE_REQUIRED",
    );
  });

  it("takes MRCONFIGID, which the host sets, only under an OS that enforces it", async () => {
    const application = register48("04");
    const byConfig = { applicationRegister: 0, application };
    await refused("MrConfigIdNotEnforced", tryWith(base(byConfig)));
    const enforced = base({ ...byConfig, osEnforcesMrConfigId: true });
    await tryWith(enforced, { mrConfigId: application });
    await refused("MeasurementsNotApproved", tryWith(enforced));
    // The value of the one register in the other.
    await refused("MeasurementsNotApproved", tryWith(enforced, { rtmr3: application }));
    const byRtmr3 = base({ application });
    await refused("MeasurementsNotApproved", tryWith(byRtmr3, { mrConfigId: application }));
  });

  it("measures an application", async () => {
    const { world } = $;
    for (const application of ["0x", register48("00")] as const) {
      await refused("ApplicationNotMeasured", tryWith(base({ application })));
      const { write } = world.registry;
      const call = write.approve([world.programId, base({ application })]);
      await refused("ApplicationNotMeasured", call);
    }
  });

  it("has registers of 48 bytes", async () => {
    const short: Hex = `0x${"05".repeat(47)}`;
    for (const field of [
      "mrTd",
      "rtmr0",
      "rtmr1",
      "rtmr2",
      "mrSeam",
      "mrServiceTd",
      "application",
    ]) {
      await refused("MeasurementsInvalid", tryWith(base({ [field]: short })));
    }
    for (const field of ["mrTd", "rtmr0", "rtmr1", "rtmr2"]) {
      await refused("MeasurementsInvalid", tryWith(base({ [field]: "0x" })));
    }
  });

  describe("made later", () => {
    it("counts after the notice, to the second", async () => {
      const { world } = $;
      const rtmr3 = register48("06");
      await world.registry.write.approve([world.programId, base({ application: rtmr3 })]);
      const { timestamp } = await world.client.getBlock();
      const { approvedFrom } = await world.registry.read.approvalOf([world.programId, 2]);
      assert.equal(approvedFrom, Number(timestamp) + 3600);
      const register = () => world.register({ approvalId: 2, quote: { rtmr3 } });
      await world.provider.request({
        method: "evm_setNextBlockTimestamp",
        params: [toHex(approvedFrom - 1)],
      });
      await refused("ApprovalNotYetInForce", register());
      await world.provider.request({
        method: "evm_setNextBlockTimestamp",
        params: [toHex(approvedFrom)],
      });
      const { identity } = await register();
      assert.equal(await world.statusOf(identity.address), "VALID");
    });

    it("is the owner's, and so is withdrawing it", async () => {
      const { world } = $;
      const { write } = world.registry;
      const account = world.stranger.account;
      await refused("NotProgramOwner", write.approve([world.programId, base()], { account }));
      await refused("NotProgramOwner", write.withdraw([world.programId, 1], { account }));
    });
  });

  it("that there is none of is refused", async () => {
    const { world } = $;
    await refused("ApprovalUnknown", world.register({ approvalId: 2 }));
    await refused("ApprovalUnknown", world.register({ approvalId: 0 }));
    await refused("ApprovalUnknown", world.registry.write.withdraw([world.programId, 9]));
  });

  describe("withdrawn", () => {
    it("ends its workers at once, and the same code waits the notice again", async () => {
      const { world } = $;
      const made = await world.register();
      await world.registry.write.withdraw([world.programId, 1]);
      const status = async () => await world.statusOf(made.identity.address);
      assert.equal(await status(), "APPROVAL_WITHDRAWN");
      await refused("ApprovalIsWithdrawn", world.register({ identity: made.identity }));
      await refused("ApprovalIsWithdrawn", world.registry.write.withdraw([world.programId, 1]));
      await reevaluate(world, made);
      assert.equal(await status(), "APPROVAL_WITHDRAWN");

      await world.registry.write.approve([world.programId, base()]);
      assert.equal(await world.registry.read.approvalCount([world.programId]), 2);
      const again = () => world.register({ identity: made.identity, approvalId: 2 });
      await refused("ApprovalNotYetInForce", again());
      assert.equal(await status(), "APPROVAL_WITHDRAWN");
      const { approvedFrom } = await world.registry.read.approvalOf([world.programId, 2]);
      await world.at(approvedFrom);
      // Nor does the record go over to the new approval by itself.
      assert.equal(await status(), "APPROVAL_WITHDRAWN");
      await again();
      assert.equal(await status(), "VALID");
    });

    it("leaves other approvals' workers alone, at more gas until they are confirmed", async () => {
      const { world } = $;
      const rtmr3 = register48("07");
      const programId = await createProgram(world, {
        measurements: [base(), base({ application: rtmr3 })],
      });
      const { identity } = await world.register({ programId, approvalId: 2, quote: { rtmr3 } });
      await world.registry.write.withdraw([programId, 1]);
      assert.equal(await world.statusOf(identity.address, programId), "VALID");
    });
  });

  it("is kept as a digest, which anyone can compute again", async () => {
    const { world } = $;
    const approval = await world.registry.read.approvalOf([world.programId, 1]);
    assert.match(approval.digest, /^0x[0-9a-f]{40}$/);
    assert.equal(approval.form, 1);
    assert.equal(approval.isWithdrawn, false);
    assert.notEqual(platformIdOf(world.platform), approval.digest);
  });
});
