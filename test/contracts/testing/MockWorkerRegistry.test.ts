import assert from "node:assert/strict";
import { network } from "hardhat";
import { encodeFunctionData, type Hex, parseAbi, zeroHash } from "viem";
import {
  decodeRegistryError,
  getWorkerStatuses,
  isWorkerValid,
  type WorkerStatus,
  workerStatuses,
} from "../../../sdk/client/index.ts";
import { createWorld } from "../../sdk/client/support/world.ts";

const abi = parseAbi([
  "function setValid(bytes32 programId, address worker)",
  "function setStatus(bytes32 programId, address worker, uint8 status)",
  "function setProgram(bytes32 programId)",
  "function requireWorker(bytes32 programId, address worker) view",
  "function notValid(bytes32 programId, address worker) view returns (bytes)",
]);
const market = parseAbi([
  "function post(bytes32 programId, bytes input)",
  "function take(uint256 jobId)",
]);

describe("MockWorkerRegistry", () => {
  it("answers and reverts as the registry does", async () => {
    const { viem } = await network.create();
    const mock = await viem.deployContract("MockWorkerRegistry");
    const client = await viem.getPublicClient();
    const [wallet] = await viem.getWalletClients();
    assert.ok(wallet);
    const { address } = mock;
    const programId: Hex = `0x${"42".repeat(32)}`;
    const identity = wallet.account.address;
    const write = (functionName: "setStatus" | "setValid" | "setProgram", args: unknown[]) =>
      wallet.sendTransaction({
        to: address,
        data: encodeFunctionData({ abi, functionName, args } as never),
      });
    const statusOf = async (): Promise<WorkerStatus> =>
      (await isWorkerValid(client, { address, programId, identity })).status;
    const world = await createWorld();
    const real = async (program: Hex): Promise<WorkerStatus> =>
      (await isWorkerValid(world.client, { address: world.address, programId: program, identity }))
        .status;

    assert.equal(await statusOf(), await real(zeroHash));
    await write("setProgram", [programId]);
    assert.equal(await statusOf(), await real(world.programId));
    for (const [value, name] of workerStatuses.entries()) {
      await write("setStatus", [programId, identity, value]);
      assert.equal(await statusOf(), name);
      if (name === "VALID") continue;
      const question = { address, abi, args: [programId, identity] } as const;
      const error: unknown = await client
        .readContract({ ...question, functionName: "requireWorker" })
        .catch((thrown: unknown) => thrown);
      const decoded = decodeRegistryError(error);
      assert.equal(decoded.code, "WORKER_NOT_VALID");
      assert.match(String(decoded.found), new RegExp(`status ${name}$`));
      const expected = await client.readContract({ ...question, functionName: "notValid" });
      assert.equal(decodeRegistryError(expected).found, decoded.found);
    }
    const { statuses } = await getWorkerStatuses(client, {
      address,
      workers: [
        { programId, identity },
        { programId: zeroHash, identity },
      ],
    });
    assert.deepEqual(statuses, ["GPU_REQUIRED", "PROGRAM_UNKNOWN"]);

    const gated = await viem.deployContract("JobMarket", [address]);
    const post = encodeFunctionData({ abi: market, functionName: "post", args: [programId, "0x"] });
    await wallet.sendTransaction({ to: gated.address, data: post });
    const take = encodeFunctionData({ abi: market, functionName: "take", args: [0n] });
    await assert.rejects(wallet.sendTransaction({ to: gated.address, data: take }));
    await write("setValid", [programId, identity]);
    await wallet.sendTransaction({ to: gated.address, data: take });
  });
});
