import assert from "node:assert/strict";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { simulatorProvider, WorkerError } from "../../../sdk/worker/index.ts";
import { createWorld, type World } from "../../contracts/registry/support/world.ts";
import { boot, IDENTITY_KEY, mine, moveTo, stopAll } from "./support/boot.ts";
import { ManualTiming } from "./support/manual-timing.ts";

const fresh = () => privateKeyToAccount(generatePrivateKey());

async function failureOf(promise: Promise<unknown>): Promise<WorkerError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof WorkerError, String(error));
    return error;
  }
  assert.fail("it went well");
}

describe("registerOnBoot", () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld();
    await mine(world, 5);
  });
  afterEach(stopAll);

  it("registers a machine that the chain has never seen, step by step", async () => {
    const { worker, names, lines } = boot(world);
    const { validUntil, attestedAt } = await worker.ready;
    assert.equal(await world.statusOf(worker.identity.address), "VALID");
    assert.equal(validUntil, attestedAt + 24 * 3600);
    assert.equal(worker.state, "registered");
    assert.deepEqual(names().slice(0, 6), [
      "keys-made",
      "challenge-chosen",
      "quoted",
      "submitted",
      "included",
      "registered",
    ]);
    assert.deepEqual(
      lines.map(({ event }) => event),
      names(),
    );
    assert.ok(lines.every(({ identity }) => identity === worker.identity.address));
    await worker.stop();
    assert.equal(worker.state, "stopped");
    assert.equal(names().at(-1), "stopped");
  });

  it("makes a key of its own, which signs as the worker", async () => {
    const first = boot(world, { identity: undefined as never });
    const second = boot(world, { identity: undefined as never });
    assert.notEqual(first.worker.identity.address, second.worker.identity.address);
    await first.worker.ready;
    assert.equal(await world.statusOf(first.worker.identity.address), "VALID");
  });

  it("shows the identity's key in no event and no line", async () => {
    const { worker, lines, timing } = boot(world);
    const { validUntil } = await worker.ready;
    await timing.asleep();
    await moveTo(world, validUntil - 100);
    await worker.renewNow();
    await world.registry.write.revokeWorker([world.programId, worker.identity.address]);
    await assert.rejects(worker.renewNow());
    const heard: unknown[] = [...lines];
    for await (const event of worker.events()) heard.push(event);
    assert.ok(heard.length > 20);
    const digits = IDENTITY_KEY.slice(2);
    const bytes = [...hexToBytes(IDENTITY_KEY)].join(",");
    const output = [
      JSON.stringify(heard, (_, value: unknown) =>
        typeof value === "bigint" ? `${value}` : value,
      ),
      ...Object.keys(worker),
      JSON.stringify(worker.identity, (_, value: unknown) => value),
    ].join("\n");
    assert.ok(!output.toLowerCase().includes(digits));
    assert.ok(!output.includes(BigInt(IDENTITY_KEY).toString()));
    assert.ok(!output.includes(bytes));
  });

  it("renews before the registration ends, when the chain's clock says so", async () => {
    const { worker, timing, until } = boot(world);
    const first = await worker.ready;
    const scheduled = await until("renewal-scheduled");
    assert.ok(scheduled.name === "renewal-scheduled");
    // A third of a day is more than the six hours that are the most; half of the jitter of an hour.
    assert.equal(scheduled.at, first.validUntil - 6 * 3600 - 1800);
    await timing.asleep();
    await moveTo(world, scheduled.at + 1);
    await timing.pass();
    const event = await until("renewed");
    assert.ok(event.name === "renewed");
    assert.ok(event.registration.challengeBlock > first.challengeBlock);
    assert.ok(event.registration.validUntil > first.validUntil);
    assert.equal(await world.statusOf(worker.identity.address), "VALID");
  });

  it("does not renew while nothing is due, however often it looks", async () => {
    const { worker, timing, names } = boot(world);
    await worker.ready;
    for (let i = 0; i < 5; i++) assert.equal(await timing.pass(), 600_000);
    await timing.asleep();
    assert.ok(!names().includes("renewal-started"));
    assert.equal(worker.state, "registered");
  });

  it("spends no gas on a renewal that would not last longer", async () => {
    const { worker: earlier } = boot(world, { identity: fresh() });
    const { expiresAt } = await earlier.ready;
    await stopAll();
    // From here on collateral ends sooner than the program's maximum age.
    await moveTo(world, expiresAt - 7200);
    const { worker, timing, until, happened } = boot(world);
    const { validUntil } = await worker.ready;
    assert.equal(validUntil, expiresAt);
    await timing.asleep();
    await moveTo(world, expiresAt - 60);
    await timing.pass();
    const failed = await until("renewal-failed");
    assert.ok(failed.name === "renewal-failed");
    assert.equal(failed.error.code, "RENEWAL_NOT_LONGER");
    assert.equal(happened.filter(({ name }) => name === "submitted").length, 1);
    // Nor on one without collateral, and it goes on looking.
    await moveTo(world, expiresAt + 60);
    await timing.pass();
    const lapsed = await until("renewal-failed", 2);
    assert.ok(lapsed.name === "renewal-failed");
    assert.equal(lapsed.error.code, "COLLATERAL_NUMBER_MISSING");
    assert.equal(worker.state, "renewing");
  });

  it("renews at once when asked to", async () => {
    const { worker, until, timing } = boot(world);
    const first = await worker.ready;
    await timing.asleep();
    await mine(world, 5);
    const second = await worker.renewNow();
    assert.ok(second.challengeBlock > first.challengeBlock);
    const started = await until("renewal-started");
    assert.ok(started.name === "renewal-started" && started.reason === "asked for");
  });

  it("waits for a block when the last challenge is too near", async () => {
    const { worker, timing, until } = boot(world, { identity: fresh(), challengeDepth: 1 });
    await worker.ready;
    await timing.asleep();
    const { challengeBlock } = worker.registration ?? assert.fail();
    // Nothing was mined but the registration itself, one block after the challenge's successor.
    const renewed = await worker.renewNow();
    assert.ok(renewed.challengeBlock > challengeBlock);
    const chosen = await until("challenge-chosen", 2);
    assert.ok(chosen.name === "challenge-chosen");
    assert.equal(chosen.challenge.number, renewed.challengeBlock);
  });

  it("brings the certificate along once only", async () => {
    const sent: string[] = [];
    const submit = {
      name: "watched",
      submit: async (registration: { pckCertificate: string }) => {
        sent.push(registration.pckCertificate);
        throw new WorkerError("RELAYER_REFUSED");
      },
    };
    const unseen = boot(world, { submit, identity: fresh() });
    await failureOf(unseen.worker.ready);
    await boot(world, { identity: fresh() }).worker.ready;
    const seen = boot(world, { submit, identity: fresh() });
    await failureOf(seen.worker.ready);
    assert.equal(sent.length, 2);
    assert.ok((sent[0]?.length ?? 0) > 1000);
    assert.equal(sent[1], "0x");
  });

  describe("refused for good, says the registry's own reason and stops", () => {
    const cases = {
      ApprovalUnknown: () => ({ approvalId: 7 }),
      MeasurementsNotApproved: () => ({
        provider: simulatorProvider({ platform: world.platform, td: { rtmr3: "01".repeat(48) } }),
      }),
      DebugTd: () => ({
        provider: simulatorProvider({
          platform: world.platform,
          td: { tdAttributes: "0100001000000000" },
        }),
      }),
    };
    for (const [reason, options] of Object.entries(cases)) {
      it(reason, async () => {
        const { worker, names } = boot(world, options());
        const error = await failureOf(worker.ready);
        assert.equal(error.code, "REGISTRATION_REFUSED");
        assert.equal(error.subject, reason);
        assert.equal(worker.state, "failed");
        assert.equal(names().at(-1), "failed");
        assert.ok(!names().includes("retrying"));
        assert.equal((await failureOf(worker.renewNow())).code, "WORKER_STOPPED");
      });
    }

    it("ApprovalIsWithdrawn, found while it was registered", async () => {
      const { worker, timing, until } = boot(world);
      await worker.ready;
      await timing.asleep();
      await world.registry.write.withdraw([world.programId, 1]);
      await timing.pass();
      const started = await until("renewal-started");
      assert.ok(started.name === "renewal-started");
      assert.equal(started.reason, "APPROVAL_WITHDRAWN");
      const failed = await until("failed");
      assert.ok(failed.name === "failed");
      assert.equal(failed.error.subject, "ApprovalIsWithdrawn");
    });

    it("WorkerIsRevoked, found while it was registered", async () => {
      const { worker, timing, until } = boot(world);
      await worker.ready;
      await timing.asleep();
      await world.registry.write.revokeWorker([world.programId, worker.identity.address]);
      await timing.pass();
      const failed = await until("failed");
      assert.ok(failed.name === "failed");
      assert.equal(failed.error.subject, "WorkerIsRevoked");
      assert.equal(worker.state, "failed");
    });
  });

  describe("a refusal that may pass", () => {
    it("is tried again, with growing waits, so often and no more", async () => {
      const platform = world.simulator.platform({ label: "another" });
      const { worker, timing, happened } = boot(world, {
        provider: simulatorProvider({ platform }),
        retry: { attempts: 4, firstDelay: 1000, maxDelay: 3000 },
      });
      const error = await failureOf(worker.ready);
      assert.equal(error.code, "REGISTRATION_DEFERRED");
      assert.equal(error.subject, "PlatformNotAdmitted");
      const retries = happened.filter((event) => event.name === "retrying");
      assert.deepEqual(
        retries.map(({ failures }) => failures),
        [1, 2, 3],
      );
      assert.deepEqual(timing.waits, [750, 1500, 2250]);
    });

    it("passes when the owner lists the machine meanwhile", async () => {
      const platform = world.simulator.platform({ label: "another" });
      const manual = new ManualTiming();
      const { worker } = boot(world, {
        provider: simulatorProvider({ platform }),
        retry: { attempts: 100 },
        timing: {
          async sleep(milliseconds, signal) {
            await world.at(Number((await world.client.getBlock()).timestamp) + 4000);
            await manual.sleep(milliseconds, signal);
          },
        },
      });
      const { platformId } = (await world.registration({ platform })).evidence.leaf;
      await world.registry.write.listPlatforms([world.programId, [platformId]]);
      await worker.ready;
      assert.equal(await world.statusOf(worker.identity.address), "VALID");
    });
  });
});
