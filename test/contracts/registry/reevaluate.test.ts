import assert from "node:assert/strict";
import { defaultTcbLevels } from "../../../sdk/tdx/simulator/index.ts";
import {
  bits,
  createProgram,
  DAY,
  type Registered,
  reevaluate,
  refusal,
  refusedWith,
  Tcb,
  upload,
} from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";

describe("reevaluation", () => {
  const $ = sharedWorld();
  let made: Registered;

  const recordOf = async () =>
    await $.world.registry.read.workerOf([made.request.programId, made.identity.address]);
  const status = async () => await $.world.statusOf(made.identity.address, made.request.programId);

  /** Newer TCB info by which the platform has this status. */
  const recovery = (name: string, number = 20, advisoryIds: readonly string[] = []) => {
    const issueDate = $.world.simulator.at - DAY + 60;
    const [first, second] = defaultTcbLevels;
    const level = { ...first, status: name, ...(advisoryIds.length ? { advisoryIds } : {}) };
    return {
      tcbEvaluationDataNumber: number,
      tcbInfo: { issueDate, tcbLevels: [level, second] },
      qeIdentity: { issueDate },
    };
  };

  beforeEach(async () => {
    made = await $.world.register({ withCertificate: true });
  });

  it("by anyone, with the same collateral, changes nothing", async () => {
    const before = await recordOf();
    await reevaluate($.world, made);
    assert.deepEqual(await recordOf(), before);
  });

  it("lasts as long as newer collateral, without a quote, and never makes a quote younger", async () => {
    const { world } = $;
    const before = await recordOf();
    const issueDate = world.simulator.at - DAY + 60;
    await upload(world, {
      tcbInfo: { issueDate },
      qeIdentity: { issueDate },
      pckCrl: { thisUpdate: issueDate },
    });
    await reevaluate(world, made);
    const after = await recordOf();
    assert.equal(after.expiresAt, before.expiresAt + 60);
    assert.equal(after.attestedAt, before.attestedAt);
    assert.equal(after.challengeBlock, before.challengeBlock);
    await world.at(after.attestedAt + DAY + 1);
    await reevaluate(world, made);
    assert.equal(await status(), "ATTESTATION_TOO_OLD");
  });

  it("ends a worker whose TCB newer collateral finds out of date, and takes it back later", async () => {
    const { world } = $;
    await upload(world, recovery("OutOfDate"), ["TCB info"]);
    assert.equal(await status(), "VALID");
    await reevaluate(world, made);
    assert.equal(await status(), "TCB_STATUS_NOT_ACCEPTED");
    assert.equal((await recordOf()).tcbStatus, Tcb.OutOfDate);
    const { tcbInfo } = recovery("UpToDate");
    const options = { tcbInfo: { ...tcbInfo, issueDate: tcbInfo.issueDate + 60 } };
    await upload(world, options, ["TCB info"]);
    await reevaluate(world, made);
    assert.equal(await status(), "VALID");
  });

  it("ends a worker whose TCB newer collateral finds revoked, whatever the program accepts", async () => {
    const { world } = $;
    const programId = await createProgram(world, { policy: { acceptedStatuses: 0x37e } });
    made = await world.register({ programId });
    await upload(world, recovery("Revoked"), ["TCB info"]);
    await reevaluate(world, made);
    assert.equal(await status(), "TCB_STATUS_NOT_ACCEPTED");
  });

  it("refuses claims or a certificate that are not the record's", async () => {
    const { world } = $;
    const claims = { teeTcbSvn: "0x06010300000000000000000000000000" } as const;
    await refusedWith("EvidenceMismatch", reevaluate(world, made, { claims }));
    const platform = world.simulator.platform({ label: "another" });
    const { built } = await world.registration({ platform });
    await refusedWith("PckCertificateNotCached", reevaluate(world, { ...made, built }));
    await world.registry.write.register(
      await (async () => {
        const programId = await createProgram(world, { policy: { admission: 3 } });
        const other = await world.registration({ programId, platform, withCertificate: true });
        return [other.request, other.evidence, other.certificate] as const;
      })(),
    );
    await refusedWith("EvidenceMismatch", reevaluate(world, { ...made, built }));
  });

  it("refuses a worker that is unknown or revoked", async () => {
    const { world } = $;
    const stranger = await world.registration();
    await refusedWith("WorkerUnknown", reevaluate(world, stranger));
    await world.registry.write.revokeWorker([world.programId, made.identity.address]);
    await refusedWith("WorkerIsRevoked", reevaluate(world, made));
    assert.equal(await status(), "REVOKED");
  });

  it("passes a higher evaluation number on when the worker is good by it", async () => {
    const { world } = $;
    await upload(world, recovery("UpToDate", 21));
    await reevaluate(world, made, { tcbInfo: 21, qeIdentity: 21 });
    assert.equal((await recordOf()).tcbEvaluationDataNumber, 21);
    assert.equal(await status(), "VALID");
  });

  it("never goes back to a lower evaluation number", async () => {
    const { world } = $;
    await upload(world, recovery("UpToDate", 21));
    await reevaluate(world, made, { tcbInfo: 21, qeIdentity: 21 });
    await refusedWith("ReevaluationNotNewer", reevaluate(world, made));
    const mixed = reevaluate(world, made, { tcbInfo: 21, qeIdentity: 20 });
    await refusedWith("ReevaluationNotNewer", mixed);
  });

  describe("at a number that others need not use yet", () => {
    beforeEach(async () => {
      await upload($.world, recovery("OutOfDate", 21));
    });

    it("does not turn a worker down", async () => {
      const call = reevaluate($.world, made, { tcbInfo: 21, qeIdentity: 21 });
      await refusedWith("ReevaluationNotNewer", call);
      assert.equal(await status(), "VALID");
    });

    it("does not turn a worker down by half of it", async () => {
      const { world } = $;
      const call = reevaluate(world, made, { tcbInfo: 21, qeIdentity: 20 });
      await refusedWith("ReevaluationNotNewer", call);
      assert.equal(await status(), "VALID");
    });

    it("turns it down once the program demands that number", async () => {
      const { world } = $;
      const { programId } = made.request;
      const policy = await world.registry.read.policyOf([programId]);
      await world.registry.write.setPolicy([
        programId,
        { ...policy, minTcbEvaluationDataNumber: 21 },
      ]);
      assert.equal(await status(), "TCB_EVALUATION_NUMBER_TOO_LOW");
      await reevaluate(world, made, { tcbInfo: 21, qeIdentity: 21 });
      assert.equal(await status(), "TCB_STATUS_NOT_ACCEPTED");
    });

    it("turns it down once the guardian has shortened the clock", async () => {
      const { world } = $;
      await world.attestation.write.shortenClock([21, 0]);
      await refusedWith("TcbEvaluationNumberSuperseded", reevaluate(world, made));
      await reevaluate(world, made, { tcbInfo: 21, qeIdentity: 21 });
      assert.equal(await status(), "TCB_STATUS_NOT_ACCEPTED");
    });
  });

  it("refuses new advisories that the program had refused before they concerned the worker", async () => {
    const { world } = $;
    const advisory = `0x${Buffer.from("INTEL-SA-09999").toString("hex").padEnd(64, "0")}` as const;
    const { programId } = made.request;
    await world.registry.write.refuseAdvisory([programId, advisory]);
    await reevaluate(world, made);
    assert.equal(await status(), "VALID");
    await upload(world, recovery("UpToDate", 20, ["INTEL-SA-09999"]), ["TCB info"]);
    await reevaluate(world, made);
    assert.equal(await status(), "REEVALUATION_NEEDED");
    await refusedWith("AdvisoryNotAccepted", world.register({ identity: made.identity }));
  });

  it("with too little gas changes nothing, or comes to the same", async () => {
    const { world } = $;
    const before = await recordOf();
    let refused = 0;
    for (let gas = 40_000n; gas < 130_000n; gas += 3_000n) {
      const result = await refusal(reevaluate(world, made, { gas })).catch(() => undefined);
      if (result !== undefined) refused++;
      assert.deepEqual(await recordOf(), before);
    }
    assert.ok(refused > 3);
    assert.equal(await status(), "VALID");
  });

  it("keeps a status that is accepted for a while, to the second, from when the chain knew the levels", async () => {
    const { world } = $;
    const programId = await createProgram(world, {
      policy: { graceStatuses: bits(Tcb.OutOfDate), gracePeriod: 3600 },
    });
    made = await world.register({ programId });
    await upload(world, recovery("OutOfDate"), ["TCB info"]);
    await reevaluate(world, made);
    const { tcbInfoSince } = await recordOf();
    await world.at(tcbInfoSince + 3600);
    assert.equal(await status(), "VALID");
    await world.at(tcbInfoSince + 3601);
    assert.equal(await status(), "TCB_GRACE_PERIOD_OVER");
    const args = await refusedWith(
      "WorkerNotAccepted",
      world.register({ programId, identity: made.identity }),
    );
    assert.equal(args[2], 7);
    // The same levels once more, in a newer document, do not begin it anew.
    const { tcbInfo } = recovery("OutOfDate");
    const options = { tcbInfo: { ...tcbInfo, issueDate: tcbInfo.issueDate + 60 } };
    await upload(world, options, ["TCB info"]);
    await reevaluate(world, made);
    assert.equal((await recordOf()).tcbInfoSince, tcbInfoSince);
    assert.equal(await status(), "TCB_GRACE_PERIOD_OVER");
  });
});
