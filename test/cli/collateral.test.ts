import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CollateralServer } from "../sdk/tdx/pccs/collateral-server.ts";
import { simulator } from "../sdk/tdx/support/simulated.ts";
import { caseNamed, collateralOf } from "../support/vectors.ts";
import { runCli, temporaryFiles } from "./support/run-cli.ts";

const VECTORS = fileURLToPath(new URL("../vectors/tdx/", import.meta.url));
const recorded = caseNamed("v4-00806f050000-0b7c5579/collateral-20260715-eval19");
const quote = `${VECTORS}${recorded.dir}/${recorded.quote}`;
const file = `${VECTORS}${recorded.dir}/${recorded.collateral}`;
const at = String(recorded.verify_at);

describe("chainseal collateral inspect", () => {
  const files = temporaryFiles();

  it("verifies and shows what it is for and how long it holds", async () => {
    const { code, stdout } = await runCli(["collateral", "inspect", file, "--at", at]);
    assert.equal(code, 0);
    assert.match(stdout, /^Collateral, all signatures verified/);
    assert.match(stdout, /FMSPC +0x00806f050000/);
    assert.match(stdout, /evaluation data +TCB info 19, QE identity 19/);
    assert.match(stdout, /^Valid at 2026-07-15T08:03:03Z$/m);
  });

  it("gives the same as JSON", async () => {
    const summary = (await runCli(["collateral", "inspect", file, "--at", at, "--json"])).json();
    assert.equal(summary.verified, true);
    assert.equal(summary.isValid, true);
    assert.equal(summary.fmspc, "0x00806f050000");
    assert.equal(summary.validUntil, recorded.collateral_valid_to);
    assert.equal((summary.periods as unknown[]).length, 8);
  });

  it("says which part has expired, with exit code 1", async () => {
    const run = await runCli(["collateral", "inspect", file, "--at", "2027-01-01"]);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /TCB info .* EXPIRED/);
    assert.match(run.stdout, /^Not valid at 2027/m);
  });

  it("refuses what is not signed under the root, with exit code 1", async () => {
    const path = files.write("simulated.json", JSON.stringify(simulator.collateral()));
    const run = await runCli(["collateral", "inspect", path]);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /ROOT_UNTRUSTED/);
    const root = files.write("root.pem", simulator.rootCertificatePem);
    const trusting = ["collateral", "inspect", path, "--root", root, "--at", String(simulator.at)];
    assert.equal((await runCli(trusting)).code, 0);
  });

  it("ends with exit code 2 for what is no collateral", async () => {
    const run = await runCli(["collateral", "inspect", files.write("empty.json", "{}")]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /COLLATERAL_MALFORMED/);
  });
});

describe("chainseal collateral fetch", () => {
  const files = temporaryFiles();
  let server: CollateralServer;

  before(async () => {
    server = await CollateralServer.start(collateralOf(recorded));
  });
  after(() => server.close());
  beforeEach(() => server.reset(collateralOf(recorded)));

  it("fetches what a quote needs, and quote verify accepts with it", async () => {
    const out = files.write("fetched.json", "");
    const run = await runCli([
      "collateral",
      "fetch",
      "--pccs",
      server.url,
      "--quote",
      quote,
      "--out",
      out,
    ]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /written to /);
    assert.deepEqual(JSON.parse(readFileSync(out, "utf8")), collateralOf(recorded));
    const verified = await runCli(["quote", "verify", quote, "--collateral", out, "--at", at]);
    assert.equal(verified.code, 0);
  });

  it("prints to standard output, for an FMSPC, from the service that the environment names", async () => {
    const run = await runCli(["collateral", "fetch", "--fmspc", "00806F050000"], {
      env: { CHAINSEAL_PCCS_URL: server.url },
    });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(run.json(), collateralOf(recorded));
  });

  it("writes nothing that does not verify", async () => {
    server.reset({ ...collateralOf(recorded), tcb_info_signature: "01".repeat(64) });
    const out = files.write("untouched.json", "untouched");
    const run = await runCli([
      "collateral",
      "fetch",
      "--pccs",
      server.url,
      "--quote",
      quote,
      "--out",
      out,
    ]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /TCB_INFO_SIGNATURE_INVALID/);
    assert.equal(readFileSync(out, "utf8"), "untouched");
  });

  it("is killed before all has arrived and leaves the old file", async () => {
    const folder = files.write("folder-marker", "").replace(/folder-marker$/, "");
    const out = files.write("kept.json", "the old file");
    // The service answers the last part only when the process is gone.
    server.on("QE identity", () => undefined);
    const words = ["collateral", "fetch", "--pccs", server.url, "--quote", quote, "--out", out];
    const run = await runCli(words, { killAfter: 1_000 });
    assert.equal(run.code, null);
    assert.equal(readFileSync(out, "utf8"), "the old file");
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });

  it("says that a file cannot be written", async () => {
    const words = ["collateral", "fetch", "--pccs", server.url, "--quote", quote];
    const run = await runCli([...words, "--out", "/nowhere/collateral.json"]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /FILE_UNWRITABLE/);
  });

  it("says what went wrong with the service", async () => {
    server.on("TCB info", () => ({ status: 404 }));
    const run = await runCli(["collateral", "fetch", "--pccs", server.url, "--quote", quote]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /PCCS_STATUS/);
    assert.match(run.stderr, /TCB info/);
  });

  it("asks for what is missing on the command line", async () => {
    const noService = await runCli(["collateral", "fetch", "--quote", quote], {
      env: { CHAINSEAL_PCCS_URL: "" },
    });
    assert.equal(noService.code, 2);
    const nothing = await runCli(["collateral", "fetch", "--pccs", server.url]);
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /--quote FILE or --fmspc HEX/);
    const badFmspc = await runCli(["collateral", "fetch", "--pccs", server.url, "--fmspc", "12"]);
    assert.equal(badFmspc.code, 2);
    assert.match(badFmspc.stderr, /12 hex digits/);
  });
});
