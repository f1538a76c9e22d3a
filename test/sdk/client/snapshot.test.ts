import assert from "node:assert/strict";
import { createPublicClient, custom, type EIP1193RequestFn, type Hex } from "viem";
import { isWorkerValid } from "../../../sdk/client/index.ts";
import { createWorld, type World, withCode } from "./support/world.ts";

describe("a read's block", () => {
  let world: World;
  let question: { address: Hex; programId: Hex; identity: Hex };

  before(async () => {
    world = await createWorld();
    const [worker] = world.workers;
    assert.ok(worker);
    question = { ...world.program, identity: worker.identity };
  });

  /** An endpoint that answers some requests in its own way. */
  const endpoint = (change: (method: string, answer: unknown) => unknown) =>
    createPublicClient({
      transport: custom(
        {
          request: (async ({ method, params }: { method: string; params?: unknown[] }) =>
            change(
              method,
              await world.provider.request(params === undefined ? { method } : { method, params }),
            )) as EIP1193RequestFn,
        },
        { retryCount: 0 },
      ),
    });
  const honest = () => endpoint((_method, answer) => answer);
  /** Says that every worker is valid, or is not. */
  const liar = (status: number) =>
    endpoint((method, answer) =>
      method === "eth_call" ? `0x${status.toString(16).padStart(64, "0")}` : answer,
    );
  const silent = () =>
    endpoint(() => {
      throw new Error("no answer");
    });

  it("is the finalised one, and the answer says which", async () => {
    const { blockNumber, blockHash, blockTimestamp } = await isWorkerValid(world.client, question);
    const block = await world.client.getBlock({ blockTag: "finalized" });
    assert.equal(blockNumber, block.number);
    assert.equal(blockHash, block.hash);
    assert.equal(blockTimestamp, Number(block.timestamp));
  });

  it("may be one of the past", async () => {
    const before = await isWorkerValid(world.client, { ...question, blockNumber: 1n }).catch(
      (error: { code: string }) => error.code,
    );
    assert.equal(before, "CONTRACT_MISSING");
    await assert.rejects(
      isWorkerValid(world.client, { ...question, blockNumber: 1_000_000n }),
      withCode("BLOCK_UNKNOWN"),
    );
  });

  it("is refused when it is stale", async () => {
    const { blockTimestamp } = await isWorkerValid(world.client, question);
    const at = (now: number, maxStaleness?: number) =>
      isWorkerValid(world.client, {
        ...question,
        now,
        ...(maxStaleness === undefined ? {} : { maxStaleness }),
      });
    await at(blockTimestamp + 1800);
    await assert.rejects(at(blockTimestamp + 1801), withCode("STALE_BLOCK"));
    await at(blockTimestamp + 1801, 2000);
    await assert.rejects(at(blockTimestamp + 11, 10), withCode("STALE_BLOCK"));
    await assert.rejects(at(blockTimestamp, -1), withCode("CLIENT_PARAMETER_INVALID"));
    await assert.rejects(at(blockTimestamp, Number.NaN), withCode("CLIENT_PARAMETER_INVALID"));
    await assert.rejects(
      isWorkerValid(world.client, {
        ...question,
        blockNumber: 5n,
        maxStaleness: 1,
        now: blockTimestamp + 1_000,
      }),
      withCode("STALE_BLOCK"),
    );
  });

  it("needs several endpoints to agree where that is asked for", async () => {
    const ask = (clients: ReturnType<typeof honest>[], quorum?: number) =>
      isWorkerValid(world.client, {
        ...question,
        agree: { clients, ...(quorum === undefined ? {} : { quorum }) },
      });
    assert.equal((await ask([honest(), honest()])).status, "VALID");
    await assert.rejects(ask([honest(), liar(3)]), withCode("RPCS_DISAGREE"));
    assert.equal((await ask([honest(), liar(3)], 2)).status, "VALID");
    await assert.rejects(ask([honest(), silent()]), withCode("RPCS_DISAGREE"));
    assert.equal((await ask([honest(), silent()], 2)).status, "VALID");
    await assert.rejects(ask([liar(3), liar(4)], 2), withCode("RPCS_DISAGREE"));
    // Two of four could be two answers.
    await assert.rejects(
      ask([honest(), honest(), honest()], 2),
      withCode("CLIENT_PARAMETER_INVALID"),
    );
  });

  it("is not taken from an endpoint that invents it", async () => {
    let invented: object = {};
    const inventor = endpoint((method, answer) => {
      if (method === "eth_getBlockByHash") return invented;
      if (method !== "eth_getBlockByNumber") return answer;
      invented = { ...(answer as object), hash: `0x${"ab".repeat(32)}` };
      return invented;
    });
    const asked = isWorkerValid(inventor, {
      ...question,
      agree: { clients: [honest(), honest()], quorum: 2 },
    });
    await assert.rejects(asked, withCode("RPCS_DISAGREE"));
    const late = endpoint((method, answer) =>
      method === "eth_getBlockByNumber"
        ? { ...(answer as object), timestamp: "0xffffffff" }
        : answer,
    );
    const fresh = isWorkerValid(late, { ...question, agree: { clients: [honest(), honest()] } });
    await assert.rejects(fresh, withCode("RPCS_DISAGREE"));
  });
});
