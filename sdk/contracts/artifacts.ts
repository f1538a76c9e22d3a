import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Abi, Hex } from "viem";
import { ContractsError } from "./errors.ts";

/** The attestation contract, by its source and name as Hardhat has them. */
export const ATTESTATION = "contracts/attestation/TdxAttestation.sol:TdxAttestation";

/** The registry of workers and programs, in the same way. */
export const REGISTRY = "contracts/registry/WorkerRegistry.sol:WorkerRegistry";

/** The example of a gated contract that the demo deploys. */
export const JOB_MARKET = "contracts/gating/examples/JobMarket.sol:JobMarket";

/** Roles and their delays, as OpenZeppelin made it. */
export const ACCESS_MANAGER =
  "@openzeppelin/contracts/access/manager/AccessManager.sol:AccessManager";

/** What of a compiled contract is needed to deploy it. */
export interface Artifact {
  readonly abi: Abi;
  /** Creation code, with places for the addresses of libraries. */
  readonly bytecode: Hex;
  /** Source -> library -> places in the code, in bytes. */
  readonly linkReferences: Readonly<
    Record<string, Readonly<Record<string, readonly { start: number; length: number }[]>>>
  >;
}

/** The repository when run from its sources; the package's `dist` when built. */
const HERE = path.resolve(import.meta.dirname, "../..");
const COMPILE_TIMEOUT = 600_000;

function isCheckout(): boolean {
  return existsSync(path.join(HERE, "hardhat.config.ts"));
}

/** Hardhat names the project's own sources so among the compiler's inputs. */
const PROJECT = "project/";

/** Where the file of `source:name` is, below Hardhat's folder and below `dist` alike. */
export function artifactPath(fullName: string): string {
  const [source = "", name = ""] = fullName.split(":");
  const folder = source.startsWith(PROJECT) ? source.slice(PROJECT.length) : source;
  return path.join(folder, `${name}.json`);
}

function fileOf(fullName: string): string {
  return path.join(HERE, isCheckout() ? "artifacts" : "", artifactPath(fullName));
}

/** A source of the project and all that it imports of the project, below the repository. */
async function sourcesOf(source: string): Promise<readonly string[]> {
  const found = new Set([source]);
  for (const file of found) {
    const text = await readFile(path.join(HERE, file), "utf8");
    for (const [, name = ""] of text.matchAll(/^import\s[^;]*?"(\.[^"]+)";/gm)) {
      found.add(path.posix.join(path.posix.dirname(file), name));
    }
  }
  return [...found].sort();
}

/** What the artifacts depend on: sources, compiler settings, versions of packages. */
async function digestOf(sources: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [...sources, "hardhat.config.ts", "package-lock.json"]) {
    hash.update(`${file}\0`);
    hash.update(await readFile(path.join(HERE, file)));
  }
  return hash.digest("hex");
}

/** Runs Hardhat, quietly; what it says is shown only when it fails. */
async function compile(sources: readonly string[]): Promise<void> {
  const hardhat = path.join(HERE, "node_modules", "hardhat", "dist", "src", "cli.js");
  const child = spawn(process.execPath, [hardhat, "build", "--quiet", ...sources], {
    cwd: HERE,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: COMPILE_TIMEOUT,
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" },
  });
  let said = "";
  const keep = (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-4_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
  if (code !== 0) throw new ContractsError("CONTRACTS_NOT_COMPILED", { found: said.trim() });
}

const NEWS_MS = 2_000;

/** Says on standard error, every two seconds, that the compiler is at work: it takes minutes. */
async function sayingSo(job: Promise<void>): Promise<void> {
  const started = Date.now();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stderr.write(`compiling the contracts: ${seconds} s\n`);
  }, NEWS_MS);
  try {
    await job;
  } finally {
    clearInterval(timer);
  }
}

const ready = new Map<string, Promise<void>>();

/** A package's contract: its version is in the lock file, and Hardhat knows when that changed. */
async function compileIfMissing(fullName: string): Promise<void> {
  if (!existsSync(fileOf(fullName))) await sayingSo(compile([]));
}

/** Compiles a contract of a checkout, and all it needs, if that changed since it was compiled. */
async function compileIfStale(fullName: string): Promise<void> {
  if (fullName.startsWith("@")) return compileIfMissing(fullName);
  const [source = "", name = ""] = fullName.split(":");
  const sources = await sourcesOf(source);
  const stamp = path.join(HERE, "cache", "chainseal", `${name}.sha256`);
  const digest = await digestOf(sources);
  const known = await readFile(stamp, "utf8").catch(() => "");
  if (known === digest && existsSync(fileOf(fullName))) return;
  await sayingSo(compile(sources));
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, digest);
}

/** Once in a process. Libraries are compiled together with what is linked with them. */
async function prepare(fullName: string): Promise<void> {
  if (!isCheckout() || fullName.startsWith(PROJECT)) return;
  const job = ready.get(fullName) ?? compileIfStale(fullName);
  ready.set(fullName, job);
  await job;
}

/**
 * A compiled contract by `source:name`. From a checkout it is compiled first if need be; the built
 * package brings it along. Errors: `CONTRACTS_NOT_COMPILED`.
 */
export async function readArtifact(fullName: string): Promise<Artifact> {
  await prepare(fullName);
  try {
    return JSON.parse(await readFile(fileOf(fullName), "utf8")) as Artifact;
  } catch (cause) {
    throw new ContractsError("CONTRACTS_NOT_COMPILED", {
      subject: fullName,
      found: "no artifact",
      cause,
    });
  }
}

/** The libraries that a contract is linked with, as `source:name`. */
export function librariesOf({ linkReferences }: Artifact): readonly string[] {
  return Object.entries(linkReferences).flatMap(([source, libraries]) =>
    Object.keys(libraries).map((name) => `${source}:${name}`),
  );
}
