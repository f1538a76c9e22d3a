import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient, http } from "viem";
import { getBlock, getChainId } from "viem/actions";
import { startAnvil } from "../../cli/chain/anvil.ts";
import { startLocalChain } from "../../cli/chain/local-chain.ts";
import { ChainsealError } from "../../sdk/errors.ts";
import { intelSgxRootCa } from "../../sdk/tdx/index.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ANVIL = new URL("../../cli/chain/anvil.ts", import.meta.url).href;

async function answers(url: string): Promise<boolean> {
  const client = createClient({ transport: http(url, { timeout: 1_000, retryCount: 0 }) });
  return getChainId(client).then(
    () => true,
    () => false,
  );
}

async function goes(url: string): Promise<boolean> {
  for (let count = 0; count < 100; count++) {
    if (!(await answers(url))) return true;
    await wait(50);
  }
  return false;
}

describe("the local chain", () => {
  it("stands at the time it is set to, for blocks and calls", async () => {
    const at = 1_784_102_583;
    const chain = await startLocalChain({ root: intelSgxRootCa(), earliest: at - 1_000_000 });
    try {
      for (const time of [at, at - 1_000_000, at + 100_000_000]) {
        await chain.reset(time);
        const first = await getBlock(chain.client);
        await chain.client.request({ method: "evm_mine", params: [] } as never);
        await wait(1_100);
        const { timestamp, number } = await getBlock(chain.client);
        assert.equal(timestamp, BigInt(time));
        assert.equal(number, (first.number ?? 0n) + 1n);
        // TIMESTAMP, returned.
        const data = "0x425f5260205ff3";
        const seen = await chain.client.request({
          method: "eth_call",
          params: [{ data }, "latest"],
        });
        assert.equal(Number(seen), time);
      }
    } finally {
      await chain.stop();
    }
    assert.equal(await answers(chain.url), false);
  });

  it("holds transactions to the gas cap of EIP-7825", async () => {
    const { url, stop } = await startAnvil({ timestamp: 1_784_102_583 });
    try {
      const client = createClient({ transport: http(url, { retryCount: 0 }) });
      const [from] = await client.request({ method: "eth_accounts" });
      assert.ok(from);
      const send = (gas: number) =>
        client.request({
          method: "eth_sendTransaction",
          params: [{ from, to: from, gas: `0x${gas.toString(16)}` }],
        });
      await send(16_777_216);
      await assert.rejects(send(16_777_217), /cap/);
    } finally {
      await stop();
    }
  });

  for (const [name, signal] of [
    ["is told to end", "SIGTERM"],
    ["is interrupted", "SIGINT"],
    ["is killed", "SIGKILL"],
  ] as const) {
    it(`goes with a process that ${name}`, async () => {
      const script = `import { startAnvil } from ${JSON.stringify(ANVIL)};
        const { url } = await startAnvil({ timestamp: 1784102583 });
        console.log(url);
        setInterval(() => undefined, 1000);`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      const [chunk] = (await once(child.stdout, "data")) as [Buffer];
      const url = String(chunk).trim();
      assert.equal(await answers(url), true);
      child.kill(signal);
      assert.deepEqual(await ended, [null, signal]);
      assert.equal(await goes(url), true);
    });
  }

  it("goes with a process that fails or ends", async () => {
    for (const last of ["throw new Error('failed')", "process.exit(0)"]) {
      const script = `import { startAnvil } from ${JSON.stringify(ANVIL)};
        const { url } = await startAnvil({ timestamp: 1784102583 });
        console.log(url);
        ${last};`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const ended = once(child, "exit");
      const [chunk] = (await once(child.stdout, "data")) as [Buffer];
      await ended;
      assert.equal(await goes(String(chunk).trim()), true);
    }
  });

  it("says why it did not start", async () => {
    await assert.rejects(
      startAnvil({ timestamp: 1, hardfork: "atlantis" }),
      (error) => error instanceof ChainsealError && error.code === "CHAIN_NOT_STARTED",
    );
  });

  it("says how to install what is missing", async () => {
    // The same sources where there is no such package.
    const folder = mkdtempSync(path.join(tmpdir(), "chainseal-no-anvil-"));
    try {
      for (const part of ["cli", "sdk", "package.json"]) {
        cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
      }
      const script = `import { startAnvil } from "./cli/chain/anvil.ts";
        await startAnvil({ timestamp: 1 }).catch((error) => console.log(error.code, error.message));`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
        cwd: folder,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [chunk] = (await once(child.stdout, "data")) as [Buffer];
      assert.match(String(chunk), /^CHAIN_NOT_INSTALLED .*@foundry-rs\/anvil-/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
