import { accessSync, constants } from "node:fs";
import path from "node:path";
import { notRun } from "./not-run.ts";

interface Program {
  readonly title: string;
  /** Environment variable with the program's path; it wins over PATH. */
  readonly variable: string;
  /** Names to look for on PATH, in this order. */
  readonly commands: readonly string[];
}

/** Programs that npm does not bring and that some tests need. */
const PROGRAMS = {
  chromium: {
    title: "Chromium",
    variable: "CHROMIUM_PATH",
    commands: ["chromium", "chromium-browser", "google-chrome"],
  },
} as const satisfies Record<string, Program>;

type ProgramName = keyof typeof PROGRAMS;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program's path, or `undefined` where it is not installed. */
function findProgram(name: ProgramName): string | undefined {
  const program: Program = PROGRAMS[name];
  const chosen = process.env[program.variable];
  if (chosen !== undefined && chosen !== "") {
    if (!isExecutable(chosen)) {
      throw new Error(`${program.variable} names no executable file: ${chosen}`);
    }
    return chosen;
  }
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((f) => f !== "");
  return program.commands
    .flatMap((command) => folders.map((folder) => path.join(folder, command)))
    .find(isExecutable);
}

/**
 * The path of a program that the calling test, or every test under the calling `before` hook,
 * needs. Where it is missing the test is skipped and listed as `not run: needs X`; with
 * `REQUIRE_ALL=1` that is a failure instead.
 *
 * @example
 * before(function () {
 *   chromium = needs(this, "chromium");
 * });
 */
export function needs(context: Mocha.Context, name: ProgramName): string {
  const found = findProgram(name);
  if (found !== undefined) return found;
  const { title } = PROGRAMS[name];
  if (process.env.REQUIRE_ALL === "1") {
    throw new Error(`needs ${title}, which is not installed, and REQUIRE_ALL=1`);
  }
  return notRun(context, `needs ${title}`);
}
