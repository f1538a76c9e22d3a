import assert from "node:assert/strict";
import { type Address, encodeFunctionData, type Hex, parseEther, zeroHash } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { escrowAbi, marketAbi } from "../registry/support/abis.ts";
import { createProgram, deploy, refusedWith } from "../registry/support/actions.ts";
import { sharedWorld } from "../registry/support/shared-world.ts";
import { carry, sendAs, signCall } from "./support/worker.ts";

describe("JobMarket", () => {
  let market: Address;
  let worker: PrivateKeyAccount;
  let other: PrivateKeyAccount;
  const $ = sharedWorld(async (world) => {
    ({ identity: worker } = await world.register({ withCertificate: true }));
    ({ identity: other } = await world.register());
    market = await deploy(world, "JobMarket", [world.registry.address]);
    await post(world.programId);
  });

  async function post(programId: Hex) {
    const data = encodeFunctionData({
      abi: marketAbi,
      functionName: "post",
      args: [programId, "0x01"],
    });
    await $.world.send(market, data, $.world.stranger);
  }
  const take = (jobId = 0n) =>
    encodeFunctionData({ abi: marketAbi, functionName: "take", args: [jobId] });
  const answer = (jobId = 0n) =>
    encodeFunctionData({ abi: marketAbi, functionName: "answer", args: [jobId, "0x02"] });
  const jobOf = async (jobId = 0n) =>
    await $.world.client.readContract({
      address: market,
      abi: marketAbi,
      functionName: "jobOf",
      args: [jobId],
    });
  const carried = async (data: Hex, account: PrivateKeyAccount) =>
    await carry(
      $.world,
      market,
      await signCall($.world, { name: "JobMarket", gate: market, worker: account, data }),
    );

  it("lets a worker of the job's program take and answer it", async () => {
    await sendAs($.world, worker.address, market, take());
    await sendAs($.world, worker.address, market, answer());
    const job = await jobOf();
    assert.deepEqual([job.taker, job.isAnswered], [worker.address, true]);
  });

  it("lets a worker that holds nothing do so by signed calls", async () => {
    await carried(take(), worker);
    await carried(answer(), worker);
    assert.equal((await jobOf()).taker, worker.address);
  });

  it("lets no worker of another program, and nobody else", async () => {
    const { world } = $;
    const programId = await createProgram(world);
    await post(programId);
    await refusedWith("WorkerNotValid", sendAs(world, worker.address, market, take(1n)));
    await refusedWith("WorkerNotValid", world.send(market, take()));
    await refusedWith("JobUnknown", sendAs(world, worker.address, market, take(9n)));
  });

  it("gives a job to one worker, who alone may answer it, once, while valid", async () => {
    const { world } = $;
    await sendAs(world, worker.address, market, take());
    await refusedWith("JobNotOpen", sendAs(world, other.address, market, take()));
    await refusedWith("NotTaker", sendAs(world, other.address, market, answer()));
    await refusedWith("NotTaker", carried(answer(), other));
    await world.registry.write.revokeWorker([world.programId, other.address]);
    await refusedWith("WorkerNotValid", sendAs(world, other.address, market, answer()));
    await sendAs(world, worker.address, market, answer());
    await refusedWith("JobNotOpen", sendAs(world, worker.address, market, answer()));
  });

  it("takes no answer from a worker that was revoked after it took the job", async () => {
    const { world } = $;
    await sendAs(world, worker.address, market, take());
    await world.registry.write.revokeWorker([world.programId, worker.address]);
    await refusedWith("WorkerNotValid", sendAs(world, worker.address, market, answer()));
  });
});

describe("WorkerEscrow", () => {
  let escrow: Address;
  let worker: PrivateKeyAccount;
  const until = (seconds: number) => BigInt($.world.simulator.at + seconds);
  const payee = privateKeyToAccount(generatePrivateKey()).address;
  const $ = sharedWorld(async (world) => {
    ({ identity: worker } = await world.register({ withCertificate: true }));
    escrow = await deploy(world, "WorkerEscrow", [world.registry.address, world.programId]);
    await world.stranger.writeContract({
      address: escrow,
      abi: escrowAbi,
      functionName: "deposit",
      args: [BigInt(world.simulator.at + 10_000)],
      value: parseEther("1"),
    });
  });

  const claim = encodeFunctionData({ abi: escrowAbi, functionName: "claim", args: [0n, payee] });
  const takeBack = encodeFunctionData({ abi: escrowAbi, functionName: "takeBack", args: [0n] });
  const balance = async (address: Address) => await $.world.client.getBalance({ address });

  it("pays a live worker, once, to where it says", async () => {
    const { world } = $;
    await sendAs(world, worker.address, escrow, claim);
    assert.equal(await balance(payee), parseEther("1"));
    await refusedWith("NothingToPay", sendAs(world, worker.address, escrow, claim));
    await world.at(Number(until(10_000)));
    await refusedWith("NothingToPay", world.send(escrow, takeBack));
  });

  it("pays by a signed call", async () => {
    const { world } = $;
    const options = { name: "WorkerEscrow", gate: escrow, worker, data: claim };
    await carry(world, escrow, await signCall(world, options));
    assert.equal(await balance(payee), parseEther("1"));
  });

  it("pays no worker that is revoked, expired or none", async () => {
    const { world } = $;
    await refusedWith("WorkerNotValid", world.send(escrow, claim));
    await world.at(Number(until(90_000)));
    await refusedWith("WorkerNotValid", sendAs(world, worker.address, escrow, claim));
    await world.register({ identity: worker });
    await world.registry.write.revokeWorker([world.programId, worker.address]);
    await refusedWith("WorkerNotValid", sendAs(world, worker.address, escrow, claim));
    assert.equal(await balance(escrow), parseEther("1"));
  });

  it("gives back to the payer, and only after the time", async () => {
    const { world } = $;
    await refusedWith("NotYetReturnable", world.send(escrow, takeBack));
    await world.at(Number(until(10_000)));
    const payer = world.stranger.account.address;
    const before = await balance(payer);
    // Whoever asks for it.
    await world.send(escrow, takeBack, world.owner);
    assert.equal((await balance(payer)) - before, parseEther("1"));
    await refusedWith("NothingToPay", sendAs(world, worker.address, escrow, claim));
    assert.notEqual(world.programId, zeroHash);
  });

  it("cannot be made its own payer", async () => {
    const { world } = $;
    const stranger = privateKeyToAccount(generatePrivateKey());
    const data = encodeFunctionData({ abi: escrowAbi, functionName: "deposit", args: [0n] });
    const options = { name: "WorkerEscrow", gate: escrow, worker: stranger, data };
    const call = carry(world, escrow, await signCall(world, options));
    await refusedWith("WorkerCallUnguarded", call);
  });
});
