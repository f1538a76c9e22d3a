import assert from "node:assert/strict";
import { parseEventLogs, zeroAddress, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createProgram, GAS, platformIdOf, refusedWith } from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import { policyDefaults, SALT } from "./support/world.ts";

describe("registration", () => {
  const $ = sharedWorld();

  it("registers a worker in one transaction, its PCK certificate included", async () => {
    const { world } = $;
    const { receipt, identity, request, commitment } = await world.register({
      withCertificate: true,
    });
    assert.equal(await world.statusOf(identity.address), "VALID");
    const [event] = parseEventLogs({
      abi: world.registry.abi,
      eventName: "WorkerRegistered",
      logs: receipt.logs,
    });
    assert.ok(event);
    const worker = await world.registry.read.workerOf([world.programId, identity.address]);
    assert.deepEqual(event.args, {
      programId: world.programId,
      identity: identity.address,
      platformId: platformIdOf(world.platform),
      approvalId: 1,
      challengeBlock: Number(request.challengeBlock),
      expiresAt: worker.expiresAt,
      tcbStatus: 1,
      evidenceRoot: zeroHash,
    });
    assert.ok(worker.isRegistered && !worker.isRevoked && worker.septVeDisable);
    assert.equal(worker.challengeBlock, Number(request.challengeBlock));
    assert.equal(worker.platformId, platformIdOf(world.platform));
    assert.notEqual(commitment, zeroHash);
  });

  it("needs the PCK certificate where the chain does not know it", async () => {
    await refusedWith("PckCertificateNotCached", $.world.register());
  });

  it("registers whoever submits it, and takes what the quote says from the quote", async () => {
    const { world } = $;
    const made = await world.registration({ withCertificate: true });
    await world.send(world.registry.address, world.registerData(made), world.guardian);
    assert.equal(await world.statusOf(made.identity.address), "VALID");
  });

  it("attests again without the identity's signature while platform and TCB are the same", async () => {
    const { world } = $;
    const { identity } = await world.register({ withCertificate: true });
    const before = await world.registry.read.workerOf([world.programId, identity.address]);
    const again = await world.register({ identity, signer: null });
    const after = await world.registry.read.workerOf([world.programId, identity.address]);
    assert.equal(after.challengeBlock, Number(again.request.challengeBlock));
    assert.ok(after.challengeBlock > before.challengeBlock);
    assert.ok(after.attestedAt >= before.attestedAt);
    assert.equal(after.evidenceDigest, before.evidenceDigest);
  });

  it("refuses a program that does not exist", async () => {
    const { world } = $;
    const call = world.register({ withCertificate: true, programId: zeroHash });
    await refusedWith("ProgramUnknown", call);
  });

  it("names programs by chain, creator and salt, and refuses the same twice", async () => {
    const { world } = $;
    const [ours, theirs] = await Promise.all(
      [world.owner, world.stranger].map(({ account }) =>
        world.registry.read.programIdOf([account.address, SALT]),
      ),
    );
    assert.equal(ours, world.programId);
    assert.notEqual(theirs, ours);
    const create = world.registry.write.createProgram([SALT, policyDefaults, [], []], {
      account: world.owner.account,
      gas: GAS,
    });
    assert.deepEqual(await refusedWith("ProgramExists", create), [world.programId]);
  });
});

describe("the commitment in the report data", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  const others = {
    role: { role: 2 },
    chain: { chainId: 1n },
    registry: { registry: zeroAddress },
    "transport key": { transportKeyHash: `0x${"11".repeat(32)}` },
    session: { session: `0x${"11".repeat(32)}` },
  } as const;
  for (const [name, options] of Object.entries(others)) {
    it(`refuses a quote for another ${name}`, async () => {
      await refusedWith("ReportDataMismatch", $.world.register(options));
    });
  }

  it("refuses a quote for another identity", async () => {
    const { world } = $;
    const made = await world.registration();
    const other = await world.registration();
    const call = world.send(
      world.registry.address,
      world.registerData({ ...made, request: other.request }),
    );
    await refusedWith("ReportDataMismatch", call);
  });

  it("refuses a quote for another program", async () => {
    const { world } = $;
    const programId = await createProgram(world);
    const made = await world.registration();
    const request = { ...made.request, programId };
    const call = world.send(world.registry.address, world.registerData({ ...made, request }));
    await refusedWith("ReportDataMismatch", call);
  });

  it("takes the other half of the report data as the root over GPU evidence", async () => {
    const { world } = $;
    const evidenceRoot = `0x${"ab".repeat(32)}` as const;
    const { identity } = await world.register({ evidenceRoot });
    const read = () => world.registry.read.workerOf([world.programId, identity.address]);
    assert.equal((await read()).evidenceRoot, evidenceRoot);
    await world.register({ identity, signer: null });
    assert.equal((await read()).evidenceRoot, zeroHash);
  });
});

describe("the identity's signature", () => {
  const $ = sharedWorld(async (world) => {
    await world.register({ withCertificate: true });
  });

  it("is needed for a first registration", async () => {
    const args = await refusedWith("IdentitySignatureInvalid", $.world.register({ signer: null }));
    assert.equal(args[1], zeroAddress);
  });

  it("is refused from another key", async () => {
    const { world } = $;
    const signer = privateKeyToAccount(generatePrivateKey());
    const args = await refusedWith("IdentitySignatureInvalid", world.register({ signer }));
    assert.equal(args[1], signer.address);
  });

  it("is refused when it is over another commitment", async () => {
    const { world } = $;
    const first = await world.registration();
    await world.mine();
    const second = await world.registration({ identity: first.identity });
    const { identitySignature } = first.request;
    const request = { ...second.request, identitySignature };
    const call = world.send(world.registry.address, world.registerData({ ...second, request }));
    await refusedWith("IdentitySignatureInvalid", call);
  });

  it("is needed again when the worker comes from another platform", async () => {
    const { world } = $;
    const other = world.simulator.platform({ label: "moved" });
    const programId = await createProgram(world, {
      platformIds: [platformIdOf(world.platform), platformIdOf(other)],
    });
    const { identity } = await world.register({ programId });
    const moved = { programId, identity, platform: other, withCertificate: true };
    await refusedWith("IdentitySignatureInvalid", world.register({ ...moved, signer: null }));
    await world.register(moved);
    const worker = await world.registry.read.workerOf([programId, identity.address]);
    assert.equal(worker.platformId, platformIdOf(other));
  });

  it("is needed again when the TCB is another", async () => {
    const { world } = $;
    const { identity } = await world.register();
    const quote = { teeTcbSvn: "06010300000000000000000000000000" };
    const call = world.register({ identity, quote, signer: null });
    await refusedWith("IdentitySignatureInvalid", call);
    await world.register({ identity, quote });
    assert.equal(await world.statusOf(identity.address), "VALID");
  });

  it("lets no one register the zero address", async () => {
    const { world } = $;
    const identity = { ...privateKeyToAccount(generatePrivateKey()), address: zeroAddress };
    const call = world.register({ identity, signer: null });
    await refusedWith("IdentitySignatureInvalid", call);
    assert.equal(await world.statusOf(zeroAddress), "WORKER_UNKNOWN");
  });
});
