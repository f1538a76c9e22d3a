#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { ChainsealError } from "../sdk/errors.ts";
import { addCollateralCommand } from "./commands/collateral.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addQuoteCommand } from "./commands/quote.ts";
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
  addDemoCommand(program);
  return program;
}

/** Commands that commander made throw instead of ending the process. */
function throwing(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) throwing(child);
  return command;
}

async function main(words: readonly string[]): Promise<ExitCode> {
  const program = throwing(createProgram(await packageVersion()));
  try {
    await program.parseAsync(words, { from: "user" });
    return (process.exitCode as ExitCode | undefined) ?? ExitCode.OK;
  } catch (error) {
    // Commander has printed help or its own message already.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.OK : ExitCode.UNREADABLE;
    }
    const known =
      error instanceof ChainsealError ? error : new CliError("UNEXPECTED", { cause: error });
    reportError(known, words.includes("--json"));
    return ExitCode.UNREADABLE;
  }
}

// A reader that has seen enough, such as `head`, is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.OK);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));
