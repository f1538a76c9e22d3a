import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Abi, Hex } from "viem";
import { ContractsError } from "./errors.ts";

/** The attestation contract, by its source and name as Hardhat has them. */
export const ATTESTATION = "contracts/attestation/TdxAttestation.sol:TdxAttestation";

/** The registry of workers and programs, in the same way. */
export const REGISTRY = "contracts/registry/WorkerRegistry.sol:WorkerRegistry";

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

/** What the artifacts depend on: sources, compiler settings, versions of packages. */
async function digestOfSources(): Promise<string> {
  const files = globSync("contracts/**/*.sol", { cwd: HERE }).sort();
  const hash = createHash("sha256");
  for (const file of [...files, "hardhat.config.ts", "package-lock.json"]) {
    hash.update(`${file}\0`);
    hash.update(await readFile(path.join(HERE, file)));
  }
  return hash.digest("hex");
}

/** Runs Hardhat, quietly; what it says is shown only when it fails. */
async function compile(): Promise<void> {
  const hardhat = path.join(HERE, "node_modules", "hardhat", "dist", "src", "cli.js");
  const child = spawn(process.execPath, [hardhat, "build", "--quiet"], {
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

let ready: Promise<void> | undefined;

/** Compiles the contracts of a checkout when they have changed since they were compiled. */
async function compileIfStale(): Promise<void> {
  const stamp = path.join(HERE, "cache", "chainseal-contracts.sha256");
  const digest = await digestOfSources();
  const known = await readFile(stamp, "utf8").catch(() => "");
  if (known === digest && existsSync(fileOf(ATTESTATION))) return;
  await sayingSo(compile());
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, digest);
}

/**
 * A compiled contract by `source:name`. From a checkout it is compiled first if need be; the built
 * package brings it along. Errors: `CONTRACTS_NOT_COMPILED`.
 */
export async function readArtifact(fullName: string): Promise<Artifact> {
  if (isCheckout()) {
    ready ??= compileIfStale();
    await ready;
  }
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
