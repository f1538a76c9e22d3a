import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runCli } from "./support/run-cli.ts";

const VECTORS = fileURLToPath(new URL("../vectors/tdx/", import.meta.url));
const quote = `${VECTORS}v5-90c06f000000-d0010db6/quote.bin`;

describe("chainseal quote inspect", () => {
  it("shows what a quote claims, and that nothing of it is verified", async () => {
    const { code, stdout } = await runCli(["quote", "inspect", quote]);
    assert.equal(code, 0);
    assert.match(stdout, /^Nothing of this is verified\./);
    assert.match(stdout, /version +5, TD report 1\.5/);
    assert.match(stdout, /MRSERVICETD +0x383c/);
    assert.match(stdout, /Intel SGX PCK Certificate/);
    assert.match(stdout, /fmspc +0x90c06f000000/);
  });

  it("gives the same as JSON", async () => {
    const run = await runCli(["quote", "inspect", quote, "--json"]);
    const claims = run.json();
    assert.equal(claims.verified, false);
    assert.equal(claims.bodyType, "TD15");
    assert.equal((claims.certificates as unknown[]).length, 3);
    assert.equal((claims.platform as { fmspc: string }).fmspc, "0x90c06f000000");
  });

  it("recognises an SGX quote and refuses it", async () => {
    const run = await runCli([
      "quote",
      "inspect",
      `${VECTORS}sgx-v3-00606a000000-07c203b5/quote.bin`,
    ]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /QUOTE_IS_SGX/);
  });
});
