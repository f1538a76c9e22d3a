import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { network } from "hardhat";
import { createPublicClient, createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { startLocalChain } from "../../cli/chain/local-chain.ts";
import { intelSgxRootCa } from "../../sdk/tdx/index.ts";
import { createWorld } from "../contracts/registry/support/world.ts";
import { caseNamed } from "../support/vectors.ts";
import { serveWorld } from "./serve-world.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** What an example prints. Examples import the built package, as its users do. */
async function outputOf(example: string, ...words: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [`examples/${example}`, ...words], {
    cwd: ROOT,
    env: { ...process.env, CHAINSEAL_PRIVATE_KEY: key },
  });
  return stdout;
}

const key = `0x${randomBytes(32).toString("hex")}` as const;

describe("the examples", () => {
  const { dir, quote, collateral, verify_at } = caseNamed(
    "v4-00806f050000-0b7c5579/collateral-20260715-eval19",
  );
  const files = [quote, collateral].map((file) => `test/vectors/tdx/${dir}/${file}`);

  before(async () => {
    await run("npm", ["run", "--silent", "build"], { cwd: ROOT });
  });

  it("verify a quote and judge it by a policy", async () => {
    const output = await outputOf("verify-quote.ts", ...files, "2026-07-15T08:03:03Z");
    assert.match(
      output,
      /^UpToDate, TCB of 2025-05-14T00:00:00Z\nMRTD 0x[0-9a-f]{96}\naccepted\n$/,
    );
  });

  it("say why a quote does not verify", async () => {
    const output = await outputOf("verify-quote.ts", ...files, "2036-07-15T08:03:03Z");
    assert.equal(output, "does not verify: CRL_EXPIRED\n");
  });

  it("make quotes without a TDX machine", async () => {
    const output = await outputOf("simulated-quote.ts");
    assert.match(output, /^UpToDate, report data 0x07070707…\n/);
    assert.match(output, /once its certificate is revoked: PCK_REVOKED\n$/);
  });

  it("make and verify the evidence of a board of GPUs without one", async () => {
    const output = await outputOf("simulated-gpu.ts");
    assert.equal(
      output,
      "8 GPUs, 4 NVSwitches, mode PPCIE\naccepted: true\nwithout one NVSwitch: TOPOLOGY_INCOMPLETE\n",
    );
  });

  it("register a worker, renew it, and end by themselves", async () => {
    const world = await createWorld();
    await world.mine();
    const server = await serveWorld(world);
    try {
      const to = privateKeyToAccount(key).address;
      await world.owner.sendTransaction({ to, value: 10n ** 18n });
      const { registry, programId } = world;
      const output = await outputOf(
        "register-worker.ts",
        server.url,
        registry.address,
        programId,
        "registry",
      );
      assert.match(
        output,
        /^info keys-made\n[\s\S]*info registered\n[\s\S]*valid until 2026-[\s\S]*info renewed\n/,
      );
      assert.match(output, /info stopped\n$/);
    } finally {
      await server.close();
    }
  });

  it("upload collateral and have a contract verify the quote", async () => {
    const chain = await startLocalChain({ root: intelSgxRootCa(), earliest: verify_at });
    try {
      await chain.reset(verify_at);
      const params = [privateKeyToAccount(key).address, `0x${(10n ** 18n).toString(16)}`];
      await chain.client.request({ method: "anvil_setBalance", params } as never);
      const words = ["verify-on-chain.ts", chain.url, chain.address, ...files] as const;
      const output = await outputOf(...words);
      assert.match(output, /^a transaction would take about \d+ gas$/m);
      assert.match(output, /^uploaded: root CRL, .*, PCK certificate$/m);
      assert.match(output, /^UpToDate, TCB of 2025-05-14T00:00:00Z$/m);
      assert.match(await outputOf(...words), /^uploaded: nothing$/m);
    } finally {
      await chain.stop();
    }
  });
});

describe("the examples of reads", () => {
  it("say whether a worker is valid, through viem and ethers, from the package as it is built", async () => {
    // Hardhat's own chain keeps the state of its finalised block.
    const server = await network.createServer("default", "127.0.0.1");
    const { port } = await server.listen();
    const url = `http://127.0.0.1:${port}`;
    try {
      // As their users have them: the built files alone, no sources.
      const { deployChainseal } = await import("chainseal/testing");
      const transport = http(url);
      const publicClient = createPublicClient({ transport, pollingInterval: 5, cacheTime: 0 });
      const [account] = await createWalletClient({ transport }).getAddresses();
      assert.ok(account);
      const walletClient = createWalletClient({ account, transport, pollingInterval: 5 });
      const { address, programId, workers } = await deployChainseal({ publicClient, walletClient });
      const words = [url, address, programId, workers[0]?.identity ?? ""] as const;
      assert.match(await outputOf("is-worker-valid.ts", ...words, url), /^block \d+: valid\n$/);
      assert.match(await outputOf("is-worker-valid-ethers.ts", ...words), /^block \d+: valid\n$/);
    } finally {
      await server.close();
    }
  });
});

describe("the built package", () => {
  it("has with it what its command line deploys", async () => {
    const { stdout } = await run(process.execPath, ["dist/cli/main.js", "demo", "--json"], {
      cwd: ROOT,
    });
    const steps = stdout.trimEnd().split("\n");
    assert.equal(steps.length, 9);
    for (const step of steps) assert.equal((JSON.parse(step) as { ok: boolean }).ok, true, step);
  });

  it("works packed, beside what its users have: viem, and ethers if they want it", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "chainseal-packed-"));
    try {
      const { stdout } = await run(
        "npm",
        ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
        { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 },
      );
      const file = /"filename":\s*"([^"]+\.tgz)"/.exec(stdout)?.[1] ?? "";
      await run("tar", ["-xzf", path.join(folder, file), "-C", folder]);
      const modules = path.join(folder, "node_modules");
      mkdirSync(modules);
      renameSync(path.join(folder, "package"), path.join(modules, "chainseal"));
      for (const name of ["viem", "@noble", "ethers", "commander"]) {
        symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
      }
      const program = `
        import * as client from "chainseal/sdk/client";
        import * as ethers from "chainseal/sdk/ethers";
        import * as testing from "chainseal/testing";
        import { existsSync } from "node:fs";
        import { createRequire } from "node:module";
        const require = createRequire(import.meta.url);
        const mock = require.resolve("chainseal/contracts/testing/MockWorkerRegistry.sol");
        console.log(typeof client.auditWorker, typeof ethers.isWorkerValid, typeof testing.deployChainseal, existsSync(mock));
        const { readArtifact, ACCESS_MANAGER, REGISTRY } = await import("./node_modules/chainseal/dist/sdk/contracts/artifacts.js");
        for (const name of [ACCESS_MANAGER, REGISTRY]) console.log((await readArtifact(name)).bytecode.length > 1000);
      `;
      writeFileSync(path.join(folder, "main.mjs"), program);
      const { stdout: said } = await run(process.execPath, ["main.mjs"], { cwd: folder });
      assert.equal(said, "function function function true\ntrue\ntrue\n");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
