import { type Command, Option } from "commander";
import { printable } from "../../sdk/errors.ts";
import {
  defaultPolicy,
  type GpuCollateral,
  type GpuEvidence,
  nvidiaRoots,
  type Policy,
  parsePolicy,
  type Roots,
} from "../../sdk/gpu/index.ts";
import { createGpuServices, type GpuServicesOptions } from "../../sdk/gpu/services/index.ts";
import { CliError } from "../support/errors.ts";
import { ExitCode } from "../support/exit.ts";
import { combineGpuFiles, type GpuInput, readGpuFile } from "../support/gpu/files.ts";
import { runGpuManifest } from "../support/gpu/manifest.ts";
import { printGpuVerdict } from "../support/gpu/report.ts";
import { authenticateAll, judgeGpus, withOpinion } from "../support/gpu/verdict.ts";
import { parseTime, readRoot, readStrictJson, readText } from "../support/input.ts";
import { line, printJson, style, whileWaiting } from "../support/output.ts";
import { inspectGpuFiles } from "./gpu-inspect.ts";

interface VerifyOptions {
  readonly nonce?: string;
  readonly at?: number;
  readonly policy?: string;
  readonly deviceRoot?: string;
  readonly rimRoot?: string;
  readonly fetch?: boolean;
  readonly rimUrl?: string;
  readonly ocspUrl?: string;
  readonly nras?: string;
  readonly jwks?: string;
  readonly manifest?: string;
  readonly json?: boolean;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

async function rootsOf({ deviceRoot, rimRoot }: VerifyOptions): Promise<Roots> {
  const roots = nvidiaRoots();
  return {
    device: deviceRoot === undefined ? roots.device : await readRoot(deviceRoot),
    rim: rimRoot === undefined ? roots.rim : await readRoot(rimRoot),
  };
}

async function policyOf({ policy }: VerifyOptions): Promise<Policy> {
  return policy === undefined ? defaultPolicy : readStrictJson(policy, parsePolicy);
}

/**
 * What the files lack, from NVIDIA's services or those that were named. For evidence that is not
 * authentic nothing is fetched: it is refused in any case.
 */
async function fetchMissing(
  evidence: readonly GpuEvidence[],
  options: VerifyOptions,
  trust: { readonly at: number; readonly nonce: string; readonly roots: Roots },
): Promise<GpuCollateral | undefined> {
  const { at, nonce, roots } = trust;
  const each = authenticateAll(evidence, { at, nonce, roots });
  const devices = each.flatMap(({ result }) => result ?? []);
  if (devices.length < each.length) return undefined;
  const addresses: GpuServicesOptions = {
    ...(options.rimUrl === undefined ? {} : { rimUrl: options.rimUrl }),
    ...(options.ocspUrl === undefined ? {} : { ocspUrl: options.ocspUrl }),
  };
  const services = createGpuServices(addresses);
  const job = services.fetchCollateral(devices, { at, root: roots.rim });
  return whileWaiting("fetching RIMs and OCSP responses", job);
}

async function verifyFiles(paths: readonly string[], options: VerifyOptions): Promise<void> {
  const { nonce } = options;
  if (nonce === undefined) throw new CliError("USAGE", { expected: "--nonce HEX", found: "none" });
  const input: GpuInput = combineGpuFiles(await Promise.all(paths.map(readGpuFile)));
  const at = options.at ?? now();
  const roots = await rootsOf(options);
  const policy = await policyOf(options);
  const { evidence } = input;
  const fetched = options.fetch
    ? await fetchMissing(evidence, options, { at, nonce, roots })
    : undefined;
  const collateral = {
    rims: input.rims.length > 0 ? input.rims : (fetched?.rims ?? []),
    ocsp: [...input.ocsp, ...(fetched?.ocsp ?? [])],
  };
  const ours = judgeGpus(evidence, collateral, { at, nonce, roots, policy });
  const { nras, jwks } = options;
  const verdict =
    nras === undefined || jwks === undefined
      ? ours
      : withOpinion(ours, await readText(nras), await readText(jwks));
  if (options.json) printJson(verdict);
  else printGpuVerdict(verdict);
  process.exitCode = verdict.accepted ? ExitCode.OK : ExitCode.REFUSED;
}

async function verifyManifest(path: string, options: VerifyOptions): Promise<void> {
  const { name, rows } = await runGpuManifest(path, {
    roots: await rootsOf(options),
    at: options.at,
    now: now(),
  });
  const width = Math.max(...rows.map((row) => row.name.length));
  if (!options.json) {
    for (const row of rows) {
      const mark = row.agrees ? style("green", "agrees ") : style("red", "DIFFERS");
      const what = `expected ${printable(row.expected)}  found ${printable(row.found)}`;
      line(`${mark}  ${printable(row.name).padEnd(width)}  ${what}`);
    }
  }
  const agreed = rows.filter((row) => row.agrees).length;
  const total = { total: rows.length, agreed, differed: rows.length - agreed };
  if (options.json) printJson({ name, checks: rows, ...total });
  else line(`${printable(name)}: ${total.total} checks, ${agreed} agree, ${total.differed} differ`);
  process.exitCode = total.differed === 0 ? ExitCode.OK : ExitCode.REFUSED;
}

function checkWords(files: readonly string[], options: VerifyOptions): void {
  const usage = (expected: string, found: string) => new CliError("USAGE", { expected, found });
  const isFetching = options.rimUrl !== undefined || options.ocspUrl !== undefined;
  if ((options.nras === undefined) !== (options.jwks === undefined)) {
    throw usage("--nras and --jwks together", "one of them");
  }
  if (isFetching && !options.fetch) throw usage("--fetch", "an address to fetch from alone");
  if (options.manifest === undefined) {
    if (files.length === 0) throw usage("evidence FILEs or --manifest FILE", "neither");
    return;
  }
  if (files.length > 0) throw usage("evidence FILEs or --manifest FILE", "both");
  for (const name of ["nonce", "policy", "fetch", "nras"] as const) {
    if (options[name] !== undefined) throw usage("--manifest without it", `--${name}`);
  }
}

const verifyHelp = `
A FILE is evidence JSON (NVIDIA's evidence_list), a report (binary, hex or base64) with its PEM
chain, a RIM (or the RIM service's JSON) or an OCSP response, in any order; what it is, is seen from its content. RIMs and OCSP
responses are needed: without them the evidence is refused. --fetch gets them from NVIDIA.

--manifest verifies a folder of the form of test/vectors/gpu/*: the files as listed, and each
expectation. Where neither --at nor the manifest has a time, RIMs and OCSP responses are judged
within their own periods.

Exit code: 0 accepted, 1 refused or different, 2 unreadable input or usage.

Examples:
  $ chainseal gpu verify evidence.json --nonce 931d…dfcb --fetch
  $ chainseal gpu verify report.bin chain.pem driver_rim.xml vbios_rim.xml ocsp/*.der \\
      --nonce 931d…dfcb --at 2025-10-24T12:00:00Z --policy gpu-policy.json --json
  $ chainseal gpu verify --manifest test/vectors/gpu/h100-550.90.07-full-pass/manifest.json`;

const inspectHelp = `
Nothing is verified: this shows what reports, chains, RIMs, OCSP responses and NRAS answers say.

Example:
  $ chainseal gpu inspect report.bin driver_rim.xml`;

/** `chainseal gpu verify` and `chainseal gpu inspect`. */
export function addGpuCommand(program: Command): void {
  const gpu = program.command("gpu").description("verify and look into NVIDIA GPU evidence");
  gpu
    .command("verify")
    .description("verify the evidence of GPUs and NVSwitches, then judge it by a policy")
    .argument("[files...]", "evidence, RIMs and OCSP responses")
    .option("--nonce <hex>", "the 32 bytes that the evidence was asked for with")
    .addOption(
      new Option(
        "--at <time>",
        "verify at this time: ISO 8601 or Unix seconds (default: now)",
      ).argParser(parseTime),
    )
    .option("--policy <file>", "policy as JSON, see docs/gpu-policy.md")
    .option("--device-root <file>", "trust this root for devices, DER or PEM (default: NVIDIA's)")
    .option("--rim-root <file>", "trust this root for RIMs, DER or PEM (default: NVIDIA's)")
    .option("--fetch", "fetch RIMs and OCSP responses")
    .option("--rim-url <url>", "fetch RIMs from here (default: NVIDIA's RIM service)")
    .option("--ocsp-url <url>", "ask this OCSP responder (default: NVIDIA's)")
    .option("--nras <file>", "demand NVIDIA's own opinion too: an answer of NRAS")
    .option("--jwks <file>", "the key set of NRAS when it answered")
    .option("--manifest <file>", "verify a folder as its manifest says, and compare")
    .option("--json", "print JSON")
    .addHelpText("after", verifyHelp)
    .action(async (files: readonly string[], options: VerifyOptions) => {
      checkWords(files, options);
      if (options.manifest !== undefined) await verifyManifest(options.manifest, options);
      else await verifyFiles(files, options);
    });
  gpu
    .command("inspect")
    .description("show what files of GPU evidence say, without verifying them")
    .argument("<files...>", "reports, chains, evidence, RIMs, OCSP responses, NRAS answers")
    .option("--json", "print JSON")
    .addHelpText("after", inspectHelp)
    .action(async (files: readonly string[], { json }: { readonly json?: boolean }) => {
      inspectGpuFiles(await Promise.all(files.map(readGpuFile)), json ?? false);
    });
}
