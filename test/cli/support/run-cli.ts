import { spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  json(): Record<string, unknown>;
}

/** Runs the command line as a person would, in a process of its own. */
export async function runCli(
  words: readonly string[],
  options: {
    readonly stdin?: Uint8Array | string;
    readonly env?: Record<string, string>;
    /** Whether anybody reads standard output; if not, its reader is gone from the start. */
    readonly isRead?: boolean;
    /** Milliseconds after which it is killed (SIGKILL). */
    readonly killAfter?: number;
    /** A file that standard output goes to. */
    readonly stdout?: string;
  } = {},
): Promise<CliRun> {
  // One way or the other, not both: Node warns about it.
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, ...words], {
    stdio: ["pipe", options.stdout === undefined ? "pipe" : openSync(options.stdout, "w"), "pipe"],
    env: { ...env, NO_COLOR: "1", ...options.env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  if (options.isRead === false) child.stdout?.destroy();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const timer =
    options.killAfter === undefined
      ? undefined
      : setTimeout(() => child.kill("SIGKILL"), options.killAfter);
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.stdin);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(timer);
  return { code, ...output, json: () => JSON.parse(output.stdout) };
}

/** A folder of its own for a test's files, which goes when the tests are over. */
export function temporaryFiles(): { write(name: string, content: Uint8Array | string): string } {
  const folder = mkdtempSync(join(tmpdir(), "chainseal-cli-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    write(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
  };
}
