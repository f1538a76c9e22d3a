import { type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Runner, readSummaries, SUMMARY_VARIABLE } from "./support/summary.ts";
import { expandTestPaths } from "./support/test-files.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const USAGE = `Usage: ./chainseal test [--only STAGE]... [--grep TEXT] [FILE]...

Runs the stages format, types, unused, build and tests, or those named with --only.
FILE is a test file or a folder of them; with FILE or --grep only the stage tests is run.`;

interface Selection {
  readonly files: readonly string[];
  readonly grep: string | undefined;
}

interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** Lines for the end of the report. */
  notes: string[];
}

interface Stage {
  readonly name: string;
  readonly title: string;
  run(selection: Selection): Promise<Outcome>;
}

/** Runs a command of the project's packages with its output shown; true when it ended well. */
async function succeeds(command: string, args: readonly string[], options: SpawnOptions = {}) {
  return await new Promise<boolean>((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      ...options,
    });
    child.once("error", (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
}

/** A stage that is one script of package.json: it passes or it fails. */
function script(name: string, title: string, npmScript: string): Stage {
  return {
    name,
    title,
    async run() {
      const passed = await succeeds("npm", ["run", "--silent", npmScript]);
      return passed
        ? { passed: 1, failed: 0, skipped: 0, notes: [] }
        : { passed: 0, failed: 1, skipped: 0, notes: [`failed: ${title}`] };
    },
  };
}

const RUNNERS: readonly Runner[] = ["mocha", "solidity"];

function runnersOf(files: readonly string[]): readonly Runner[] {
  return RUNNERS.filter((runner) =>
    files.some((file) => file.endsWith(".sol") === (runner === "solidity")),
  );
}

async function runTests({ files, grep }: Selection): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "chainseal-test-"));
  try {
    const summaryFile = path.join(folder, "summary.jsonl");
    const hardhat = path.join(ROOT, "node_modules", "hardhat", "dist", "src", "cli.js");
    const filter = grep === undefined ? [] : ["--grep", grep];
    const ended = await succeeds(process.execPath, [hardhat, "test", ...filter, ...files], {
      env: { ...process.env, [SUMMARY_VARIABLE]: summaryFile, HARDHAT_DISABLE_TELEMETRY: "true" },
    });

    const summaries = readSummaries(summaryFile);
    const runners = files.length > 0 ? runnersOf(files) : RUNNERS;
    const silent = runners.filter((runner) => !summaries.some((one) => one.runner === runner));
    const outcome: Outcome = { passed: 0, failed: 0, skipped: 0, notes: [] };
    for (const summary of summaries) {
      outcome.passed += summary.passed;
      outcome.failed += summary.failed;
      outcome.skipped += summary.skipped;
      for (const { title, reason } of summary.notRun) {
        outcome.notes.push(`not run: ${reason} (${title})`);
      }
    }
    if (outcome.failed > 0) {
      outcome.notes.push(`failed: ${outcome.failed} of the tests`);
    } else if (!ended || silent.length > 0) {
      outcome.failed = 1;
      outcome.notes.push("failed: the tests did not run to their end");
    } else if (outcome.passed === 0) {
      outcome.failed = 1;
      outcome.notes.push("failed: no test was run");
    }
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const STAGES: readonly Stage[] = [
  script("format", "format and lint", "check"),
  script("types", "types", "typecheck"),
  script("unused", "unused code", "unused"),
  script("build", "build", "check:build"),
  { name: "tests", title: "tests", run: runTests },
];

function chooseStages(only: readonly string[], selection: Selection): readonly Stage[] {
  const filtered = selection.files.length > 0 || selection.grep !== undefined;
  const names = only.length === 0 && filtered ? ["tests"] : only;
  const unknown = names.find((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown !== undefined) throw new Error(`no such stage: ${unknown}`);
  return names.length === 0 ? STAGES : STAGES.filter(({ name }) => names.includes(name));
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string", multiple: true, default: [] },
      grep: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const selection = { files: expandTestPaths(positionals, process.cwd()), grep: values.grep };
  return { help: values.help, stages: chooseStages(values.only, selection), selection };
}

async function runStages(stages: readonly Stage[], selection: Selection): Promise<Outcome> {
  const total: Outcome = { passed: 0, failed: 0, skipped: 0, notes: [] };
  for (const stage of stages) {
    console.log(`\n=== ${stage.title}`);
    const start = performance.now();
    const outcome = await stage.run(selection);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `=== ${stage.title}: ${outcome.failed === 0 ? "passed" : "FAILED"} in ${seconds} s`,
    );
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    total.skipped += outcome.skipped;
    total.notes.push(...outcome.notes);
  }
  return total;
}

try {
  const { help, stages, selection } = readArguments();
  if (help) {
    console.log(USAGE);
  } else {
    const { passed, failed, skipped, notes } = await runStages(stages, selection);
    console.log(
      ["", ...notes, `${passed} passed, ${failed} failed, ${skipped} skipped`].join("\n"),
    );
    if (failed > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exitCode = 1;
}
