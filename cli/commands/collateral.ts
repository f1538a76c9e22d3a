import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type Collateral,
  createCollateral,
  type Hex,
  intelSgxRootCa,
  type QuoteCollateral,
  TdxError,
  tdxErrors,
} from "../../sdk/tdx/index.ts";
import { createPccsClient, fetchCollateralForQuote } from "../../sdk/tdx/pccs/index.ts";
import { CliError } from "../support/errors.ts";
import { ExitCode } from "../support/exit.ts";
import {
  asJsonObject,
  parseTime,
  parseWhole,
  readJson,
  readQuote,
  readRoot,
} from "../support/input.ts";
import {
  fields,
  heading,
  isoTime,
  line,
  printJson,
  style,
  whileWaiting,
} from "../support/output.ts";
import { replaceFile } from "../support/replace-file.ts";
import { now } from "../support/time.ts";
import { addCollateralPushCommand } from "./collateral-push.ts";

interface FetchOptions {
  readonly pccs: string;
  readonly quote?: string;
  readonly fmspc?: Hex;
  readonly ca: "platform" | "processor";
  readonly update?: "early" | "standard";
  readonly tcbEvaluationDataNumber?: number;
  readonly timeout: number;
  readonly rootCrlUrl?: string;
  readonly root?: string;
  readonly out?: string;
  readonly json?: boolean;
}

interface InspectOptions {
  readonly at?: number;
  readonly root?: string;
  readonly json?: boolean;
}

async function rootOf(options: { readonly root?: string }): Promise<Uint8Array> {
  return options.root === undefined ? intelSgxRootCa() : readRoot(options.root);
}

function parseFmspc(text: string): Hex {
  const digits = text.replace(/^0x/, "").toLowerCase();
  if (!/^[0-9a-f]{12}$/.test(digits)) throw new InvalidArgumentError("It has 12 hex digits.");
  return `0x${digits}`;
}

function summarise(collateral: Collateral, at: number) {
  const { tcbInfo, qeIdentity, periods, validFrom, validUntil } = collateral;
  const list = (levels: readonly { readonly status: string }[]) =>
    levels.map(({ status }) => status).join(", ");
  const verdicts = (levels: readonly { readonly verdict: { readonly status: string } }[]) =>
    list(levels.map(({ verdict }) => verdict));
  return {
    fmspc: collateral.fmspc,
    pceId: tcbInfo.pceId,
    pckCa: collateral.pckCa,
    tcbEvaluationDataNumber: {
      tcbInfo: tcbInfo.tcbEvaluationDataNumber,
      qeIdentity: qeIdentity.tcbEvaluationDataNumber,
    },
    tcbLevels: verdicts(tcbInfo.tcbLevels),
    tdxModules: tcbInfo.tdxModuleIdentities.map(({ id, tcbLevels }) => `${id}: ${list(tcbLevels)}`),
    qeTcbLevels: verdicts(qeIdentity.tcbLevels),
    revokedPckCertificates: collateral.revokedCount,
    periods: periods.map(({ part, from, until }) => ({ part, from, until })),
    validFrom,
    validUntil,
    at,
    isValid: at >= validFrom && at <= validUntil,
  };
}

function printSummary(collateral: Collateral, at: number): void {
  const summary = summarise(collateral, at);
  heading("Collateral, all signatures verified");
  fields(
    [
      ["FMSPC", summary.fmspc],
      ["PCE id", summary.pceId],
      ["PCK CA", summary.pckCa],
      [
        "evaluation data",
        `TCB info ${summary.tcbEvaluationDataNumber.tcbInfo}, QE identity ${summary.tcbEvaluationDataNumber.qeIdentity}`,
      ],
      ["TCB levels", summary.tcbLevels],
      ...summary.tdxModules.map((module) => ["TDX module", module] as const),
      ["QE levels", summary.qeTcbLevels],
      ["revoked", `${summary.revokedPckCertificates} PCK certificates`],
    ],
    "  ",
  );
  heading("Validity");
  fields(
    summary.periods.map(({ part, from, until }) => {
      const mark = at < from ? "  not yet valid" : at > until ? "  EXPIRED" : "";
      return [part, `${isoTime(from)} to ${isoTime(until)}${mark}`] as const;
    }),
    "  ",
  );
  line();
  const verdict = summary.isValid ? style("green", "Valid") : style("red", "Not valid");
  line(`${verdict} at ${isoTime(at)}`);
}

async function inspect(file: string, options: InspectOptions): Promise<void> {
  const json = await readJson(file);
  const at = options.at ?? now();
  try {
    const collateral = createCollateral(asJsonObject(json, file), { root: await rootOf(options) });
    if (options.json) printJson({ verified: true, ...summarise(collateral, at) });
    else printSummary(collateral, at);
    const isValid = at >= collateral.validFrom && at <= collateral.validUntil;
    process.exitCode = isValid ? ExitCode.OK : ExitCode.REFUSED;
  } catch (error) {
    const isEvidence = error instanceof TdxError && !/_MALFORMED$/.test(error.code);
    if (!isEvidence) throw error;
    const { remedy } = tdxErrors[error.code];
    if (options.json) printJson({ verified: false, reasons: [{ ...error.toJSON(), remedy }] });
    else {
      line(style("red", "Refused"));
      line(`  ${style("bold", error.code)}  ${error.message}`);
      line(`    ${remedy}`);
    }
    process.exitCode = ExitCode.REFUSED;
  }
}

async function fetchJson(options: FetchOptions): Promise<QuoteCollateral> {
  const { update, tcbEvaluationDataNumber, rootCrlUrl } = options;
  const client = createPccsClient({
    url: options.pccs,
    timeout: options.timeout * 1000,
    ...(rootCrlUrl === undefined ? {} : { rootCaCrlUrl: rootCrlUrl }),
  });
  const which = {
    ...(update === undefined ? {} : { update }),
    ...(tcbEvaluationDataNumber === undefined ? {} : { tcbEvaluationDataNumber }),
  };
  if (options.quote !== undefined) {
    return fetchCollateralForQuote(client, await readQuote(options.quote), which);
  }
  if (options.fmspc === undefined) {
    throw new CliError("USAGE", { expected: "--quote FILE or --fmspc HEX", found: "neither" });
  }
  return client.fetchCollateral({ ...which, fmspc: options.fmspc, pckCa: options.ca });
}

async function fetchCommand(options: FetchOptions): Promise<void> {
  const json = await whileWaiting("fetching collateral", fetchJson(options));
  // What is not genuine is not written.
  const collateral = createCollateral(json, { root: await rootOf(options) });
  const text = `${JSON.stringify(json, undefined, 2)}\n`;
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  await replaceFile(options.out, text);
  if (options.json)
    printJson({ file: options.out, verified: true, ...summarise(collateral, now()) });
  else {
    printSummary(collateral, now());
    line(`written to ${options.out}`);
  }
}

const fetchHelp = `
Everything is verified under the root before it is written.
The service is a PCCS or Intel's PCS; CHAINSEAL_PCCS_URL names it too.

Examples:
  $ chainseal collateral fetch --pccs https://pccs.example:8081 --quote quote.bin --out collateral.json
  $ chainseal collateral fetch --pccs https://pccs.example:8081 --fmspc 90c06f000000 > collateral.json`;

const inspectHelp = `
Exit code: 0 genuine and valid at the time, 1 refused or not valid, 2 unreadable input or usage.

Example:
  $ chainseal collateral inspect collateral.json --at 2026-07-14`;

/** `chainseal collateral fetch`, `inspect` and `push`. */
export function addCollateralCommand(program: Command): void {
  const collateral = program
    .command("collateral")
    .description("fetch, look into and upload what quotes are judged by");
  const rootOption = () =>
    new Option("--root <file>", "trust this root certificate, DER or PEM (default: Intel's)");
  collateral
    .command("fetch")
    .description("fetch collateral from a PCCS and verify it")
    .addOption(
      new Option("--pccs <url>", "address of the service")
        .env("CHAINSEAL_PCCS_URL")
        .makeOptionMandatory(),
    )
    .addOption(new Option("--quote <file>", "fetch what this quote needs").conflicts("fmspc"))
    .option("--fmspc <hex>", "fetch for this platform type", parseFmspc)
    .addOption(
      new Option("--ca <ca>", "which CA issued the platform's certificate")
        .choices(["platform", "processor"])
        .default("platform"),
    )
    .addOption(
      new Option("--update <kind>", "Intel's early or standard update")
        .choices(["early", "standard"])
        .conflicts("tcbEvaluationDataNumber"),
    )
    .option("--tcb-evaluation-data-number <n>", "collateral of this evaluation number", parseWhole)
    .option("--root-crl-url <url>", "where the root CRL is, if the service does not have it")
    .option(
      "--timeout <seconds>",
      "for one try of one request; a failed one is tried again up to three times",
      parseWhole,
      10,
    )
    .addOption(rootOption())
    .option("--out <file>", "write it here instead of to standard output")
    .option("--json", "print JSON")
    .addHelpText("after", fetchHelp)
    .action(fetchCommand);
  collateral
    .command("inspect")
    .description("verify collateral and show what it says")
    .argument("<file>", "QuoteCollateralV3 JSON")
    .option("--at <time>", "ISO 8601 or Unix seconds (default: now)", parseTime)
    .addOption(rootOption())
    .option("--json", "print JSON")
    .addHelpText("after", inspectHelp)
    .action(inspect);
  addCollateralPushCommand(collateral);
}
