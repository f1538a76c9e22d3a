import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { CliError } from "../support/errors.ts";

/** npm's package of the local chain; its platform packages hold the binary itself. */
const PACKAGE = "@foundry-rs/anvil";
const START_TIMEOUT_MS = 20_000;

/** A running local chain that lives no longer than this process. */
export interface Anvil {
  /** On the loopback interface. */
  readonly url: string;
  /** Ends it and waits until it has ended. */
  stop(): Promise<void>;
}

export interface AnvilOptions {
  /** Unix seconds of the genesis block. */
  readonly timestamp: number;
  /** Default: osaka, whose precompiles and limits the contracts are made for. */
  readonly hardfork?: string;
}

/**
 * The binary of this platform. npm's wrapper script would start it as a child of its own, which
 * outlives the wrapper when that is killed.
 */
function binary(): string {
  const require = createRequire(import.meta.url);
  const processor = process.arch === "x64" ? "amd64" : process.arch;
  const platformPackage = `${PACKAGE}-${process.platform}-${processor}`;
  try {
    // Resolved from the wrapper's place, beside or below which npm puts the platform packages.
    const wrapper = require.resolve(`${PACKAGE}/package.json`);
    const manifest = createRequire(wrapper).resolve(`${platformPackage}/package.json`);
    const name = process.platform === "win32" ? "anvil.exe" : "anvil";
    const file = path.join(path.dirname(manifest), "bin", name);
    if (existsSync(file)) return file;
  } catch {
    // The package, or the one of this platform, is not there.
  }
  throw new CliError("CHAIN_NOT_INSTALLED", { expected: platformPackage, found: "nothing" });
}

/** Resolves with the address that it listens on; rejects when it ends or says nothing in time. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const failed = (found: string) => {
      clearTimeout(timer);
      reject(new CliError("CHAIN_NOT_STARTED", { found: `${found} ${said.slice(-500)}`.trim() }));
    };
    const timer = setTimeout(
      () => failed(`nothing after ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
    const read = (chunk: Buffer) => {
      said += chunk;
      const [, address] = /Listening on (127\.0\.0\.1:\d+)/.exec(said) ?? [];
      if (address === undefined) return;
      clearTimeout(timer);
      child.stdout?.off("data", read);
      // What it says of every request is not wanted, but must be read.
      child.stdout?.resume();
      resolve(`http://${address}`);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-2_000);
    });
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code, signal) => failed(`it ended with ${code ?? signal}:`));
  });
}

const running = new Set<ChildProcess>();

function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal ends this process as it would have, with nothing left behind. */
function endBy(signal: NodeJS.Signals): void {
  killAll();
  for (const name of SIGNALS) process.off(name, endBy);
  process.kill(process.pid, signal);
}

function watch(child: ChildProcess): void {
  if (running.size === 0) {
    process.on("exit", killAll);
    for (const signal of SIGNALS) process.on(signal, endBy);
  }
  running.add(child);
  child.once("exit", () => {
    running.delete(child);
    if (running.size > 0) return;
    process.off("exit", killAll);
    for (const signal of SIGNALS) process.off(signal, endBy);
  });
}

/**
 * Ends the chain also when this process is killed in a way that it cannot see: a shell waits for the
 * end of a pipe that nobody but this process holds. Windows has no such shell.
 */
function guard(child: ChildProcess): void {
  if (process.platform === "win32" || child.pid === undefined) return;
  const script = 'cat >/dev/null; kill -9 "$1" 2>/dev/null';
  const guardian = spawn("/bin/sh", ["-c", script, "sh", String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a shell there is no guard; everything else works.
  guardian.on("error", () => undefined);
  guardian.stdin?.on("error", () => undefined);
  // It must not keep this process alive.
  guardian.unref();
  child.once("exit", () => guardian.kill("SIGKILL"));
}

/**
 * Starts a local chain on a free port of the loopback interface, with the transaction gas cap of
 * EIP-7825 in force. Errors: `CHAIN_NOT_INSTALLED`, `CHAIN_NOT_STARTED`.
 */
export async function startAnvil({ timestamp, hardfork = "osaka" }: AnvilOptions): Promise<Anvil> {
  const words = ["--host", "127.0.0.1", "--port", "0", "--no-cors", "--color", "never"];
  const chain = ["--hardfork", hardfork, "--timestamp", String(timestamp), "--accounts", "1"];
  const limits = ["--gas-limit", "60000000", "--enable-tx-gas-limit", "--prune-history"];
  const child = spawn(binary(), [...words, ...chain, ...limits], {
    stdio: ["ignore", "pipe", "pipe"],
    // Nothing of the environment may configure it, nor reach it.
    env: {},
  });
  watch(child);
  guard(child);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    return { url: await listening(child), stop };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
