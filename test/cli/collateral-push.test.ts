import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { privateKeyToAccount } from "viem/accounts";
import { type LocalChain, startLocalChain } from "../../cli/chain/local-chain.ts";
import { simulator } from "../sdk/tdx/support/simulated.ts";
import { caseNamed } from "../support/vectors.ts";
import { type CliRun, runCli, temporaryFiles } from "./support/run-cli.ts";

const { at, rootCertificate, rootCertificatePem } = simulator;

interface Part {
  readonly part: string;
  readonly before: string;
  readonly transactions: readonly { gasUsed: number; costInWei: string; hash: string }[];
}

function partsOf(run: CliRun): readonly Part[] {
  return run.json().parts as Part[];
}

const sent = (run: CliRun) =>
  partsOf(run)
    .filter(({ transactions }) => transactions.length > 0)
    .map(({ part }) => part);

describe("chainseal collateral push", () => {
  const files = temporaryFiles();
  const key = `0x${randomBytes(32).toString("hex")}` as const;
  const { address: account } = privateKeyToAccount(key);
  const platform = simulator.platform();
  let chain: LocalChain;
  let root: string;
  let collateral: string;
  let quote: string;

  before(async () => {
    chain = await startLocalChain({ root: rootCertificate, earliest: at });
    root = files.write("root.pem", rootCertificatePem);
    collateral = files.write("collateral.json", JSON.stringify(simulator.collateral()));
    quote = files.write("quote.bin", platform.quote());
  });
  after(() => chain.stop());
  beforeEach(async () => {
    await chain.reset(at);
    const params = [account, `0x${(10n ** 18n).toString(16)}`];
    await chain.client.request({ method: "anvil_setBalance", params } as never);
  });

  const push = (
    words: readonly string[],
    env: Record<string, string> = { CHAINSEAL_PRIVATE_KEY: key },
  ): Promise<CliRun> =>
    runCli(
      ["collateral", "push", chain.url, "--address", chain.address, "--root", root, ...words],
      {
        env,
      },
    );

  it("uploads what the chain lacks and says what each part cost", async () => {
    const run = await push(["--collateral", collateral, "--quote", quote]);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    for (const part of ["root CRL", "PCK CA", "TCB signer", "PCK CRL", "TCB info", "QE identity"]) {
      assert.match(run.stdout, new RegExp(`uploaded +${part} +[\\d,]+ gas +0\\.\\d+ ETH +0x`));
    }
    assert.match(run.stdout, /uploaded +PCK certificate/);
    assert.match(run.stdout, /^7 of 7 parts sent: [\d,]+ gas, 0\.\d+ ETH$/m);
    assert.ok(!(run.stdout + run.stderr).includes(key.slice(2)));
  });

  it("sends nothing the second time", async () => {
    await push(["--collateral", collateral, "--quote", quote]);
    const again = await push(["--collateral", collateral, "--quote", quote]);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^The chain has all of it already\.$/m);
    const json = await push(["--collateral", collateral, "--quote", quote, "--json"]);
    assert.deepEqual(sent(json), []);
    assert.equal(json.json().gasUsed, 0);
  });

  it("replaces what is older, and leaves the rest", async () => {
    const first = await push(["--collateral", collateral, "--json"]);
    assert.equal(first.code, 0, first.stderr);
    assert.equal(sent(first).length, 6);
    for (const { transactions } of partsOf(first)) {
      for (const { gasUsed, costInWei, hash } of transactions) {
        assert.ok(gasUsed > 21_000 && BigInt(costInWei) > 0n && hash.length === 66);
      }
    }
    const newer = simulator.collateral({ qeIdentity: { issueDate: at - 60 } });
    const second = await push([
      "--collateral",
      files.write("newer.json", JSON.stringify(newer)),
      "--json",
    ]);
    assert.deepEqual(sent(second), ["QE identity"]);
    assert.equal(partsOf(second).find(({ part }) => part === "QE identity")?.before, "older");
    // The older one again changes nothing.
    assert.deepEqual(sent(await push(["--collateral", collateral, "--json"])), []);
  });

  for (const [name, value] of [
    ["no key", ""],
    ["a key that is none", "my secret passphrase"],
    ["a key of zeros", "00".repeat(32)],
    ["a key that is too long", `${key}00`],
  ] as const) {
    it(`ends with exit code 2 for ${name}, without showing it`, async () => {
      const run = await push(["--collateral", collateral], { CHAINSEAL_PRIVATE_KEY: value });
      assert.equal(run.code, 2);
      assert.match(run.stderr, /KEY_UNREADABLE/);
      if (value.length > 0) assert.ok(!(run.stdout + run.stderr).includes(value));
    });
  }

  it("says so where the account cannot pay", async () => {
    const poor = `0x${randomBytes(32).toString("hex")}`;
    const run = await push(["--collateral", collateral], { CHAINSEAL_PRIVATE_KEY: poor });
    assert.equal(run.code, 2, run.stdout + run.stderr);
    assert.match(run.stderr, /CHAIN_REQUEST_FAILED/);
    assert.ok(!(run.stdout + run.stderr).includes(poor.slice(2)));
  });

  it("refuses collateral that is not genuine before it sends anything", async () => {
    const forged = { ...simulator.collateral(), tcb_info_signature: "01".repeat(64) };
    const path = files.write("forged.json", JSON.stringify(forged));
    const run = await push(["--collateral", path]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /TCB_INFO_SIGNATURE_INVALID/);
  });

  it("refuses a contract under another root", async () => {
    const { dir, collateral: name } = caseNamed(
      "v4-00806f050000-0b7c5579/collateral-20260715-eval19",
    );
    const path = fileURLToPath(new URL(`../vectors/tdx/${dir}/${name}`, import.meta.url));
    const words = ["collateral", "push", chain.url, "--address", chain.address];
    const run = await runCli([...words, "--collateral", path], {
      env: { CHAINSEAL_PRIVATE_KEY: key },
    });
    assert.equal(run.code, 1);
    assert.match(run.stderr, /ROOT_UNTRUSTED/);
  });

  it("says which part the contract refuses, and what was done before", async () => {
    // Genuine, but of the future for a chain whose clock stands still.
    const early = simulator.collateral({ tcbInfo: { issueDate: at + 60 } });
    const path = files.write("early.json", JSON.stringify(early));
    const run = await push(["--collateral", path, "--json"]);
    assert.equal(run.code, 1);
    assert.equal((run.json().error as { code: string }).code, "TCB_INFO_NOT_YET_VALID");
    assert.equal(sent(run).length, 4);
  });

  it("ends with exit code 2 where there is no contract, and for an address that is none", async () => {
    const words = ["collateral", "push", chain.url, "--collateral", collateral, "--root", root];
    const env = { CHAINSEAL_PRIVATE_KEY: key };
    const nowhere = await runCli([...words, "--address", `0x${"12".repeat(20)}`], { env });
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /CONTRACT_MISSING/);
    const wrong = await runCli([...words, "--address", "0x12"], { env });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--address with 20 bytes/);
  });

  it("ends with exit code 2 where nobody answers, and names no more than the host", async () => {
    const run = await runCli(
      [
        ...["collateral", "push", "http://127.0.0.1:1/secret-path", "--address", chain.address],
        ...["--collateral", collateral, "--root", root],
      ],
      { env: { CHAINSEAL_PRIVATE_KEY: key } },
    );
    assert.equal(run.code, 2);
    assert.match(run.stderr, /CHAIN_UNREACHABLE/);
    assert.ok(!(run.stdout + run.stderr).includes("secret-path"));
  });

  it("takes no key as an argument", async () => {
    const run = await push(["--collateral", collateral, "--key", key]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /unknown option/);
    assert.match((await runCli(["collateral", "push", "--help"])).stdout, /CHAINSEAL_PRIVATE_KEY/);
  });
});
