import { basename, extname } from "node:path";
import { type Command, Option } from "commander";
import { fromHex, type Hex } from "../../sdk/bytes.ts";
import { printable } from "../../sdk/errors.ts";
import { parseQuote } from "../../sdk/tdx/index.ts";
import {
  type KeyProviderKind,
  keyProviderKinds,
  MAX_APP_COMPOSE_LENGTH,
  type MeasuredCompose,
  measureCompose,
  mrConfigIdV1,
  mrConfigIdV2,
  type ReplayedEventLog,
  replayEventLog,
  WorkerError,
} from "../../sdk/worker/index.ts";
import { CliError } from "../support/errors.ts";
import { ExitCode } from "../support/exit.ts";
import { asJsonObject, readJson, readLimited } from "../support/input.ts";
import { fields, heading, line, printJson } from "../support/output.ts";
import { replaceFile } from "../support/replace-file.ts";
import { reportError } from "../support/report-error.ts";

interface DigestOptions {
  readonly name?: string;
  readonly output?: string;
  readonly appId?: Hex;
  readonly keyProvider: KeyProviderKind;
  readonly keyProviderId: Hex;
  readonly report?: string;
  readonly json?: boolean;
}

const digestHelp = `
COMPOSE is an app-compose.json, measured byte by byte as it is, or a docker-compose file. Around the
latter an app-compose.json is made, whose bytes are what is measured and deployed: --output writes it.

Every image has to be named by its sha256 digest; nothing else fixes what runs.

MRCONFIGID has form 01 or 02, as the guest's host is configured. The host sets it: approve it only
under an OS that refuses to start what it does not name.

With --report, an answer of the guest agent (GetQuote: quote and event_log) is replayed and compared.
The quote itself is not verified by that: use \`chainseal quote verify\`.

Exit code 1: an image is not fixed, or the report is of another program.

Examples:
  $ chainseal program digest app-compose.json
  $ chainseal program digest compose.yaml --name worker --output app-compose.json
  $ chainseal program digest app-compose.json --report report.json`;

function parseHex(value: string): Hex {
  const digits = value.replace(/^0x/, "");
  if (fromHex(digits) === undefined) throw new CliError("USAGE", { found: `${value}: no hex` });
  return `0x${digits.toLowerCase()}`;
}

/** An answer of the guest agent, replayed; what else it holds does not matter. */
async function replayReport(path: string): Promise<{ log: ReplayedEventLog; mrConfigId: Hex }> {
  const report = asJsonObject(await readJson(path), path);
  const quote: unknown = Reflect.get(report, "quote");
  const text: unknown = Reflect.get(report, "event_log");
  const bytes = typeof quote === "string" ? fromHex(quote) : undefined;
  if (bytes === undefined || typeof text !== "string") {
    const expected = '"quote" in hex and "event_log" as text';
    throw new WorkerError("EVENT_LOG_MALFORMED", { subject: path, expected, found: "others" });
  }
  return { log: replayEventLog(bytes, text), mrConfigId: parseQuote(bytes).report.mrConfigId };
}

async function readCompose(path: string, name: string | undefined): Promise<MeasuredCompose> {
  const bytes = await readLimited(path, MAX_APP_COMPOSE_LENGTH);
  return measureCompose(bytes, name ?? basename(path, extname(path)));
}

function print(measured: MeasuredCompose, registers: Readonly<Record<string, Hex>>): void {
  const { composeDigest, name, images, scripts } = measured;
  heading(`Program ${printable(name)}`);
  fields(
    [["compose digest", composeDigest], ...Object.entries(registers)].map(
      ([title = "", value = ""]) => [title, value] as const,
    ),
    "  ",
  );
  heading("Images");
  fields(
    images.map(({ service, image }) => [service, image] as const),
    "  ",
  );
  if (scripts.length === 0) return;
  line();
  line(`Also measured as text: ${scripts.join(", ")}. What they fetch when they run is not.`);
}

async function digest(path: string, options: DigestOptions): Promise<void> {
  const measured = await readCompose(path, options.name);
  const { composeDigest, defaultAppId, name, images, scripts, bytes } = measured;
  const { keyProvider, keyProviderId, appId = defaultAppId } = options;
  const v1 = mrConfigIdV1(composeDigest);
  const v2 = mrConfigIdV2({ composeDigest, appId, keyProvider, keyProviderId });
  const registers = { "MRCONFIGID 01": v1, "MRCONFIGID 02": v2, "app id": appId };
  const report = options.report === undefined ? undefined : await replayReport(options.report);
  if (options.output !== undefined) await replaceFile(options.output, bytes);

  const isSame = report?.log.composeDigest === composeDigest;
  const isNamed = report !== undefined && [v1, v2].includes(report.mrConfigId);
  if (options.json) {
    printJson({
      composeDigest,
      mrConfigId: { v1, v2 },
      appId,
      name,
      images,
      scripts,
      ...(report === undefined
        ? {}
        : {
            report: {
              composeDigest: report.log.composeDigest,
              isSame,
              mrConfigId: report.mrConfigId,
              isNamedByMrConfigId: isNamed,
              applicationEvents: report.log.applicationEvents,
            },
          }),
    });
  } else {
    print(measured, registers);
    if (report !== undefined) {
      heading("Report");
      const { log, mrConfigId } = report;
      fields(
        [
          ["event log", "gives the quote's RTMR0 to RTMR3"],
          ["compose-hash", `${log.composeDigest}, ${isSame ? "the same" : "ANOTHER"}`],
          ["MRCONFIGID", isNamed ? `${mrConfigId}, the same` : `${mrConfigId}, of another form`],
        ],
        "  ",
      );
    }
  }
  if (report !== undefined && !isSame) process.exitCode = ExitCode.REFUSED;
}

/** What was read well, but is refused: exit code 1. */
const REFUSALS: ReadonlySet<string> = new Set(["IMAGE_NOT_PINNED", "EVENT_LOG_MISMATCH"]);

async function digestOrRefuse(path: string, options: DigestOptions): Promise<void> {
  try {
    await digest(path, options);
  } catch (error) {
    if (!(error instanceof WorkerError) || !REFUSALS.has(error.code)) throw error;
    reportError(error, options.json ?? false);
    process.exitCode = ExitCode.REFUSED;
  }
}

/** `chainseal program digest`, under the command `program`. */
export function addProgramDigestCommand(program: Command): void {
  program
    .command("digest")
    .description("show what a guest measures of a compose file, and refuse one that fixes nothing")
    .argument("<compose>", "app-compose.json or a docker-compose file")
    .option("--name <name>", "the application's name, for a docker-compose file")
    .option("--output <file>", "write the app-compose.json that was measured")
    .option("--app-id <hex>", "20 bytes (default: of the compose digest)", parseHex)
    .addOption(
      new Option("--key-provider <kind>", "who gives the guest its keys")
        .choices(Object.keys(keyProviderKinds))
        .default("none"),
    )
    .option("--key-provider-id <hex>", "as it names itself", parseHex, "0x")
    .option("--report <file>", "compare with an answer of the guest agent")
    .option("--json", "print JSON")
    .addHelpText("after", digestHelp)
    .action(digestOrRefuse);
}
