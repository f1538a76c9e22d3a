import { type Command, Option } from "commander";
import { printable } from "../../sdk/errors.ts";
import {
  defaultBackend,
  defaultPolicy,
  intelSgxRootCa,
  type Policy,
  type QuoteCollateral,
} from "../../sdk/tdx/index.ts";
import { loadTrustedRoot } from "../../sdk/tdx/root.ts";
import { differences } from "../chain/compare.ts";
import type { OnchainJudge } from "../chain/judge.ts";
import { inGas, printOnchainAnswer } from "../chain/report.ts";
import { readCollateral } from "../support/collateral-file.ts";
import { CliError } from "../support/errors.ts";
import { ExitCode } from "../support/exit.ts";
import { parseTime, readPolicy, readQuote, readRoot } from "../support/input.ts";
import { earliestOf, type ManifestRow, readManifest, runCase } from "../support/manifest.ts";
import { createProgress, line, printJson, style } from "../support/output.ts";
import { printVerdict } from "../support/report.ts";
import { now } from "../support/time.ts";
import { judge } from "../support/verdict.ts";

interface VerifyOptions {
  readonly collateral?: string;
  readonly at?: number;
  readonly root?: string;
  readonly policy?: string;
  readonly manifest?: string;
  readonly chain?: boolean;
  readonly json?: boolean;
}

async function rootOf(options: VerifyOptions): Promise<Uint8Array> {
  return options.root === undefined ? intelSgxRootCa() : readRoot(options.root);
}

async function policyOf(options: VerifyOptions): Promise<Policy> {
  return options.policy === undefined ? defaultPolicy : readPolicy(options.policy);
}

/** Starts a chain for the time that `use` takes. */
async function withChain<T>(
  root: Uint8Array,
  earliest: number,
  use: (judge: OnchainJudge) => Promise<T>,
): Promise<T> {
  // Loaded by those who ask a chain alone: it takes a while.
  const { startLocalChain } = await import("../chain/local-chain.ts");
  const { judgeOnChain } = await import("../chain/judge.ts");
  const { der } = loadTrustedRoot(root, defaultBackend).certificate;
  const chain = await startLocalChain({ root: der, earliest });
  try {
    return await use((quote, collateral, at) => judgeOnChain(chain, quote, collateral, at));
  } finally {
    await chain.stop();
  }
}

async function verifyFile(file: string, options: VerifyOptions): Promise<void> {
  const { collateral: path, json: asJson } = options;
  const collateral: QuoteCollateral | null = path === undefined ? null : await readCollateral(path);
  const quote = await readQuote(file);
  const root = await rootOf(options);
  const at = options.at ?? now();
  const verdict = judge(quote, collateral, { at, root, policy: await policyOf(options) });
  if (!options.chain) {
    if (asJson) printJson(verdict);
    else printVerdict(verdict);
    process.exitCode = verdict.accepted ? ExitCode.OK : ExitCode.REFUSED;
    return;
  }
  const answer = await withChain(root, at, (onChain) => onChain(quote, collateral, at));
  const differing = differences(verdict, answer);
  const { gas, ...onChain } = answer;
  if (asJson) printJson({ ...verdict, onChain: { ...onChain, differing }, gas });
  else {
    printVerdict(verdict);
    printOnchainAnswer(answer, differing);
  }
  const isAccepted = verdict.accepted && differing.length === 0;
  process.exitCode = isAccepted ? ExitCode.OK : ExitCode.REFUSED;
}

function printRow(row: ManifestRow, width: number): void {
  const { name, expected, note, found, foundOnChain, gas, agrees } = row;
  const mark = agrees ? style("green", "agrees ") : style("red", "DIFFERS");
  const wanted = note === "" ? expected : `${expected} (${printable(note)})`;
  const onChain = foundOnChain === undefined ? "" : `  on chain ${foundOnChain}`;
  const cost = gas?.verifyQuote === undefined ? "" : `  ${inGas(gas.verifyQuote)} gas`;
  const title = printable(name).padEnd(width);
  line(`${mark}  ${title}  expected ${wanted}  found ${found}${onChain}${cost}`);
}

async function verifyManifest(path: string, options: VerifyOptions): Promise<void> {
  const cases = await readManifest(path);
  const root = await rootOf(options);
  const at = options.at ?? now();
  const width = Math.max(...cases.map(({ name }) => name.length));
  const run = async (onChain?: OnchainJudge): Promise<ManifestRow[]> => {
    const progress = createProgress("verified");
    const rows: ManifestRow[] = [];
    for (const entry of cases) {
      const row = await runCase(entry, {
        root,
        at,
        ...(onChain === undefined ? {} : { onChain }),
      });
      rows.push(row);
      progress.step(rows.length, cases.length);
      if (!options.json) printRow(row, width);
    }
    progress.end();
    return rows;
  };
  const rows = options.chain ? await withChain(root, earliestOf(cases, at), run) : await run();
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

const help = `
The quote may be binary, hex or base64; - reads standard input.
Collateral is QuoteCollateralV3 JSON; "chainseal collateral fetch" gets it.
Without --policy: status UpToDate or SWHardeningNeeded, and no debug TD.

With --chain the contracts judge too, on a local chain that starts empty, whose clock stands at
the time of verification, and that ends with the command. It says what each transaction takes.
The policy stays off chain. Refused is then also a quote on which the two verdicts differ.

Exit code: 0 accepted, 1 refused, 2 unreadable input or usage.

Examples:
  $ chainseal quote verify quote.bin --collateral collateral.json --at 2026-07-14T12:00:00Z
  $ chainseal quote verify quote.hex --collateral collateral.json --policy policy.json --json
  $ chainseal quote verify quote.bin --collateral collateral.json --at 2026-07-14 --chain
  $ chainseal quote verify --manifest test/vectors/tdx/manifest.json --chain`;

/** `chainseal quote verify`. */
export function addQuoteVerifyCommand(quote: Command): void {
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
    .option("--chain", "have the contracts judge too, on a throw-away local chain")
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action(async (file: string | undefined, options: VerifyOptions) => {
      checkWords(file, options);
      if (options.manifest !== undefined) await verifyManifest(options.manifest, options);
      else if (file !== undefined) await verifyFile(file, options);
    });
}
