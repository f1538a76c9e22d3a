import assert from "node:assert/strict";
import { HttpRequestError } from "viem";
import { admitTypes, registryDomain } from "../../../sdk/client/typed-data.ts";
import { type AdmitRequest, WorkerError } from "../../../sdk/worker/index.ts";
import { Admission, createWorld, type World } from "../../contracts/registry/support/world.ts";
import { boot, clientThrough, mine, stopAll } from "./support/boot.ts";

/** Whether a request asks for the state that is named so. */
const asksAt = ({ params }: { params?: unknown }, tag: string) =>
  Array.isArray(params) && params.includes(tag);

const unreachable = () => new HttpRequestError({ url: "http://user:secret@127.0.0.1:1" });

describe("a worker on a chain that", () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld();
    await mine(world, 5);
  });
  afterEach(stopAll);

  it("finalises later: it is registered when that has happened, not before", async () => {
    let isFinal = false;
    let looks = 0;
    const client = clientThrough(world, async (args, next) => {
      if (asksAt(args, "finalized") && !isFinal) {
        looks++;
        // What geth says before the first epoch is final, then a state without the record.
        if (looks < 3)
          throw Object.assign(new Error("finalized block not found"), { code: -32000 });
        return next({ ...args, params: [(args.params as unknown[])[0], "0x1"] });
      }
      return next(args);
    });
    const { worker, until, names } = boot(world, { client });
    await until("included");
    while (looks < 6) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(worker.state, "registering");
    assert.ok(!names().includes("registered"));
    isFinal = true;
    await worker.ready;
    assert.equal(names().filter((name) => name === "submitted").length, 1);
  });

  it("never finalises: it says so after its limit", async () => {
    const client = clientThrough(world, (args, next) =>
      next(
        asksAt(args, "finalized")
          ? { ...args, params: [(args.params as unknown[])[0], "0x1"] }
          : args,
      ),
    );
    const { worker, timing } = boot(world, {
      client,
      retry: { attempts: 1 },
      limits: { polling: 1000, confirmation: 10_000 },
    });
    await assert.rejects(
      worker.ready,
      (error) => error instanceof WorkerError && error.code === "REGISTRATION_NOT_FINAL",
    );
    assert.equal(timing.waits.length, 10);
  });

  it("counts the newest state for whoever chooses that", async () => {
    const { worker } = boot(world, { confirmation: "latest" });
    await worker.ready;
    assert.equal(await world.statusOf(worker.identity.address), "VALID");
  });

  it("reorganises the registration away: it is made again under another challenge", async () => {
    const before = await world.provider.request({ method: "evm_snapshot", params: [] });
    let isDropped = false;
    const client = clientThrough(world, async (args, next) => {
      if (!asksAt(args, "finalized")) return next(args);
      if (!isDropped) {
        isDropped = true;
        await world.provider.request({ method: "evm_revert", params: [before] } as never);
        // The chain goes on without it, with other blocks.
        await mine(world, 7);
        return next({ ...args, params: [(args.params as unknown[])[0], "0x1"] });
      }
      return next(args);
    });
    const { worker, names, happened } = boot(world, { client });
    await worker.ready;
    assert.equal(await world.statusOf(worker.identity.address), "VALID");
    assert.equal(names().filter((name) => name === "submitted").length, 2);
    const retry = happened.find((event) => event.name === "retrying");
    assert.ok(retry?.name === "retrying");
    assert.equal(retry.error.code, "REGISTRATION_DROPPED");
  });

  it("reorganises it away after it counted: the next look finds that", async () => {
    const before = await world.provider.request({ method: "evm_snapshot", params: [] });
    const { worker, timing, until } = boot(world, { confirmation: "latest" });
    await worker.ready;
    await timing.asleep();
    await world.provider.request({ method: "evm_revert", params: [before] } as never);
    await mine(world, 7);
    assert.equal(await world.statusOf(worker.identity.address), "WORKER_UNKNOWN");
    await timing.pass();
    const started = await until("renewal-started");
    assert.ok(started.name === "renewal-started" && started.reason === "WORKER_UNKNOWN");
    await until("renewed");
    assert.equal(await world.statusOf(worker.identity.address), "VALID");
  });

  it("cannot be reached for a while: it is asked again, and its address is not told", async () => {
    let failures = 0;
    const client = clientThrough(world, (args, next) => {
      if (failures++ < 3) throw unreachable();
      return next(args);
    });
    const { worker, lines, names } = boot(world, { client });
    await worker.ready;
    assert.ok(names().includes("retrying"));
    assert.ok(!JSON.stringify(lines).includes("secret"));
  });

  it("cannot be reached at all: it gives up after its tries", async () => {
    const client = clientThrough(world, () => Promise.reject(unreachable()));
    const { worker, timing } = boot(world, { client, retry: { attempts: 3 } });
    await assert.rejects(worker.ready, { code: "CHAIN_UNREACHABLE" });
    assert.equal(timing.waits.length, 2);
    assert.equal(worker.state, "failed");
  });

  it("has no contract at the address: it stops at once", async () => {
    const { worker, timing } = boot(world, { registry: world.stranger.account.address });
    await assert.rejects(worker.ready, { code: "CONTRACT_MISSING" });
    assert.equal(timing.waits.length, 0);
  });

  it("fails the transaction after all: it is sent again", async () => {
    const sent: string[] = [];
    const submit = {
      name: "failing once",
      async submit(registration: Parameters<World["registerData"]>[0] | object) {
        sent.push("one");
        if (sent.length > 1) {
          const { request, evidence, pckCertificate } = registration as never;
          await world.registry.write.register([request, evidence, pckCertificate]);
        }
        return {
          reference: `${sent.length}`,
          findFailure: async () => new WorkerError("REGISTRATION_REVERTED"),
        };
      },
    };
    const { worker, happened } = boot(world, { submit });
    await worker.ready;
    const retry = happened.find((event) => event.name === "retrying");
    assert.ok(retry?.name === "retrying" && retry.error.code === "REGISTRATION_REVERTED");
  });

  it("does not include it: it says so after its limit", async () => {
    const submit = {
      name: "nowhere",
      submit: async () => ({ reference: "lost", findFailure: async () => undefined }),
    };
    const { worker } = boot(world, { submit, retry: { attempts: 2 } });
    await assert.rejects(worker.ready, { code: "REGISTRATION_NOT_INCLUDED" });
  });
});

describe("a worker of a program that cosigns", () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld({ policy: { admission: Admission.COSIGN } });
    await mine(world, 5);
  });
  afterEach(stopAll);

  const signed = async (request: AdmitRequest) => {
    const { programId, identity, platformId, challengeBlock } = request;
    return world.owner.signTypedData({
      domain: registryDomain(request),
      types: admitTypes,
      primaryType: "Admit",
      message: { programId, identity, platformId, challengeBlock },
    });
  };

  it("gets the owner's signature for its first registration, and needs none to renew", async () => {
    let asked = 0;
    const cosign = (request: AdmitRequest) => {
      asked++;
      return signed(request);
    };
    const { worker, timing } = boot(world, { cosign });
    await worker.ready;
    assert.equal(await world.statusOf(worker.identity.address), "VALID");
    await timing.asleep();
    await mine(world, 5);
    await worker.renewNow();
    assert.equal(asked, 1);
  });

  it("stops when there is nobody to ask, or when the signature is not the owner's", async () => {
    await assert.rejects(boot(world).worker.ready, { code: "COSIGNATURE_MISSING" });
    const cosign = (request: AdmitRequest) => signed({ ...request, challengeBlock: 1n });
    await assert.rejects(boot(world, { cosign }).worker.ready, {
      code: "REGISTRATION_REFUSED",
      subject: "OwnerSignatureInvalid",
    });
  });
});
