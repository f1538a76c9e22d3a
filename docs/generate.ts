/**
 * Writes the documents that are made from the code, so that they cannot differ from it:
 * `node docs/generate.ts`, or with `--check` to only compare (exit code 1 on a difference).
 */
import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { GasFigures } from "../bench/support/gas-scenarios.ts";
import type { GasRow } from "../bench/support/registry-gas.ts";
import { cliErrors } from "../cli/support/errors.ts";
import {
  auditErrors,
  clientErrors,
  gateErrors,
  registryErrors,
} from "../sdk/client/error-table.ts";
import { ATTESTATION, REGISTRY, readArtifact } from "../sdk/contracts/artifacts.ts";
import { contractsErrors } from "../sdk/contracts/errors.ts";
import { gpuErrors, refusals as gpuRefusals } from "../sdk/gpu/index.ts";
import { refusals, tdxErrors } from "../sdk/tdx/index.ts";
import { chainErrors, contractErrors } from "../sdk/tdx/onchain/error-table.ts";
import { workerErrors } from "../sdk/worker/errors.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const HEAD = ["code", "meaning", "what to do"];

function rowsOf(
  entries: Readonly<Record<string, { readonly summary: string; readonly remedy: string }>>,
): string[][] {
  return Object.entries(entries).map(([code, { summary, remedy }]) => [
    `\`${code}\``,
    `${summary}.`,
    remedy,
  ]);
}

const errors = `# Errors

Made by \`node docs/generate.ts\` from the tables in the code; do not edit.

Every error that Chainseal throws on purpose is a \`ChainsealError\` with a stable \`code\`, and where it
applies with \`expected\`, \`found\` and \`subject\` (the field, certificate or file). Messages are for people
and may change; branch on codes. \`error.walk()\` looks through causes.

## Evidence that does not verify: \`TdxError\`

Thrown by \`sdk/tdx\`. "QVL" is the status that Intel's quote verification library gives in the same
place, where it makes the check at all.

${table(
  ["code", "meaning", "QVL", "what to do"],
  Object.entries(tdxErrors).map(([code, { summary, qvl, remedy }]) => [
    `\`${code}\``,
    `${summary}.`,
    qvl === "-" ? "no such check" : `\`${qvl}\``,
    remedy,
  ]),
)}

## On chain: \`OnchainError\`

Thrown by \`sdk/tdx/onchain\`. Where the contract makes the same check as \`verify\`, its refusal has the
code above: the contract's \`QuoteSignatureInvalid\` is \`QUOTE_SIGNATURE_INVALID\`. These are the contract's
own:

${table(HEAD, rowsOf(contractErrors))}

On the way to it:

${table(HEAD, rowsOf(chainErrors))}

## The registry: \`RegistryError\`

Thrown by \`sdk/client\` and \`sdk/ethers\`. The contract's \`NotProgramOwner\` is \`NOT_PROGRAM_OWNER\`. What the
attestation contract refuses under it, such as a quote in a registration, and what goes wrong on the way to
the chain, is an \`OnchainError\`.

${table(HEAD, rowsOf(registryErrors))}

By a contract behind a \`WorkerGate\`, when it carries a worker's signed call:

${table(HEAD, rowsOf(gateErrors))}

On this side:

${table(HEAD, rowsOf(clientErrors))}

By an audit that cannot be made:

${table(HEAD, rowsOf(auditErrors))}

## Deploying: \`ContractsError\`

Thrown by \`chainseal/testing\` and by commands that deploy.

${table(HEAD, rowsOf(contractsErrors))}

## Evidence that a policy refuses: reasons of \`validate\`

Not thrown: \`validate\` returns all that apply, in \`reasons\`.

${table(
  ["code", "meaning"],
  Object.entries(refusals).map(([code, message]) => [`\`${code}\``, message]),
)}

## GPU evidence that does not verify: \`GpuError\`

Thrown by \`sdk/gpu\`. Some codes stand in both tables; the class tells them apart.

${table(
  ["code", "meaning", "what to do"],
  Object.entries(gpuErrors).map(([code, { summary, remedy }]) => [
    `\`${code}\``,
    `${summary}.`,
    remedy,
  ]),
)}

## GPU evidence that a policy refuses: reasons of \`validate\` of \`sdk/gpu\`

${table(
  ["code", "meaning"],
  Object.entries(gpuRefusals).map(([code, message]) => [`\`${code}\``, message]),
)}

## On a worker: \`WorkerError\`

Thrown by \`sdk/worker\` and by \`program digest\`. What the registry refuses is a
\`RegistryError\`, refused evidence an \`OnchainError\`.

${table(HEAD, rowsOf(workerErrors))}

## The command line: \`CliError\`

Exit code 2, as for collateral, a policy, a root or a service that cannot be used at all
(\`COLLATERAL_MALFORMED\`, \`POLICY_MALFORMED\`, \`ROOT_MALFORMED\`, \`PCCS_…\`), for a chain that cannot be
asked (\`CHAIN_…\`, \`CONTRACT_MISSING\`, \`TRANSACTION_…\`) and for anything that \`inspect\` cannot read.
Exit code 1 is a refusal by \`verify\` or by the contract, a difference from a manifest, collateral that is
not genuine or not valid at the time, or a chain that cannot carry Chainseal.

${table(HEAD, rowsOf(cliErrors))}
`;

interface VerifyFigures {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly peer: string;
  readonly cases: number;
  readonly perSecond: Readonly<
    Record<"ours" | "known" | "peer" | "limit" | "cold" | "noble", number>
  >;
  readonly timesPeer: number;
  readonly shareOfLimit: number;
}

/** README's table of figures, from the last full run of the bench. */
async function figures(): Promise<string> {
  const url = new URL("../bench/results/verify.json", import.meta.url);
  const { perSecond, ...run }: VerifyFigures = JSON.parse(await readFile(url, "utf8"));
  const perQuote = (count: number) => [count.toFixed(0), `${(1000 / count).toFixed(2)} ms`];
  const rows = [
    ["collateral and PCK certificate known", ...perQuote(perSecond.ours)],
    ["attestation key known too", ...perQuote(perSecond.known)],
    ["nothing known before", ...perQuote(perSecond.cold)],
    ["in JavaScript alone, as in browsers", ...perQuote(perSecond.noble)],
    [run.peer, ...perQuote(perSecond.peer)],
    ["limit: two P-256 checks and a key import", ...perQuote(perSecond.limit)],
  ];
  return `Verification of the ${run.cases} cases of real quotes that have a status, in rotation on one core, medians of one run
(\`npm run bench:verify\`, ${run.date}, Node ${run.node}, ${run.cpu}):

${table(["", "quotes/s", "each"], rows)}

That is ${run.timesPeer.toFixed(1)} times ${run.peer}, and ${(100 * run.shareOfLimit).toFixed(0)} % of what node:crypto takes for the signatures alone.`;
}

/** A contract's ABI as TypeScript, one entry a line, for type inference of viem. */
async function contractAbi(source: string, name: string, what: string): Promise<string> {
  const { abi } = await readArtifact(source);
  const entries = abi.map((entry) => `  ${JSON.stringify(entry)},`);
  return `// Made by \`npm run docs\` from ${source.split(":")[0]}; do not edit.

/** The ABI of ${what}. */
export const ${name} = [
${entries.join("\n")}
] as const;
`;
}

/** README's table of gas, from the committed figures that the tests compare with the contracts. */
async function gasFigures(): Promise<string> {
  const url = new URL("../bench/results/gas.json", import.meta.url);
  const gas: GasFigures = JSON.parse(await readFile(url, "utf8"));
  const { tcbInfo, crl129 } = gas;
  const rows: readonly (readonly [what: string, gas: number, peer: string])[] = [
    ["verify a quote, PCK certificate known", gas.verifyQuote, "3.97M"],
    ["the same, TCB out of date", gas.verifyQuoteOutOfDate, ""],
    ["verify and keep a PCK certificate, once for each", gas.cachePckCertificate, ""],
    ["everything a first quote needs", gas.firstQuoteInAll, "18.3M"],
    [`TCB info of ${tcbInfo.bytes} bytes`, tcbInfo.upload, "9.14M for 4.8 KB"],
    ["its monthly refresh", tcbInfo.refresh, "4.79M"],
    ["PCK CRL of 129 entries, from nothing", crl129.upload, ""],
    ["the next one, with one entry more", crl129.oneMore, ""],
  ];
  return `On chain, whole transactions under Osaka's rules (\`npm run bench:gas\`), beside Automata's DCAP attestation as
measured in the same way; TCB info and lists are of a development root, the rest is real:

${table(
  ["", "gas", "Automata"],
  rows.map(([what, each, peer]) => [what, each.toLocaleString("en"), peer]),
)}`;
}

const DEPLOYMENTS = new URL("../ignition/deployments/", import.meta.url);

/** Addresses by chain id, from what Ignition recorded. */
async function deployments(): Promise<string> {
  const folders = await readdir(DEPLOYMENTS).catch(() => []);
  const chains = folders
    .map((name) => /^chain-(\d+)$/.exec(name)?.[1])
    .filter((id) => id !== "31337");
  const rows: string[] = [];
  for (const id of chains.filter((id) => id !== undefined).sort()) {
    const file = new URL(`chain-${id}/deployed_addresses.json`, DEPLOYMENTS);
    const addresses: Record<string, string> = JSON.parse(await readFile(file, "utf8"));
    const of = (name: string) => JSON.stringify(addresses[`Chainseal#${name}`]);
    rows.push(
      `  ${id}: {\n    attestation: ${of("TdxAttestation")},\n    registry: ${of("WorkerRegistry")},\n    authority: ${of("AccessManager")},\n  },`,
    );
  }
  return `// Made by \`npm run docs\` from ignition/deployments; do not edit.
import type { Address } from "viem";

/** Where the contracts are on one chain. */
export interface Deployment {
  readonly attestation: Address;
  readonly registry: Address;
  readonly authority: Address;
}

/** The recorded deployments by chain id. */
export const deployments: Readonly<Record<number, Deployment>> = {${rows.length === 0 ? "" : `\n${rows.join("\n")}\n`}};
`;
}

/** README's table of the registry's gas, from the bench's last run. */
async function registryGas(): Promise<string> {
  const url = new URL("../bench/results/registry-gas.json", import.meta.url);
  const { rows }: { readonly rows: readonly GasRow[] } = JSON.parse(await readFile(url, "utf8"));
  const number = (gas: number | undefined) => gas?.toLocaleString("en") ?? "";
  return `Gas of the registry, whole transactions under Osaka's rules with P-256 by precompile (\`npm run bench:registry\`):

${table(
  ["", "gas", "bar", "best peer"],
  rows.map(({ what, gas, bar, peer }) => [what, number(gas), number(bar), peer ?? ""]),
)}`;
}

interface GpuFigures {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly checks: Readonly<Record<"known" | "warm" | "cold", number>>;
  readonly perSecond: Readonly<
    Record<
      "known" | "warm" | "recorded" | "cold" | "noble" | "knownLimit" | "warmLimit" | "coldLimit",
      number
    >
  >;
  readonly shareOfLimit: Readonly<Record<"known" | "warm" | "recorded" | "cold", number>>;
}

async function gpuFigures(): Promise<string> {
  const url = new URL("../bench/results/gpu.json", import.meta.url);
  const { perSecond, shareOfLimit, checks, ...run }: GpuFigures = JSON.parse(
    await readFile(url, "utf8"),
  );
  const row = (what: string, name: "known" | "warm" | "recorded" | "cold", limit: number) => [
    what,
    perSecond[name].toFixed(0),
    `${(1000 / perSecond[name]).toFixed(2)} ms`,
    `${(100 * shareOfLimit[name]).toFixed(0)} % of ${limit.toFixed(0)}`,
  ];
  const rows = [
    row("RIMs, OCSP responses and device chain known", "known", perSecond.knownLimit),
    row("RIMs and OCSP responses known", "warm", perSecond.warmLimit),
    row("the recorded H100, RIMs known, without OCSP", "recorded", perSecond.warmLimit),
    row("nothing known before", "cold", perSecond.coldLimit),
    [
      "nothing known before, in JavaScript alone",
      perSecond.noble.toFixed(0),
      `${(1000 / perSecond.noble).toFixed(0)} ms`,
      "",
    ],
  ];
  return `Full verification of an H100's evidence in NVIDIA's formats (from the simulator, since no recorded machine has
all of it of one day) on one core, medians of one run (\`npm run bench:gpu\`, ${run.date}, Node ${run.node}, ${run.cpu}).
The limit is what node:crypto takes for the ${checks.known}, ${checks.warm} or ${checks.cold} P-384 checks alone:

${table(["", "reports/s", "each", "of the limit"], rows)}`;
}

/** What stands between the marks of the figures that come from this file. */
function withFigures(text: string, name: string, made: string): string {
  const marks = new RegExp(
    `(<!-- figures: [^>]*/${name}\\.json -->\\n)[\\s\\S]*?(<!-- /figures -->)`,
  );
  return text.replace(marks, (_, begin: string, end: string) => `${begin}\n${made}\n\n${end}`);
}

const DEMO = /(<!-- demo: [^>]* -->\n\n```\n)[\s\S]*?(```\n)/;

/** What the demo prints, without colours. */
async function demo(): Promise<string> {
  const main = new URL("../cli/main.ts", import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [main.pathname, "demo"], {
    env: { ...process.env, NO_COLOR: "1" },
    timeout: 300_000,
  });
  return steady(stdout);
}

/** A worker's key is a new one in every run, and with it addresses, times and the last digits of gas. */
function steady(text: string): string {
  const [before = "", after = ""] = text.split(/(?=^6\. )/m);
  const masked = after
    .replace(/0x[0-9a-fA-F]{40}\b/g, "0x…")
    .replace(/until \d{4}-\S+Z/g, "until the next day")
    .replace(/block \d+/g, "a block")
    .replace(/[\d,]+(?= gas( {2}quote| for))/g, (gas) =>
      // To ten thousands: a signature's zero bytes make it a few hundred more or less.
      (Math.round(Number(gas.replaceAll(",", "")) / 10_000) * 10_000).toLocaleString("en"),
    );
  return before + masked;
}

/** Text as it is, for a replacement in which `$` has a meaning. */
const literal = (text: string): string => text.replaceAll("$", "$$$$");

async function readme(present: string): Promise<string> {
  const withVerify = withFigures(present, "verify", await figures());
  const withGpu = withFigures(withVerify, "gpu", await gpuFigures());
  const withGas = withFigures(withGpu, "gas", await gasFigures());
  const withRegistry = withFigures(withGas, "registry-gas", await registryGas());
  return withRegistry.replace(DEMO, `$1${literal(await demo())}$2`);
}

async function executionGas(): Promise<string> {
  // Loaded here, so that it sees the ABI that has just been written.
  const { measureExecution } = await import("./execution-gas.ts");
  const rows = Object.entries(await measureExecution()).map(
    ([name, gas]) => `  ${name}: ${String(gas).replace(/(?=(\d{3})+$)(?!^)/g, "_")},`,
  );
  return `// Made by \`npm run docs\`; do not edit.

/**
 * Gas that the contract's execution takes, beside what every transaction pays: medians over the
 * recorded quotes on a chain of Osaka's rules, with P-256 by precompile and all that is read
 * untouched before in the transaction (EIP-2929). A TCB that is not up to date has its level further
 * down, and advisories to name.
 */
export const executionGas = {
${rows.join("\n")}
} as const;
`;
}

/** The documents by their path beside this file, each made from its present text. */
const documents: Readonly<Record<string, (present: string) => string | Promise<string>>> = {
  "../sdk/tdx/onchain/abi.ts": () =>
    contractAbi(ATTESTATION, "tdxAttestationAbi", "the attestation contract"),
  "../sdk/client/deployments.ts": deployments,
  "../sdk/client/abi.ts": () => contractAbi(REGISTRY, "workerRegistryAbi", "the worker registry"),
  "../sdk/tdx/onchain/execution-gas.ts": executionGas,
  "errors.md": () => errors,
  "../README.md": readme,
};

/** Writes the documents, or only compares them; returns those that differed. */
export async function generate(isCheck: boolean): Promise<readonly string[]> {
  const differing: string[] = [];
  for (const [name, make] of Object.entries(documents)) {
    const url = new URL(name, import.meta.url);
    const present = await readFile(url, "utf8").catch(() => "");
    const text = await make(present);
    if (present === text) continue;
    differing.push(name);
    if (!isCheck) await writeFile(url, text);
  }
  return differing;
}

if (import.meta.main) {
  const isCheck = process.argv.includes("--check");
  const differing = await generate(isCheck);
  for (const name of differing) {
    process.stdout.write(`${isCheck ? "differs" : "written"}: ${name}\n`);
  }
  if (isCheck && differing.length > 0) process.exitCode = 1;
}
