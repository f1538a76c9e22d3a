import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, http } from "viem";
import { type Anvil, startAnvil } from "../../cli/chain/anvil.ts";
import { runCli } from "./support/run-cli.ts";

interface Finding {
  readonly name: string;
  readonly status: string;
  readonly found: string;
}

/** A chain of these rules with a few blocks. */
async function chainOf(hardfork: string): Promise<Anvil> {
  const anvil = await startAnvil({ timestamp: 1_784_102_583, hardfork });
  const client = createClient({ transport: http(anvil.url) });
  for (let count = 0; count < 3; count++) {
    await client.request({ method: "evm_mine", params: [] } as never);
  }
  return anvil;
}

function statusOf(findings: readonly Finding[], start: string): string | undefined {
  return findings.find(({ name }) => name.startsWith(start))?.status;
}

describe("chainseal chain check", () => {
  const chains: Record<string, Anvil> = {};

  before(async () => {
    for (const hardfork of ["osaka", "prague", "cancun"]) {
      chains[hardfork] = await chainOf(hardfork);
    }
  });
  after(async () => {
    await Promise.all(Object.values(chains).map((chain) => chain.stop()));
  });

  const check = (hardfork: string, ...words: string[]) =>
    runCli(["chain", "check", chains[hardfork]?.url ?? "", ...words]);

  it("finds all of Osaka, at the gas of its specifications", async () => {
    const run = await check("osaka", "--json");
    assert.equal(run.code, 0, run.stdout + run.stderr);
    const { chainId, findings, carries } = run.json() as {
      chainId: number;
      findings: Finding[];
      carries: boolean;
    };
    assert.equal(carries, true);
    assert.equal(chainId, 31_337);
    assert.deepEqual(
      findings.map(({ name, status, found }) => `${status} ${name}: ${found}`),
      [
        "ok P-256 precompile (0x100): 6,900 gas (EIP-7951)",
        "ok BLS12-381 G1ADD (0x0b): 375 gas (EIP-2537)",
        "ok BLS12-381 G1MSM (0x0c): 12,000 gas (EIP-2537)",
        "ok BLS12-381 G2ADD (0x0d): 600 gas (EIP-2537)",
        "ok BLS12-381 G2MSM (0x0e): 22,500 gas (EIP-2537)",
        "ok BLS12-381 PAIRING (0x0f): 102,900 gas (EIP-2537)",
        "ok BLS12-381 MAP_FP_TO_G1 (0x10): 5,500 gas (EIP-2537)",
        "ok BLS12-381 MAP_FP2_TO_G2 (0x11): 23,800 gas (EIP-2537)",
        "ok BLOCKHASH: the hash of block 2",
        "ok block hash history (EIP-2935): the hash of block 2",
        "ok block gas limit: 60,000,000 gas",
        "ok transaction gas cap (EIP-7825): 16,777,216 gas, by Osaka's rules",
      ],
    );
  });

  it("says to a person what each means", async () => {
    const { code, stdout } = await check("osaka");
    assert.equal(code, 0);
    assert.match(stdout, /^127\.0\.0\.1:\d+, chain 31337$/m);
    assert.match(stdout, /ok +P-256 precompile \(0x100\) +6,900 gas/);
    assert.match(stdout, /a quote can be bound to one of the last 256 blocks/);
    assert.match(stdout, /^This chain can carry Chainseal\.$/m);
  });

  it("finds that Prague lacks P-256, which has a replacement", async () => {
    const run = await check("prague", "--json");
    assert.equal(run.code, 0);
    const findings = run.json().findings as Finding[];
    assert.equal(statusOf(findings, "P-256"), "missing");
    assert.equal(statusOf(findings, "BLS12-381 PAIRING"), "ok");
    const text = await check("prague");
    assert.match(text.stdout, /missing +P-256 precompile \(0x100\) +nothing answers/);
    assert.match(text.stdout, /signatures are checked in Solidity/);
  });

  it("finds that Cancun cannot carry it, with exit code 1", async () => {
    const run = await check("cancun", "--json");
    assert.equal(run.code, 1);
    assert.equal(run.json().carries, false);
    const findings = run.json().findings as Finding[];
    const missing = findings.filter(({ status }) => status === "missing");
    assert.equal(missing.length, 9);
    assert.equal(statusOf(findings, "block hash history"), "missing");
    assert.equal(statusOf(findings, "BLOCKHASH"), "ok");
    const text = await check("cancun");
    assert.match(text.stdout, /^This chain cannot carry Chainseal:$/m);
    assert.match(text.stdout, /no key epochs on this chain/);
  });

  it("finds a P-256 that says yes to everything, with exit code 1", async () => {
    const liar = await chainOf("prague");
    try {
      const client = createClient({ transport: http(liar.url) });
      // Returns 1, whatever it is asked.
      const params = [`0x${"0100".padStart(40, "0")}`, "0x60015f5260205ff3"];
      await client.request({ method: "anvil_setCode", params } as never);
      const run = await runCli(["chain", "check", liar.url, "--json"]);
      assert.equal(run.code, 1);
      assert.equal(statusOf(run.json().findings as Finding[], "P-256"), "differs");
    } finally {
      await liar.stop();
    }
  });

  for (const [name, answer] of Object.entries({
    "sends more than any answer": (response: ServerResponse) => {
      response.end("0".repeat(5 * 1024 * 1024));
    },
    "sends elsewhere": (response: ServerResponse) => {
      response.writeHead(307, { location: chains.osaka?.url ?? "" }).end();
    },
    "sends no JSON": (response: ServerResponse) => {
      response.end("<html>");
    },
    "never answers": () => undefined,
  })) {
    it(`ends with exit code 2 where the endpoint ${name}`, async () => {
      const server = createServer((_request, response) => answer(response));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      try {
        const words = ["chain", "check", `http://127.0.0.1:${port}`, "--timeout", "1"];
        const run = await runCli(words);
        assert.equal(run.code, 2, run.stdout + run.stderr);
        assert.match(run.stderr, /\[CHAIN_(UNREACHABLE|TIMEOUT|REQUEST_FAILED)\]/);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  }

  it("takes no time limit that is none", async () => {
    for (const timeout of ["0", "-1", "1.5", "99999"]) {
      const url = chains.osaka?.url ?? "";
      const run = await runCli(["chain", "check", url, "--timeout", timeout]);
      assert.equal(run.code, 2);
      assert.match(run.stderr, /1 to 3600|argument missing/);
    }
  });

  it("ends with exit code 2 where nobody answers, and names no more than the host", async () => {
    const url = "http://127.0.0.1:1/v3/secret-key";
    const run = await runCli(["chain", "check", url]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /CHAIN_UNREACHABLE/);
    assert.ok(!(run.stdout + run.stderr).includes("secret-key"));
    const json = await runCli(["chain", "check", url, "--json"]);
    assert.equal((json.json().error as { code: string }).code, "CHAIN_UNREACHABLE");
  });

  for (const url of ["not a url", "ftp://127.0.0.1/", "ws://127.0.0.1:8545"]) {
    it(`ends with exit code 2 for ${url}`, async () => {
      const run = await runCli(["chain", "check", url]);
      assert.equal(run.code, 2);
      assert.match(run.stderr, /RPC_URL_INVALID/);
    });
  }

  it("explains itself", async () => {
    const { code, stdout } = await runCli(["chain", "check", "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /Exit code: 0 it can carry Chainseal/);
    assert.match(stdout, /\$ chainseal chain check/);
  });
});
