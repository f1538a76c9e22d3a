import { type Command, Option } from "commander";
import { printable } from "../../sdk/errors.ts";
import { defaultPolicy, intelSgxRootCa, type Policy } from "../../sdk/tdx/index.ts";
import { CliError } from "../support/errors.ts";
import { ExitCode } from "../support/exit.ts";
import {
  asJsonObject,
  parseTime,
  readJson,
  readPolicy,
  readQuote,
  readRoot,
} from "../support/input.ts";
import { readManifest, runCase } from "../support/manifest.ts";
import { createProgress, line, printJson, style } from "../support/output.ts";
import { printVerdict } from "../support/report.ts";
import { judge } from "../support/verdict.ts";
import { inspectQuote } from "./quote-inspect.ts";

interface VerifyOptions {
  readonly collateral?: string;
  readonly at?: number;
  readonly root?: string;
  readonly policy?: string;
  readonly manifest?: string;
  readonly json?: boolean;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

async function rootOf(options: VerifyOptions): Promise<Uint8Array> {
  return options.root === undefined ? intelSgxRootCa() : readRoot(options.root);
}

async function policyOf(options: VerifyOptions): Promise<Policy> {
  return options.policy === undefined ? defaultPolicy : readPolicy(options.policy);
}

async function verifyFile(file: string, options: VerifyOptions): Promise<void> {
  const collateral =
    options.collateral === undefined
      ? null
      : asJsonObject(await readJson(options.collateral), options.collateral);
  const verdict = judge(await readQuote(file), collateral, {
    at: options.at ?? now(),
    root: await rootOf(options),
    policy: await policyOf(options),
  });
  if (options.json) printJson(verdict);
  else printVerdict(verdict);
  process.exitCode = verdict.accepted ? ExitCode.OK : ExitCode.REFUSED;
}

async function verifyManifest(path: string, options: VerifyOptions): Promise<void> {
  const cases = await readManifest(path);
  const root = await rootOf(options);
  const at = options.at ?? now();
  const progress = createProgress("verified");
  const width = Math.max(...cases.map(({ name }) => name.length));
  const rows = [];
  for (const entry of cases) {
    const row = await runCase(entry, { root, at });
    rows.push(row);
    progress.step(rows.length, cases.length);
    if (options.json) continue;
    const mark = row.agrees ? style("green", "agrees ") : style("red", "DIFFERS");
    const expected = row.note === "" ? row.expected : `${row.expected} (${printable(row.note)})`;
    line(`${mark}  ${printable(row.name).padEnd(width)}  expected ${expected}  found ${row.found}`);
  }
  progress.end();
  const agreed = rows.filter((row) => row.agrees).length;
  const total = { total: rows.length, agreed, differed: rows.length - agreed };
  if (options.json) printJson({ cases: rows, ...total });
  else line(`${total.total} cases, ${total.agreed} agree, ${total.differed} differ`);
  process.exitCode = total.differed === 0 ? ExitCode.OK : ExitCode.REFUSED;
}

function checkWords(file: string | undefined, options: VerifyOptions): void {
  const usage = (expected: string, found: string) => new CliError("USAGE", { expected, found });
  if (options.manifest === undefined) {
    if (file === undefined) throw usage("a quote FILE or --manifest FILE", "neither");
    return;
  }
  if (file !== undefined) throw usage("a quote FILE or --manifest FILE", "both");
  for (const name of ["collateral", "policy"] as const) {
    if (options[name] !== undefined) throw usage("--manifest without it", `--${name}`);
  }
}

const verifyHelp = `
The quote may be binary, hex or base64; - reads standard input.
Collateral is QuoteCollateralV3 JSON; "chainseal collateral fetch" gets it.
Without --policy: status UpToDate or SWHardeningNeeded, and no debug TD.

Exit code: 0 accepted, 1 refused, 2 unreadable input or usage.

Examples:
  $ chainseal quote verify quote.bin --collateral collateral.json --at 2026-07-14T12:00:00Z
  $ chainseal quote verify quote.hex --collateral collateral.json --policy policy.json --json
  $ chainseal quote verify --manifest test/vectors/tdx/manifest.json`;

const inspectHelp = `
Nothing is verified: this shows what the quote claims.

Example:
  $ chainseal quote inspect quote.bin`;

/** `chainseal quote verify` and `chainseal quote inspect`. */
export function addQuoteCommand(program: Command): void {
  const quote = program.command("quote").description("verify and look into TDX quotes");
  quote
    .command("verify")
    .description("verify a quote as Intel does, then judge it by a policy")
    .argument("[file]", "the quote")
    .option("--collateral <file>", "the collateral to judge it by")
    .addOption(
      new Option(
        "--at <time>",
        "verify at this time: ISO 8601 or Unix seconds (default: now); with --manifest, cases without a time of their own",
      ).argParser(parseTime),
    )
    .option("--root <file>", "trust this root certificate, DER or PEM (default: Intel's)")
    .option("--policy <file>", "policy as JSON, see docs/policy.md")
    .option("--manifest <file>", "verify every case of a manifest and compare")
    .option("--json", "print JSON")
    .addHelpText("after", verifyHelp)
    .action(async (file: string | undefined, options: VerifyOptions) => {
      checkWords(file, options);
      if (options.manifest !== undefined) await verifyManifest(options.manifest, options);
      else if (file !== undefined) await verifyFile(file, options);
    });
  quote
    .command("inspect")
    .description("show what a quote says, without verifying it")
    .argument("<file>", "the quote")
    .option("--json", "print JSON")
    .addHelpText("after", inspectHelp)
    .action(async (file: string, { json }: { readonly json?: boolean }) => {
      inspectQuote(await readQuote(file), json ?? false);
    });
}
