import type { Command } from "commander";
import { readQuote } from "../support/input.ts";
import { inspectQuote } from "./quote-inspect.ts";
import { addQuoteVerifyCommand } from "./quote-verify.ts";

const inspectHelp = `
Nothing is verified: this shows what the quote claims.

Example:
  $ chainseal quote inspect quote.bin`;

/** `chainseal quote verify` and `chainseal quote inspect`. */
export function addQuoteCommand(program: Command): void {
  const quote = program.command("quote").description("verify and look into TDX quotes");
  addQuoteVerifyCommand(quote);
  quote
    .command("inspect")
    .description("show what a quote says, without verifying it")
    .argument("<file>", "the quote")
    .option("--json", "print JSON")
    .addHelpText("after", inspectHelp)
    .action(async (file: string, { json }: { readonly json?: boolean }) => {
      inspectQuote(await readQuote(file), json ?? false);
    });
}
