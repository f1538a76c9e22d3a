import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AbstractProvider,
  BrowserProvider,
  JsonRpcProvider,
  Network,
  type PerformActionRequest,
} from "ethers";
import * as client from "../../../sdk/client/index.ts";
import * as ethers from "../../../sdk/ethers/index.ts";
import { OnchainError } from "../../../sdk/tdx/onchain/index.ts";
import { createWorld, type World, withCode } from "../client/support/world.ts";

describe("reads through ethers", () => {
  let world: World;
  let provider: BrowserProvider;

  before(async () => {
    world = await createWorld({ workers: 2 });
    const [, second] = world.workers;
    assert.ok(second);
    await world.revoke(second);
    provider = new BrowserProvider(world.provider, undefined, { cacheTimeout: -1 });
  });
  after(() => provider.destroy());

  it("equal those through viem", async () => {
    const { program, platformId } = world;
    const fmspc = "0x00806f050000";
    const workers = world.workers.map(({ identity }) => ({ ...program, identity }));
    for (const { identity } of workers) {
      const question = { ...program, identity };
      const worker = await client.getWorker(world.client, question);
      assert.ok(worker);
      assert.deepEqual(await ethers.getWorker(provider, question), worker);
      assert.deepEqual(
        await ethers.isWorkerValid(provider, question),
        await client.isWorkerValid(world.client, question),
      );
    }
    assert.deepEqual(
      await ethers.getWorkerStatuses(provider, { ...program, workers }),
      await client.getWorkerStatuses(world.client, { ...program, workers }),
    );
    assert.deepEqual(
      await ethers.getProgram(provider, program),
      await client.getProgram(world.client, program),
    );
    assert.deepEqual(
      await ethers.getApprovals(provider, program),
      await client.getApprovals(world.client, program),
    );
    assert.deepEqual(
      await ethers.getApproval(provider, { ...program, approvalId: 1 }),
      await client.getApproval(world.client, { ...program, approvalId: 1 }),
    );
    assert.deepEqual(
      await ethers.getPlatform(provider, { ...program, platformId }),
      await client.getPlatform(world.client, { ...program, platformId }),
    );
    assert.deepEqual(
      await ethers.getCollateralStatus(provider, { ...program, fmspc }),
      await client.getCollateralStatus(world.client, { ...program, fmspc }),
    );
  });

  it("have a counterpart for every read of the client", () => {
    const reads = Object.keys(client).filter((name) => /^(get|is)[A-Z]/.test(name));
    assert.deepEqual(
      reads.filter((name) => !(name in ethers)),
      [],
    );
  });

  it("work through providers that are not JSON-RPC's", async () => {
    class Plain extends AbstractProvider {
      override async _detectNetwork(): Promise<Network> {
        return Network.from(31337);
      }
      override async _perform<T>(request: PerformActionRequest): Promise<T> {
        const send = (method: string, params: unknown[]) =>
          world.provider.request({ method, params }) as Promise<T>;
        if (request.method === "getBlock") {
          return "blockHash" in request
            ? send("eth_getBlockByHash", [request.blockHash, false])
            : send("eth_getBlockByNumber", [request.blockTag, false]);
        }
        if (request.method !== "call") throw new Error(request.method);
        const { to, data } = request.transaction;
        return send("eth_call", [{ to, data }, request.blockTag]);
      }
    }
    const plain = new Plain(31337, { cacheTimeout: -1 });
    try {
      assert.deepEqual(
        await ethers.getProgram(plain, world.program),
        await client.getProgram(world.client, world.program),
      );
    } finally {
      plain.destroy();
    }
  });

  it("refuse what is stale, and endpoints that disagree", async () => {
    const [worker] = world.workers;
    assert.ok(worker);
    const question = { ...world.program, identity: worker.identity };
    const { blockTimestamp } = await ethers.isWorkerValid(provider, question);
    await assert.rejects(
      ethers.isWorkerValid(provider, { ...question, now: blockTimestamp + 1801 }),
      withCode("STALE_BLOCK"),
    );
    const liar = new BrowserProvider({
      request: async ({ method, params }) =>
        method === "eth_call"
          ? `0x${"03".padStart(64, "0")}`
          : world.provider.request({ method, params: params as unknown[] }),
    });
    try {
      const agree = { providers: [liar] };
      await assert.rejects(
        ethers.isWorkerValid(provider, { ...question, agree }),
        withCode("RPCS_DISAGREE"),
      );
      const some = { providers: [liar, provider], quorum: 2 };
      assert.ok((await ethers.isWorkerValid(provider, { ...question, agree: some })).valid);
    } finally {
      liar.destroy();
    }
  });

  it("decode what a contract refuses", async () => {
    const [, revoked] = world.workers;
    assert.ok(revoked);
    const { encodeFunctionData } = await import("viem");
    const data = encodeFunctionData({
      abi: client.workerRegistryAbi,
      functionName: "requireWorker",
      args: [world.programId, revoked.identity],
    });
    const error: unknown = await provider
      .call({ to: world.address, data })
      .catch((thrown: unknown) => thrown);
    const decoded = ethers.decodeEthersError(error);
    assert.equal(decoded.code, "WORKER_NOT_VALID");
    assert.match(String(decoded.found), /status REVOKED$/);
    const none = `0x${"11".repeat(20)}`;
    await assert.rejects(
      ethers.getProgram(provider, { ...world.program, address: none }),
      withCode("CONTRACT_MISSING"),
    );
    const other = new Error("other");
    assert.throws(() => ethers.decodeEthersError(other), other);
  });
});

describe("an ethers endpoint that fails", () => {
  let server: Server;
  before(async () => {
    server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("is not waited for longer than was asked, nor named by its address", async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-key`;
    const silent = new JsonRpcProvider(url, 1, { staticNetwork: true });
    const question = { address: `0x${"11".repeat(20)}`, programId: `0x${"00".repeat(32)}` };
    const error: unknown = await ethers
      .getProgram(silent, { ...question, timeout: 100 })
      .catch((thrown: unknown) => thrown);
    silent.destroy();
    assert.ok(error instanceof OnchainError);
    assert.equal(error.code, "CHAIN_TIMEOUT");
    assert.ok(!`${error.message} ${JSON.stringify(error)}`.includes("secret-key"));
  });
});
