import assert from "node:assert/strict";
import { zeroHash } from "viem";
import {
  defaultProgramPolicy,
  getApproval,
  getApprovals,
  getCollateralStatus,
  getPlatform,
  getProgram,
  getWorker,
  getWorkerStatuses,
  isWorkerValid,
  setPolicy,
} from "../../../sdk/client/index.ts";
import { createWorld, type World, withCode } from "./support/world.ts";

const STRANGER = `0x${"11".repeat(20)}` as const;

describe("the client's reads", () => {
  let world: World;

  before(async () => {
    world = await createWorld({ workers: 2, policy: { notice: 3600 } });
  });

  it("give a worker as the registry keeps it", async () => {
    const [worker] = world.workers;
    assert.ok(worker);
    const { identity } = worker;
    const record = await getWorker(world.client, { ...world.program, identity });
    assert.ok(record);
    assert.equal(record.status, "VALID");
    assert.equal(record.tcbStatus, "UpToDate");
    assert.equal(record.platformId, world.platformId);
    assert.equal(record.approvalId, 1);
    assert.equal(record.evidenceRoot, null);
    assert.ok(record.expiresAt > record.attestedAt);
    const unknown = await getWorker(world.client, { ...world.program, identity: STRANGER });
    assert.equal(unknown, null);
  });

  it("say why a worker is not valid, one or many", async () => {
    const [one, two] = world.workers;
    assert.ok(one && two);
    await world.revoke(two);
    const { client, programId, address } = world;
    const ask = (identity: `0x${string}`) =>
      isWorkerValid(client, { address, programId, identity });
    assert.deepEqual((await ask(one.identity)).valid, true);
    const revoked = await ask(two.identity);
    assert.deepEqual([revoked.valid, revoked.status], [false, "REVOKED"]);
    const { statuses, blockNumber } = await getWorkerStatuses(client, {
      address,
      workers: [
        { programId, identity: one.identity },
        { programId, identity: two.identity },
        { programId, identity: STRANGER },
        { programId: zeroHash, identity: one.identity },
      ],
    });
    assert.deepEqual(statuses, ["VALID", "REVOKED", "WORKER_UNKNOWN", "PROGRAM_UNKNOWN"]);
    assert.equal(blockNumber, revoked.blockNumber);
    const many = Array.from({ length: 600 }, () => ({ programId, identity: one.identity }));
    const all = await getWorkerStatuses(client, { address, workers: many });
    assert.equal(all.statuses.length, 600);
  });

  it("give a program with what waits to be in force", async () => {
    const { client, owner, program } = world;
    const before = await getProgram(client, program);
    assert.ok(before);
    assert.equal(before.owner.toLowerCase(), owner.account.address.toLowerCase());
    assert.equal(before.approvalCount, 1);
    assert.equal(before.mayDeriveKeys, true);
    assert.equal(before.pendingPolicy, null);
    assert.deepEqual(before.policy.acceptedStatuses, defaultProgramPolicy.acceptedStatuses);
    const wanted = {
      ...before.policy,
      maxAge: 3_000,
      admission: "OPEN",
    } as const;
    await setPolicy(owner, { ...program, policy: wanted });
    const after = await getProgram(client, program);
    assert.equal(after?.policy.maxAge, 3_000, "what narrows is in force at once");
    assert.equal(after.policy.admission, "LIST", "what widens waits");
    assert.deepEqual(after.pendingPolicy?.policy, wanted);
    assert.ok((after.pendingPolicy?.from ?? 0) >= after.blockTimestamp + 3600);
    assert.equal(await getProgram(client, { ...program, programId: zeroHash }), null);
  });

  it("give approvals, platforms and collateral", async () => {
    const { client, program, platformId, address } = world;
    const { approvals, count } = await getApprovals(client, program);
    assert.equal(count, 1);
    const approval = await getApproval(client, { ...program, approvalId: 1 });
    assert.deepEqual(approvals, [approval]);
    assert.equal(approval?.isInForce, true);
    assert.equal(approval.application, "RTMR3");
    assert.equal(await getApproval(client, { ...program, approvalId: 9 }), null);
    const platform = await getPlatform(client, { ...program, platformId });
    assert.deepEqual(
      [platform.isListed, platform.isRevoked, platform.isRevokedForAll],
      [true, false, false],
    );
    const other = await getPlatform(client, { ...program, platformId: zeroHash });
    assert.deepEqual([other.isListed, other.listedFrom], [false, null]);

    const [upload] = world.workers;
    assert.ok(upload);
    const fmspc = "0x00806f050000";
    const status = await getCollateralStatus(client, { address, fmspc });
    assert.equal(status.isIntelRoot, false);
    assert.equal(status.attestation.toLowerCase(), world.attestation.toLowerCase());
    assert.deepEqual(
      status.evaluations.map(({ number }) => number),
      [20],
    );
    assert.equal(status.evaluations[0]?.qeIdentity?.isValid, true);
    assert.ok((status.rootCrl?.validUntil ?? 0) > status.blockTimestamp);
  });

  it("refuse arguments before any request", async () => {
    const { client, address, programId } = world;
    const invalid = withCode("CLIENT_PARAMETER_INVALID");
    const identity = STRANGER;
    await assert.rejects(getWorker(client, { address: "0x12", programId, identity }), invalid);
    await assert.rejects(getWorker(client, { address, programId: "0x12", identity }), invalid);
    await assert.rejects(getApproval(client, { address, programId, approvalId: -1 }), invalid);
    await assert.rejects(getApprovals(client, { address, programId, limit: 0 }), invalid);
    await assert.rejects(getCollateralStatus(client, { address, fmspc: "0x12" }), invalid);
    await assert.rejects(
      isWorkerValid(client, { address: STRANGER, programId, identity }),
      withCode("CONTRACT_MISSING"),
    );
  });
});
