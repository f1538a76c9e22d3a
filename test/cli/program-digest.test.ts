import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { addProgramDigestCommand } from "../../cli/commands/program-digest.ts";
import { temporaryFiles } from "./support/run-cli.ts";

const VECTORS = fileURLToPath(new URL("../vectors/dstack/", import.meta.url));
const MODULE = new URL("../../cli/commands/program-digest.ts", import.meta.url).href;
const GOOD = `services:\n  worker:\n    image: example.org/worker@sha256:${"a".repeat(64)}\n`;

/** Runs the command alone, in a process of its own. */
async function run(...words: string[]) {
  const script = `
    import { Command } from "commander";
    import { addProgramDigestCommand } from ${JSON.stringify(MODULE)};
    const program = new Command("program");
    addProgramDigestCommand(program);
    await program.parseAsync(${JSON.stringify(["digest", ...words])}, { from: "user" });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...output };
}

describe("chainseal program digest", () => {
  const files = temporaryFiles();

  it("stands under the command that it is given", () => {
    const program = new Command("program");
    addProgramDigestCommand(program);
    assert.deepEqual(
      program.commands.map((command) => command.name()),
      ["digest"],
    );
  });

  it("shows what is measured, and writes what has to be deployed", async () => {
    const compose = files.write("worker.yaml", GOOD);
    const output = files.write("app-compose.json", "");
    const first = await run(compose, "--output", output);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /Program worker/);
    const [, digest = ""] = /compose digest +0x([0-9a-f]{64})/.exec(first.stdout) ?? [];
    assert.match(first.stdout, new RegExp(`MRCONFIGID 01 +0x01${digest}${"0".repeat(30)}`));
    assert.match(first.stdout, /MRCONFIGID 02 +0x02[0-9a-f]{64}0{30}/);
    assert.match(first.stdout, /worker +example\.org\/worker@sha256:a{64}/);
    const second = await run(output, "--json");
    assert.equal(JSON.parse(second.stdout).composeDigest, `0x${digest}`);
    assert.equal(JSON.parse(readFileSync(output, "utf8")).docker_compose_file, GOOD);
  });

  it("refuses an image without its digest, with exit code 1", async () => {
    const { code, stderr } = await run(`${VECTORS}rtmr3-based-app-compose.json`);
    assert.equal(code, 1);
    assert.match(stderr, /quay\.io\/jupyter\/base-notebook \[IMAGE_NOT_PINNED\]/);
  });

  it("compares with an answer of the guest agent", async () => {
    const compose = files.write("other.yaml", GOOD);
    const report = `${VECTORS}quote-report.json`;
    const other = await run(compose, "--report", report);
    assert.equal(other.code, 1, other.stderr);
    assert.match(other.stdout, /compose-hash +0x3763bc34[0-9a-f]+, ANOTHER/);
    const { event_log, ...rest } = JSON.parse(readFileSync(report, "utf8"));
    const shorter = JSON.stringify(JSON.parse(event_log).slice(1));
    const changed = files.write("report.json", JSON.stringify({ ...rest, event_log: shorter }));
    const forged = await run(compose, "--report", changed, "--json");
    assert.equal(forged.code, 1);
    assert.equal(JSON.parse(forged.stdout).error.code, "EVENT_LOG_MISMATCH");
  });
});
