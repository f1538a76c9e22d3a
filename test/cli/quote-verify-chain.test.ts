import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { caseNamed, quoteOf, tdxManifest } from "../support/vectors.ts";
import { runCli, temporaryFiles } from "./support/run-cli.ts";

const VECTORS = fileURLToPath(new URL("../vectors/tdx/", import.meta.url));
const GOOD = "v4-00806f050000-0b7c5579/collateral-20260715-eval19";
const OUT_OF_DATE = "v4-b0c06f000000-063c31a7/collateral-20260828-eval20";
const UNSUPPORTED = "v4-b0c06f000000-e1f54b3d/collateral-20260828-eval20";

function wordsOf(name: string, quotePath?: string): string[] {
  const { dir, quote, collateral, verify_at } = caseNamed(name);
  return [
    "quote",
    "verify",
    quotePath ?? `${VECTORS}${dir}/${quote}`,
    "--collateral",
    `${VECTORS}${dir}/${collateral}`,
    "--at",
    String(verify_at),
    "--chain",
  ];
}

interface OnChain {
  readonly verified: boolean;
  readonly found: string;
  readonly verdict: Readonly<Record<string, unknown>> | null;
  readonly reasons: readonly { readonly code: string; readonly remedy?: string }[];
  readonly differing: readonly string[];
}

const UPLOADS = [
  "uploadRootCrl",
  "uploadPckCa",
  "uploadTcbSigner",
  "uploadPckCrl",
  "uploadTcbInfo",
  "uploadQeIdentity",
  "cachePckCertificate",
];

describe("chainseal quote verify --chain", () => {
  const files = temporaryFiles();

  it("shows the contract's verdict below its own, and what each transaction took", async () => {
    const { code, stdout, stderr } = await runCli(wordsOf(GOOD));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Accepted$/m);
    assert.match(stdout, /^On chain$/m);
    assert.match(stdout, /verifyQuote +[\d,]+ gas/);
    assert.match(stdout, /^The contract gives the same verdict$/m);
  });

  it("adds the contract's verdict and the gas by transaction to the JSON", async () => {
    const run = await runCli([...wordsOf(GOOD), "--json"]);
    assert.equal(run.code, 0, run.stderr);
    const { status, onChain, gas } = run.json() as {
      status: string;
      onChain: OnChain;
      gas: Record<string, number>;
    };
    assert.equal(status, "UpToDate");
    assert.equal(onChain.verified, true);
    assert.equal(onChain.found, "UpToDate");
    assert.equal(onChain.verdict?.tcbDate, "2025-05-14T00:00:00Z");
    assert.deepEqual(onChain.differing, []);
    assert.deepEqual(Object.keys(gas), [...UPLOADS, "verifyQuote"]);
    for (const used of Object.values(gas)) assert.ok(used > 21_000 && used <= 16_777_216);
  });

  it("refuses by policy what both verdicts find out of date", async () => {
    const run = await runCli([...wordsOf(OUT_OF_DATE), "--json"]);
    assert.equal(run.code, 1);
    assert.equal((run.json().onChain as OnChain).found, "OutOfDate");
    const policy = files.write("policy.json", '{"tcbStatuses":["OutOfDate"]}');
    assert.equal((await runCli([...wordsOf(OUT_OF_DATE), "--policy", policy])).code, 0);
  });

  it("shows the contract's refusal by its code", async () => {
    const flipped = quoteOf(caseNamed(GOOD));
    flipped[200] = (flipped[200] ?? 0) ^ 0x10;
    const path = files.write("flipped.bin", flipped);
    const run = await runCli([...wordsOf(GOOD, path), "--json"]);
    assert.equal(run.code, 1);
    const onChain = run.json().onChain as OnChain;
    assert.equal(onChain.found, "QUOTE_SIGNATURE_INVALID");
    assert.ok(onChain.reasons[0]?.remedy);
    assert.deepEqual(Object.keys(run.json().gas as object), UPLOADS);
    const text = await runCli(wordsOf(UNSUPPORTED));
    assert.equal(text.code, 1);
    assert.match(text.stdout, /On chain\n +TCB_LEVEL_NOT_SUPPORTED/);
    assert.match(text.stdout, /^The contract refuses too$/m);
  });

  it("refuses without collateral, for what the chain lacks", async () => {
    const { dir, quote, verify_at } = caseNamed(GOOD);
    const words = ["quote", "verify", `${VECTORS}${dir}/${quote}`, "--at", String(verify_at)];
    const run = await runCli([...words, "--chain", "--json"]);
    assert.equal(run.code, 1);
    assert.equal((run.json().onChain as OnChain).found, "COLLATERAL_MISSING");
  });

  it("agrees with Intel's library on every case of the manifest, twice", async () => {
    const words = ["quote", "verify", "--manifest", `${VECTORS}manifest.json`, "--chain", "--json"];
    const run = await runCli(words);
    assert.equal(run.code, 0, run.stdout.slice(0, 2_000) + run.stderr);
    const { cases, ...total } = run.json();
    assert.deepEqual(total, { total: 51, agreed: 51, differed: 0 });
    for (const row of cases as {
      name: string;
      expected: string;
      foundOnChain: string;
      gas: Record<string, number>;
    }[]) {
      const entry = tdxManifest.cases.find(({ name }) => name === row.name);
      if (row.expected !== "REFUSED") assert.equal(row.foundOnChain, row.expected, row.name);
      assert.equal(Object.keys(row.gas).length > 0, entry?.collateral !== null, row.name);
      if (row.expected !== "REFUSED" && entry?.collateral !== null) {
        assert.ok((row.gas.verifyQuote ?? 0) < 125_000, row.name);
      }
    }
  });

  it("says where the expectation is another", async () => {
    const real = caseNamed(GOOD);
    const wrong = { ...real, dir: `${VECTORS}${real.dir}`, expected: { tcb_status: "OutOfDate" } };
    const manifest = files.write("manifest.json", JSON.stringify({ cases: [wrong] }));
    const run = await runCli(["quote", "verify", "--manifest", manifest, "--chain"]);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /DIFFERS .* found UpToDate +on chain UpToDate/);
  });

  it("ends with exit code 2 for a root that is none", async () => {
    const root = files.write("root.der", Uint8Array.of(1, 2, 3));
    const run = await runCli([...wordsOf(GOOD), "--root", root]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /ROOT_MALFORMED/);
  });
});
