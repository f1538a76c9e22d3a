import assert from "node:assert/strict";
import { toHex, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { ChainsealError } from "../../../sdk/errors.ts";
import { onchainErrors } from "../../../sdk/tdx/onchain/index.ts";
import { createSimulator } from "../../../sdk/tdx/simulator/index.ts";
import {
  configfsTsmProvider,
  createAppCompose,
  detectQuoteProvider,
  dstackProvider,
  measureAppCompose,
  measureCompose,
  type QuoteProvider,
  type RegisterOnBootOptions,
  registerOnBoot,
  relayer,
  replayEventLog,
  type Submitted,
  simulatorProvider,
  WorkerError,
  type WorkerErrorCode,
  workerErrors,
} from "../../../sdk/worker/index.ts";
import { Admission, createWorld, type World } from "../../contracts/registry/support/world.ts";
import { boot, clientThrough, mine, moveTo, stopAll } from "./support/boot.ts";
import { FakeAgent } from "./support/fake-agent.ts";
import { FakeTsm } from "./support/fake-tsm.ts";

const platform = createSimulator({ seed: "registry" }).platform();
const reportData = new Uint8Array(64);
const good = platform.quote({ reportData });
const utf8 = (text: string) => new TextEncoder().encode(text);

let world: World;
let cosigned: World;
let agent: FakeAgent;

const once = { retry: { attempts: 1 } };
const register = (options: Partial<RegisterOnBootOptions>) =>
  boot(world, { ...once, ...options }).worker.ready;

const submitting = (submitted: Partial<Submitted>) => ({
  submit: {
    name: "test",
    submit: async () => ({ reference: "r", findFailure: async () => undefined, ...submitted }),
  },
});

/** A worker whose record is not to be seen under `finalized`; `isDropped`: nor any more at all. */
async function unconfirmed(isDropped: boolean) {
  const before = toHex(await world.client.getBlockNumber());
  let isIncluded = false;
  const client = clientThrough(world, (args, next) => {
    const params = Array.isArray(args.params) ? args.params : [];
    if (params.includes("finalized")) isIncluded = true;
    const isHidden = params.includes("finalized") || (isDropped && isIncluded);
    const isHiddenCall = isHidden && args.method === "eth_call";
    return next(isHiddenCall ? { ...args, params: [params[0], before] } : args);
  });
  return register({ client, limits: { confirmation: 1 } });
}

const agentSays = (answer: (typeof agent)["answer"], timeout = 1000) => {
  agent.answer = answer;
  return dstackProvider({ socketPath: agent.socketPath, timeout }).getQuote(reportData);
};

const refusedBy = (status: number, body = "{}") =>
  register({
    submit: relayer({
      url: "http://127.0.0.1:1",
      retries: 0,
      fetch: async () => new Response(body, { status }),
    }),
  });

/** One case for each code of the table. */
const provoke: Record<WorkerErrorCode, () => unknown> = {
  WORKER_PARAMETER_INVALID: () => simulatorProvider({ platform }).getQuote(new Uint8Array(1)),
  QUOTE_PROVIDER_MISSING: () =>
    detectQuoteProvider({ tsmFolder: "/no/a", dstackSocket: "/no/b", legacySocket: "/no/c" }),
  QUOTE_PROVIDER_UNSUPPORTED: () => {
    const files = new FakeTsm(() => good);
    files.provider = "sev_guest\n";
    return configfsTsmProvider({ files }).getQuote(reportData);
  },
  QUOTE_PROVIDER_FAILED: () => agentSays((response) => response.destroy()),
  QUOTE_PROVIDER_BUSY: () => {
    const files = new FakeTsm(() => good);
    files.before = (call) => {
      if (call === "read outblob") throw Object.assign(new Error(), { code: "EBUSY" });
    };
    return configfsTsmProvider({ files, retry: { attempts: 1 } }).getQuote(reportData);
  },
  QUOTE_PROVIDER_TIMEOUT: () => agentSays(() => undefined, 5),
  QUOTE_PROVIDER_RESPONSE_INVALID: () => agentSays((response) => response.end("no JSON")),
  QUOTE_REPORT_DATA_MISMATCH: () =>
    register({ provider: fixed(platform.quote({ reportData: new Uint8Array(64).fill(1) })) }),
  COLLATERAL_NUMBER_MISSING: () =>
    register({
      provider: simulatorProvider({
        platform: createSimulator({ seed: "registry" }).platform({ fmspc: "00906ed50000" }),
      }),
    }),
  RENEWAL_NOT_LONGER: async () => {
    const { expiresAt } = await register({});
    await stopAll();
    await moveTo(world, expiresAt - 7200);
    const { worker, timing, until } = boot(world, {
      identity: privateKeyToAccount(generatePrivateKey()),
    });
    await worker.ready;
    await timing.asleep();
    await moveTo(world, expiresAt - 60);
    await timing.pass();
    const failed = await until("renewal-failed");
    if (failed.name === "renewal-failed") throw failed.error;
  },
  CHALLENGE_NOT_YET: async () => {
    const client = clientThrough(world, (args, next) =>
      args.method === "eth_blockNumber" ? Promise.resolve("0x0") : next(args),
    );
    await register({ client });
  },
  COSIGNATURE_MISSING: () => boot(cosigned, once).worker.ready,
  REGISTRATION_REFUSED: () => register({ approvalId: 9 }),
  REGISTRATION_DEFERRED: () =>
    register({
      provider: simulatorProvider({ platform: world.simulator.platform({ label: "unlisted" }) }),
    }),
  REGISTRATION_NOT_INCLUDED: () => register({ ...submitting({}), limits: { inclusion: 1 } }),
  REGISTRATION_REVERTED: async () => {
    const { provider } = world;
    await provider.request({ method: "evm_setAutomine", params: [false] });
    try {
      // The registry takes it now, and not any more once the approval is withdrawn in its block.
      const sent = boot(world, once);
      await sent.until("submitted");
      await withdrawFirst();
      await provider.request({ method: "evm_mine", params: [] });
      await sent.worker.ready;
    } finally {
      await provider.request({ method: "evm_setAutomine", params: [true] });
    }
  },
  REGISTRATION_DROPPED: () => unconfirmed(true),
  REGISTRATION_NOT_FINAL: () => unconfirmed(false),
  WORKER_STOPPED: () => register({ signal: AbortSignal.abort() }),
  RELAYER_UNREACHABLE: () => refusedBy(503),
  RELAYER_REFUSED: () => refusedBy(403),
  RELAYER_RESPONSE_INVALID: () => refusedBy(202, "no JSON"),
  COMPOSE_MALFORMED: () => measureCompose(utf8("- no mapping"), "app"),
  COMPOSE_TOO_LARGE: () => measureAppCompose(new Uint8Array(300_000)),
  IMAGE_NOT_PINNED: () =>
    measureAppCompose(createAppCompose({ compose: "services: {a: {image: b}}", name: "app" })),
  EVENT_LOG_MALFORMED: () => replayEventLog(good, "{}"),
  EVENT_LOG_MISMATCH: () => replayEventLog(good, "[]"),
};

function fixed(quote: Uint8Array): QuoteProvider {
  return simulatorProvider({ platform: { quote: () => quote } });
}

/** A transaction of the owner's that stands before the others in the next block. */
async function withdrawFirst(): Promise<void> {
  const { owner, registry, programId } = world;
  await owner.writeContract({
    abi: registry.abi,
    address: registry.address,
    functionName: "withdraw",
    args: [programId, 1],
    gas: 200_000n,
    maxFeePerGas: 10n ** 12n,
    maxPriorityFeePerGas: 10n ** 11n,
  } as never);
}

describe("every error code of sdk/worker", () => {
  before(async () => {
    agent = await FakeAgent.start();
  });
  beforeEach(async () => {
    world = await createWorld();
    await mine(world, 5);
  });
  afterEach(stopAll);
  after(async () => await agent.close());

  for (const [code, run] of Object.entries(provoke)) {
    it(code, async () => {
      if (code === "COSIGNATURE_MISSING") {
        cosigned = await createWorld({ policy: { admission: Admission.COSIGN } });
        await mine(cosigned, 5);
      }
      const error = await Promise.resolve()
        .then(run)
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      assert.ok(error instanceof WorkerError && error instanceof ChainsealError, String(error));
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.startsWith(workerErrors[error.code].summary));
    });
  }

  it("means something else than the codes of the chain", () => {
    assert.deepEqual(
      Object.keys(workerErrors).filter((code) => Object.hasOwn(onchainErrors, code)),
      [],
    );
  });
});

describe("the options of registerOnBoot", () => {
  before(async () => {
    world = await createWorld();
    await mine(world, 5);
  });
  afterEach(stopAll);

  const wrong: Record<string, Partial<RegisterOnBootOptions>> = {
    registry: { registry: "0x12" },
    programId: { programId: "0x12" },
    approvalId: { approvalId: 0 },
    "limits.quote": { limits: { quote: 0 } },
    "limits.check": { limits: { check: 2 ** 31 } },
    "retry.attempts": { retry: { attempts: 0 } },
    "retry.firstDelay": { retry: { firstDelay: Number.NaN } },
    "renewal.margin": { renewal: { margin: -1 } },
    "renewal.jitter": { renewal: { jitter: Number.POSITIVE_INFINITY } },
  };
  for (const [subject, options] of Object.entries(wrong)) {
    it(`refuse ${subject} that cannot be meant`, () => {
      assert.throws(
        () =>
          registerOnBoot({
            client: world.client,
            registry: world.registry.address,
            programId: zeroHash,
            approvalId: 1,
            provider: simulatorProvider({ platform }),
            ...submitting({}),
            ...options,
          }),
        { code: "WORKER_PARAMETER_INVALID", subject },
      );
    });
  }

  it("refuse a challenge so deep that it might be too old on arrival", async () => {
    for (const challengeDepth of [0, 129, 1.5]) {
      await assert.rejects(register({ challengeDepth }), {
        code: "WORKER_PARAMETER_INVALID",
        subject: "challengeDepth",
      });
    }
  });

  it("refuse a root of evidence that is none", async () => {
    await assert.rejects(register({ evidenceRoot: async () => "0x12" }), {
      subject: "evidenceRoot",
    });
  });

  it("take a root of evidence, which the record then has", async () => {
    const root = `0x${"77".repeat(32)}` as const;
    const { worker } = boot(world, { evidenceRoot: async () => root });
    await worker.ready;
    const record = await world.registry.read.workerOf([world.programId, worker.identity.address]);
    assert.equal(record.evidenceRoot, root);
  });
});
