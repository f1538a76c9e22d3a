import type { Command } from "commander";
import { runDemo } from "../demo/run.ts";

const help = `
Works without a network: the quote and its collateral are real ones, recorded; the chain is a local
one that ends with the demo. From the sources, the first run compiles the contracts.
With --json each step is one line; the exit code is 1 if any step failed.`;

/** `chainseal demo`: the whole journey, step by step. */
export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .description("show the main job, from a real quote to the contract's verdict")
    .option("--json", "print one line of JSON a step")
    .addHelpText("after", help)
    .action(async ({ json }: { readonly json?: boolean }) => {
      process.exitCode = await runDemo(json ?? false);
    });
}
