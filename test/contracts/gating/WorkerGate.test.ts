import assert from "node:assert/strict";
import {
  type Address,
  encodeFunctionData,
  getAddress,
  type Hex,
  parseEther,
  parseEventLogs,
  toFunctionSelector,
  toHex,
} from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { callingBackAbi, gateAbi } from "../registry/support/abis.ts";
import { deploy, refusedWith } from "../registry/support/actions.ts";
import { sharedWorld } from "../registry/support/shared-world.ts";
import { carry, noncesOf, type SignedCallOptions, sendAs, signCall } from "./support/worker.ts";

const NAME = "OpenHeartedGate";
const ACT = encodeFunctionData({ abi: gateAbi, functionName: "act" });

describe("WorkerGate", () => {
  let gate: Address;
  let worker: PrivateKeyAccount;
  const $ = sharedWorld(async (world) => {
    ({ identity: worker } = await world.register({ withCertificate: true }));
    gate = await deploy(world, NAME, [world.registry.address, world.programId]);
  });

  const sign = async (data: Hex, options: Partial<SignedCallOptions> = {}) =>
    await signCall($.world, { name: NAME, gate, worker, data, ...options });
  const actedIn = ({ logs }: { readonly logs: Parameters<typeof parseEventLogs>[0]["logs"] }) =>
    parseEventLogs({ abi: gateAbi, eventName: "Acted", logs }).map(({ args }) => args);

  describe("called directly", () => {
    it("lets a valid worker in", async () => {
      const [acted] = actedIn(await sendAs($.world, worker.address, gate, ACT, 5n));
      assert.deepEqual(acted, { worker: worker.address, sender: worker.address, value: 5n });
    });

    it("keeps everyone else out, and says why", async () => {
      const { world } = $;
      const args = await refusedWith("WorkerNotValid", world.send(gate, ACT));
      assert.equal(args[2], 2);
    });

    it("keeps a worker out from the block in which it is revoked", async () => {
      const { world } = $;
      await sendAs(world, worker.address, gate, ACT);
      await world.registry.write.revokeWorker([world.programId, worker.address]);
      const call = sendAs(world, worker.address, gate, ACT);
      const args = await refusedWith("WorkerNotValid", call);
      assert.equal(args[2], 3);
    });

    it("does not take the contract itself for a worker", async () => {
      const data = encodeFunctionData({ abi: gateAbi, functionName: "actBySelfCall" });
      const call = sendAs($.world, worker.address, gate, data);
      await refusedWith("WorkerNotValid", call);
    });
  });

  describe("carrying a signed call", () => {
    it("lets the worker in, with the contract as the sender and without value", async () => {
      const [acted] = actedIn(await carry($.world, gate, await sign(ACT)));
      assert.deepEqual(acted, { worker: worker.address, sender: getAddress(gate), value: 0n });
      assert.equal(await noncesOf($.world, gate, worker.address), 1n);
    });

    it("takes no value along", async () => {
      const { world } = $;
      const { call, signature } = await sign(ACT);
      const data = encodeFunctionData({
        abi: gateAbi,
        functionName: "callAs",
        args: [call, signature],
      });
      const sent = world.owner.sendTransaction({ to: gate, data, value: 1n, gas: 500_000n });
      await assert.rejects(sent);
    });

    it("refuses another signer, another domain and changed calls", async () => {
      const { world } = $;
      const other = privateKeyToAccount(generatePrivateKey());
      const refused = async (call: Promise<unknown>) =>
        await refusedWith("WorkerCallSignatureInvalid", call);
      await refused(carry(world, gate, await sign(ACT, { signer: other })));
      await refused(carry(world, gate, await sign(ACT, { name: "Another" })));
      await refused(carry(world, gate, await sign(ACT, { chainId: 1 })));
      const elsewhere = await deploy(world, NAME, [world.registry.address, world.programId]);
      await refused(carry(world, gate, await sign(ACT, { gate: elsewhere })));
      const made = await sign(ACT);
      for (const change of [
        { data: encodeFunctionData({ abi: gateAbi, functionName: "increase" }) },
        { nonce: 1n },
        { deadline: made.call.deadline + 1n },
        { worker: other.address },
      ]) {
        await refused(carry(world, gate, { ...made, call: { ...made.call, ...change } }));
      }
      await refused(carry(world, gate, { ...made, signature: "0x" }));
    });

    it("refuses the same call twice, and calls out of their order", async () => {
      const { world } = $;
      const first = await sign(ACT);
      const third = await sign(ACT, { nonce: 2n });
      await refusedWith("InvalidAccountNonce", carry(world, gate, third));
      await carry(world, gate, first);
      await refusedWith("InvalidAccountNonce", carry(world, gate, first));
    });

    it("refuses a call after its deadline, to the second", async () => {
      const { world } = $;
      const deadline = BigInt(world.simulator.at + 5000);
      const made = await sign(ACT, { deadline });
      const next = async (seconds: bigint) =>
        await world.provider.request({
          method: "evm_setNextBlockTimestamp",
          params: [toHex(seconds)],
        });
      await next(deadline + 1n);
      await refusedWith("WorkerCallExpired", carry(world, gate, made));
      const again = await sign(ACT, { deadline: deadline + 2n });
      await next(deadline + 2n);
      await carry(world, gate, again);
    });

    it("refuses a worker that is not valid any more, without using its nonce up", async () => {
      const { world } = $;
      const made = await sign(ACT);
      await world.registry.write.revokeWorker([world.programId, worker.address]);
      await refusedWith("WorkerNotValid", carry(world, gate, made));
      assert.equal(await noncesOf(world, gate, worker.address), 0n);
    });

    it("passes on what the called function refuses with, and leaves the nonce to be used", async () => {
      const { world } = $;
      const data = encodeFunctionData({ abi: gateAbi, functionName: "refuse", args: [42n] });
      assert.deepEqual(await refusedWith("Refused", carry(world, gate, await sign(data))), [42n]);
      assert.equal(await noncesOf(world, gate, worker.address), 0n);
    });

    it("refuses a signed call inside a signed call", async () => {
      const { world } = $;
      const inner = await sign(ACT, { nonce: 1n });
      const { call, signature } = inner;
      const data = encodeFunctionData({
        abi: gateAbi,
        functionName: "callAs",
        args: [call, signature],
      });
      await refusedWith("WorkerCallNested", carry(world, gate, await sign(data)));
    });

    it("leaves no worker behind", async () => {
      const { world } = $;
      await carry(world, gate, await sign(ACT));
      const data = encodeFunctionData({ abi: gateAbi, functionName: "actBySelfCall" });
      await refusedWith("WorkerNotValid", world.send(gate, data));
    });
  });

  describe("that calls someone while it carries a signed call", () => {
    const callBack = async (carries: boolean) => {
      const { world } = $;
      const callee = await deploy(world, "CallingBack", [gate, carries]);
      const read = async (functionName: "succeeded" | "reason") =>
        await world.client.readContract({ address: callee, abi: callingBackAbi, functionName });
      const data = encodeFunctionData({
        abi: gateAbi,
        functionName: "actThenCall",
        args: [callee],
      });
      return { callee, read, data };
    };

    it("does not take who is called for the worker", async () => {
      const { world } = $;
      const { read, data } = await callBack(false);
      const acted = actedIn(await carry(world, gate, await sign(data)));
      assert.equal(acted.length, 1);
      assert.equal(await read("succeeded"), false);
      const reason = String(await read("reason"));
      assert.ok(reason.startsWith(toFunctionSelector("WorkerNotValid(bytes32,address,uint8)")));
    });

    it("carries no second call meanwhile, which stays good for later", async () => {
      const { world } = $;
      const { callee, read, data } = await callBack(true);
      const second = await sign(ACT, { nonce: 1n });
      await world.owner.writeContract({
        address: callee,
        abi: callingBackAbi,
        functionName: "prepare",
        args: [second.call, second.signature],
      });
      await carry(world, gate, await sign(data));
      assert.equal(await read("succeeded"), false);
      assert.equal(await read("reason"), toFunctionSelector("WorkerCallNested()"));
      await carry(world, gate, second);
    });
  });

  describe("asked by a stranger to call itself", () => {
    const stranger = privateKeyToAccount(generatePrivateKey());

    it("does not move what it holds", async () => {
      const { world } = $;
      await world.owner.sendTransaction({ to: gate, value: parseEther("1") });
      const data = encodeFunctionData({
        abi: gateAbi,
        functionName: "sweep",
        args: [stranger.address],
      });
      const made = await sign(data, { worker: stranger });
      await refusedWith("WorkerCallUnguarded", carry(world, gate, made));
      assert.equal(await world.client.getBalance({ address: gate }), parseEther("1"));
      // Nor does it for a worker: only what is guarded is carried.
      await refusedWith("WorkerCallUnguarded", carry(world, gate, await sign(data)));
    });

    it("does not take a guard that another call passed for its own", async () => {
      const { world } = $;
      await carry(world, gate, await sign(ACT));
      const data = encodeFunctionData({ abi: gateAbi, functionName: "whoActs" });
      await refusedWith("WorkerCallUnguarded", carry(world, gate, await sign(data)));
    });

    it("keeps a stranger out of what is guarded", async () => {
      const made = await sign(ACT, { worker: stranger });
      await refusedWith("WorkerNotValid", carry($.world, gate, made));
    });
  });
});
