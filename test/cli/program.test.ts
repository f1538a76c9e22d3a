import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { getApproval } from "../../sdk/client/index.ts";
import { reportDigest } from "../../sdk/client/measurements.ts";
import { parseQuote } from "../../sdk/tdx/index.ts";
import { type CliChain, STRANGER_KEY, startCliChain } from "./support/chain.ts";
import { runCli } from "./support/run-cli.ts";

const PLATFORM = `0x${"22".repeat(32)}`;

describe("chainseal program", () => {
  let chain: CliChain;
  let folder: string;
  let quoteFile: string;
  let program: string[];

  before(async () => {
    chain = await startCliChain();
    folder = mkdtempSync(path.join(tmpdir(), "chainseal-program-"));
    const quote = chain.chainseal.workers[0]?.quote;
    assert.ok(quote);
    quoteFile = path.join(folder, "quote.bin");
    writeFileSync(quoteFile, quote);
    program = ["--program", chain.chainseal.programId];
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await chain.stop();
  });

  const file = (name: string, value: unknown): string => {
    const full = path.join(folder, name);
    writeFileSync(full, JSON.stringify(value));
    return full;
  };

  it("creates a program with an image, a machine and a policy", async () => {
    const policy = file("policy.json", { maxAge: 3600, notice: 120, admission: "LIST" });
    const words = ["program", "create", "--salt", "cli", "--policy", policy, "--json"];
    const made = await chain.run([...words, "--from-quote", quoteFile, "--platform", PLATFORM]);
    assert.equal(made.code, 0, made.stderr);
    const { programId } = made.json();
    const status = await chain.read(["program", "status", "--program", String(programId)]);
    assert.equal(status.code, 0, status.stderr);
    assert.match(status.stdout, /a new quote every\s+1 h/);
    assert.match(status.stdout, /Approvals \(1\)/);
    assert.match(status.stdout, /in force/);
    const listed = await chain.read([
      ...["program", "platforms", "list", PLATFORM, `0x${"33".repeat(32)}`],
      ...["--program", String(programId)],
    ]);
    assert.match(listed.stdout, /22 {2}listed\n.*33 {2}not listed/);
    const again = await chain.run([...words]);
    assert.equal(again.code, 1);
    assert.equal((again.json().error as { code: string }).code, "PROGRAM_EXISTS");
  });

  it("approves every measurement of a quote, as the chain then has it, and withdraws", async () => {
    const approved = await chain.run([
      ...["program", "approve", ...program, "--from-quote", quoteFile],
      ...["--pin-mrseam", "--json"],
    ]);
    assert.equal(approved.code, 0, approved.stderr);
    const { approvalId, measurements } = approved.json() as {
      approvalId: number;
      measurements: Record<string, unknown>;
    };
    const { quote } = chain.chainseal.workers[0] ?? {};
    assert.ok(quote);
    const { report } = parseQuote(quote);
    const { tdAttributes, xfam, mrTd, rtmr0, rtmr1, rtmr2, mrSeam } = report;
    const expected = { tdAttributes, xfam, mrTd, rtmr0, rtmr1, rtmr2, mrSeam };
    assert.deepEqual(measurements, {
      ...expected,
      applicationRegister: "RTMR3",
      application: report.rtmr3,
      osEnforcesMrConfigId: false,
      allowMigratable: false,
    });
    const { address, programId } = chain.chainseal;
    const question = { address, programId, approvalId, blockTag: "latest" } as const;
    const approval = await getApproval(chain.publicClient, question);
    assert.equal(approval?.digest, reportDigest(report, 3));

    const json = file("measurements.json", measurements);
    const same = await chain.run(["program", "approve", ...program, "--measurements", json]);
    assert.equal(same.code, 0, same.stderr);
    const next = { ...question, approvalId: approvalId + 1 };
    const second = await getApproval(chain.publicClient, next);
    assert.equal(second?.digest, approval?.digest);

    const withdrawn = await chain.run(["program", "withdraw", String(approvalId + 1), ...program]);
    assert.equal(withdrawn.code, 0, withdrawn.stderr);
    const status = await chain.read(["program", "status", ...program]);
    assert.match(status.stdout, /withdrawn/);
    const twice = await chain.run(["program", "withdraw", String(approvalId + 1), ...program]);
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /APPROVAL_IS_WITHDRAWN/);
  });

  it("lists, delists and revokes machines, and changes the policy", async () => {
    for (const [verb, code] of [
      ["add", 0],
      ["remove", 0],
      ["remove", 1],
      ["revoke", 0],
    ] as const) {
      const done = await chain.run(["program", "platforms", verb, PLATFORM, ...program]);
      assert.equal(done.code, code, `${verb}: ${done.stdout} ${done.stderr}`);
    }
    const policy = file("narrower.json", { maxAge: 7200 });
    const set = await chain.run([
      ...["program", "policy", "set", policy, ...program],
      ...["--json", "--block", "latest"],
    ]);
    assert.equal(set.code, 0, set.stderr);
    assert.equal((set.json().policy as { maxAge: number }).maxAge, 7200);
    const none = await chain.run(["program", "policy", "apply", ...program]);
    assert.match(none.stderr, /NOTHING_PENDING/);
  });

  it("refuses bad input with a code and changes nothing", async () => {
    const refused = async (words: readonly string[], pattern: RegExp, key?: string) => {
      const { code, stderr } = await chain.run(words, key);
      assert.equal(code, 2, stderr);
      assert.match(stderr, pattern);
    };
    await refused(["program", "approve", ...program], /USAGE/);
    const both = ["--from-quote", quoteFile, "--measurements", quoteFile];
    await refused(["program", "approve", ...program, ...both], /USAGE/);
    const misspelt = file("misspelt.json", { maxage: 1 });
    await refused(["program", "create", "--policy", misspelt], /maxage.*INPUT_NOT_JSON/);
    const wrong = file("wrong.json", { maxAge: "1" });
    await refused(["program", "create", "--policy", wrong], /INPUT_NOT_JSON/);
    await refused(["program", "withdraw", "1", ...program], /KEY_UNREADABLE/, "nonsense");
    await refused(["program", "withdraw", "1", "--program", "0x12"], /32 bytes/);
    const owner = await chain.run(
      ["program", "approve", ...program, "--from-quote", quoteFile, "--json"],
      STRANGER_KEY,
    );
    assert.equal(owner.code, 1);
    const { error } = owner.json() as { error: { code: string; expected: string; found: string } };
    assert.equal(error.code, "NOT_PROGRAM_OWNER");
    assert.ok(error.expected !== undefined && error.found !== undefined);
    const unknown = await chain.read(["program", "status", "--program", PLATFORM]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /PROGRAM_UNKNOWN/);
    const elsewhere = await runCli([
      ...["program", "status", ...program, "--rpc", chain.anvil.url],
    ]);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.stderr, /chain 31337, of which no deployment is recorded/);
    const silent = await runCli([
      ...["program", "status", ...program, "--rpc", "http://127.0.0.1:1"],
      ...["--registry", chain.chainseal.address, "--json"],
    ]);
    assert.equal(silent.code, 2);
    assert.equal((silent.json().error as { code: string }).code, "CHAIN_UNREACHABLE");
  });
});
