#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { ChainsealError } from "../sdk/errors.ts";
import { addChainCommand } from "./commands/chain.ts";
import { addCollateralCommand } from "./commands/collateral.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addGpuCommand } from "./commands/gpu.ts";
import { addProgramCommand } from "./commands/program.ts";
import { addQuoteCommand } from "./commands/quote.ts";
import { addWorkerCommand } from "./commands/worker.ts";
import { CliError } from "./support/errors.ts";
import { ExitCode } from "./support/exit.ts";
import { packageVersion } from "./support/package.ts";
import { reportError } from "./support/report-error.ts";

function createProgram(version: string): Command {
  const program = new Command("chainseal")
    .description("Seals program state to a chain-approved key epoch instead of to a chip.")
    .version(version)
    .showHelpAfterError("(add --help for the whole story)")
    .configureHelp({ showGlobalOptions: true });
  addQuoteCommand(program);
  addCollateralCommand(program);
  addChainCommand(program);
  addProgramCommand(program);
  addWorkerCommand(program);
  addGpuCommand(program);
  addDemoCommand(program);
  return program;
}

/** Makes commands throw instead of ending the process, and say nothing themselves under --json. */
function throwing(command: Command, asJson: boolean): Command {
  command.exitOverride();
  if (asJson) command.configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) throwing(child, asJson);
  return command;
}

function toKnownError(error: unknown): ChainsealError {
  if (error instanceof ChainsealError) return error;
  if (error instanceof CommanderError) {
    return new CliError("USAGE", { found: error.message.replace(/^error: /, "") });
  }
  return new CliError("UNEXPECTED", { cause: error });
}

async function main(words: readonly string[]): Promise<ExitCode> {
  const options = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  const asJson = options.includes("--json");
  const program = throwing(createProgram(await packageVersion()), asJson);
  try {
    await program.parseAsync(words, { from: "user" });
    return (process.exitCode as ExitCode | undefined) ?? ExitCode.OK;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.OK;
    // Commander has printed its own message already, but for --json.
    if (asJson || !(error instanceof CommanderError)) reportError(toKnownError(error), asJson);
    return ExitCode.UNREADABLE;
  }
}

let isOutputLost = false;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, changes nothing about the verdict.
  if (error.code !== "EPIPE") isOutputLost = true;
});
process.stderr.on("error", () => undefined);

const code = await main(process.argv.slice(2));
process.exitCode = code;
process.on("exit", () => {
  if (isOutputLost) process.exitCode = ExitCode.UNREADABLE;
});
