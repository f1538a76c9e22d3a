import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type CliChain, STRANGER_KEY, startCliChain } from "./support/chain.ts";

const NOBODY = `0x${"11".repeat(20)}`;

describe("chainseal worker", () => {
  let chain: CliChain;
  let folder: string;
  let program: string[];
  let identity: string;

  before(async () => {
    chain = await startCliChain();
    folder = mkdtempSync(path.join(tmpdir(), "chainseal-worker-"));
    program = ["--program", chain.chainseal.programId];
    identity = chain.chainseal.workers[0]?.identity ?? "";
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await chain.stop();
  });

  it("audits a good worker from calldata, step by step and as JSON", async () => {
    const root = path.join(folder, "root.der");
    writeFileSync(root, chain.chainseal.simulator.rootCertificate);
    const words = ["worker", "audit", identity, ...program, "--root", root];
    const shown = await chain.read(words);
    assert.equal(shown.code, 0, shown.stdout + shown.stderr);
    assert.match(shown.stdout, /holds {4}quote at the registration\n\s+UpToDate/);
    assert.match(shown.stdout, /follows from what it was given/);
    const json = await chain.read([...words, "--json"]);
    const { holds, steps } = json.json() as { holds: boolean; steps: { ok: boolean }[] };
    assert.ok(holds && steps.every(({ ok }) => ok));

    const other = await chain.read(["worker", "audit", identity, ...program]);
    assert.equal(other.code, 1);
    assert.match(other.stdout, /DIFFERS {2}root/);
    const nobody = await chain.read(["worker", "audit", NOBODY, ...program, "--root", root]);
    assert.match(nobody.stderr, /WORKER_UNKNOWN/);
    const late = [...words, "--from-block", "1000000"];
    const none = await chain.read(late);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /AUDIT_EVENT_MISSING/);
  });

  it("says whether workers are valid, lists and revokes them", async () => {
    const valid = await chain.read(["worker", "status", identity, ...program]);
    assert.equal(valid.code, 0, valid.stderr);
    assert.match(valid.stdout, /^VALID\n/);
    const nobody = await chain.read(["worker", "status", NOBODY, ...program, "--json"]);
    assert.equal(nobody.code, 1);
    assert.equal((nobody.json().error as { code: string }).code, "WORKER_UNKNOWN");

    const second = await chain.chainseal.bootWorker();
    const refused = await chain.run(
      ["worker", "revoke", second.identity, ...program],
      STRANGER_KEY,
    );
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /ACCESS_MANAGED_UNAUTHORIZED/);
    const revoked = await chain.run(["worker", "revoke", second.identity, ...program]);
    assert.equal(revoked.code, 0, revoked.stderr);
    const status = await chain.read(["worker", "status", second.identity, ...program, "--json"]);
    assert.equal(status.code, 1);
    assert.equal(status.json().status, "REVOKED");

    const all = await chain.read(["worker", "list", ...program, "--json"]);
    assert.deepEqual(all.json().workers, [
      { identity, status: "VALID" },
      { identity: second.identity, status: "REVOKED" },
    ]);
    const live = await chain.read(["worker", "list", ...program, "--valid-only"]);
    assert.match(live.stdout, /1 workers at block/);
  });

  it("refuses a block that is too old", async () => {
    const stale = await chain.read([
      ...["worker", "status", identity, ...program],
      ...["--max-staleness", "0", "--json"],
    ]);
    assert.equal(stale.code, 2);
    assert.equal((stale.json().error as { code: string }).code, "STALE_BLOCK");
  });
});
