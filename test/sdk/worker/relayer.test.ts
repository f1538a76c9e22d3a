import assert from "node:assert/strict";
import { encodeFunctionData } from "viem";
import { workerRegistryAbi } from "../../../sdk/client/abi.ts";
import { type RelayerOptions, relayer } from "../../../sdk/worker/index.ts";
import { createWorld, type World } from "../../contracts/registry/support/world.ts";
import { boot, mine, stopAll } from "./support/boot.ts";
import { FakeRelayer, type Received } from "./support/fake-relayer.ts";

describe("registering through a relayer", () => {
  let world: World;
  let server: FakeRelayer;

  before(async () => {
    server = await FakeRelayer.start();
  });
  after(async () => await server.close());
  beforeEach(async () => {
    world = await createWorld();
    await mine(world, 5);
    server.received.length = 0;
  });
  afterEach(stopAll);

  const through = (options: Partial<RelayerOptions> = {}) =>
    relayer({ url: server.url, retryDelay: 1, ...options });

  /** Does what a relayer is for, from the JSON alone. */
  async function bringOnChain({ body }: Received): Promise<void> {
    const { registry, request, evidence, pckCertificate } = JSON.parse(body);
    const data = encodeFunctionData({
      abi: workerRegistryAbi,
      functionName: "register",
      args: [
        { ...request, challengeBlock: BigInt(request.challengeBlock) },
        { ...evidence, leaf: { ...evidence.leaf, serial: BigInt(evidence.leaf.serial) } },
        pckCertificate,
      ],
    });
    await world.send(registry, data, world.guardian);
  }

  it("needs no account: the relayer pays", async () => {
    server.answer = async (received) => {
      if (received.method === "POST") await bringOnChain(received);
      return { status: 202, body: JSON.stringify({ id: "r-1", status: "queued" }) };
    };
    const { worker, until } = boot(world, { submit: through({ apiKey: "k-123" }) });
    await worker.ready;
    assert.equal(await world.statusOf(worker.identity.address), "VALID");
    const submitted = await until("submitted");
    assert.ok(submitted.name === "submitted" && submitted.reference === "r-1");
    const [first] = server.received;
    assert.equal(first?.path, "/base/v1/registrations");
    assert.match(String(first?.headers["idempotency-key"]), /^0x[0-9a-f]{64}$/);
    assert.equal(first?.headers.authorization, "Bearer k-123");
    assert.equal(JSON.parse(first?.body ?? "").chainId, Number(world.chainId));
  });

  it("asks again under the same idempotency key when an answer was lost", async () => {
    let posts = 0;
    server.answer = async (received) => {
      if (received.method !== "POST") return { status: 404 };
      posts++;
      if (posts === 1) {
        await bringOnChain(received);
        return { status: 0, isBroken: true };
      }
      if (posts === 2) return { status: 503 };
      return { status: 202, body: '{"id":"r-1","status":"included"}' };
    };
    const { worker, names } = boot(world, { submit: through() });
    await worker.ready;
    const keys = new Set(server.received.map(({ headers }) => headers["idempotency-key"]));
    assert.equal(posts, 3);
    assert.equal(keys.size, 1);
    assert.equal(names().filter((name) => name === "quoted").length, 1);
  });

  it("looks at the status resource, and gives the reason of a failure", async () => {
    server.answer = ({ method, path }) => {
      if (method === "POST") return { status: 202, body: '{"id":"r-9","status":"queued"}' };
      assert.equal(path, "/base/v1/registrations/r-9");
      return { status: 200, body: '{"id":"r-9","status":"failed","reason":"out of budget"}' };
    };
    const { worker } = boot(world, { submit: through() });
    await assert.rejects(worker.ready, { code: "RELAYER_REFUSED", found: "out of budget" });
  });

  const answers = {
    "a refusal": [{ status: 403, body: "no" }, "RELAYER_REFUSED"],
    "a redirect, which it does not follow": [
      { status: 307, headers: { location: "http://127.0.0.1:1/" } },
      "RELAYER_REFUSED",
    ],
    "no JSON": [{ status: 202, body: "<html>" }, "RELAYER_RESPONSE_INVALID"],
    "a member that stands twice": [
      { status: 202, body: '{"id":"a","id":"b"}' },
      "RELAYER_RESPONSE_INVALID",
    ],
    "an id that is a path": [{ status: 202, body: '{"id":"../x"}' }, "RELAYER_RESPONSE_INVALID"],
    "an endless answer": [
      { status: 202, body: `{"id":"${"x".repeat(70_000)}"}` },
      "RELAYER_RESPONSE_INVALID",
    ],
    "overload, time and again": [{ status: 503 }, "RELAYER_UNREACHABLE"],
    "broken connections": [{ status: 0, isBroken: true }, "RELAYER_UNREACHABLE"],
  } as const;
  for (const [name, [answer, code]] of Object.entries(answers)) {
    it(`refuses ${name}`, async () => {
      server.answer = () => answer;
      const { worker } = boot(world, { submit: through(), retry: { attempts: 2 } });
      await assert.rejects(worker.ready, { code });
      // Three requests a try, when the network is to blame.
      assert.equal(server.received.length, code === "RELAYER_UNREACHABLE" ? 6 : 1);
    });
  }

  it("does not wait for one that never answers", async () => {
    server.answer = () => new Promise(() => undefined);
    const submit = through({ timeout: 20, retries: 0 });
    const { worker } = boot(world, { submit, retry: { attempts: 1 } });
    await assert.rejects(worker.ready, { code: "RELAYER_UNREACHABLE" });
  });

  it("takes no address but http and https, and does not repeat it", () => {
    for (const url of ["ftp://127.0.0.1", "secret words"]) {
      assert.throws(
        () => relayer({ url }),
        (error: { code?: string; message: string }) =>
          error.code === "WORKER_PARAMETER_INVALID" && !error.message.includes(url),
      );
    }
  });
});
