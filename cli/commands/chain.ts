import type { Command } from "commander";
import type { ChainCheck } from "../chain/check/check.ts";
import type { Finding } from "../chain/check/finding.ts";
import { shownAddress } from "../chain/shown-address.ts";
import { ExitCode } from "../support/exit.ts";
import { parseTimeLimit } from "../support/input.ts";
import { line, printJson, style, whileWaiting } from "../support/output.ts";

interface CheckOptions {
  readonly timeout: number;
  readonly json?: boolean;
}

const COLOURS = { ok: "green", missing: "yellow", differs: "red" } as const;

function printFinding({ name, status, required, found, meaning }: Finding, width: number): void {
  const colour = status === "missing" && required ? "red" : COLOURS[status];
  line(`${style(colour, status.padEnd(7))}  ${name.padEnd(width)}  ${found}`);
  line(`         ${" ".repeat(width)}  ${style("dim", meaning)}`);
}

function printCheck(url: string, { chainId, findings, carries }: ChainCheck): void {
  line(`${shownAddress(url)}, chain ${chainId}`);
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const finding of findings) printFinding(finding, width);
  line();
  if (carries) {
    line(style("green", "This chain can carry Chainseal."));
    return;
  }
  const lacking = findings.filter(({ required, status }) => required && status !== "ok");
  line(style("red", "This chain cannot carry Chainseal:"));
  for (const { name, meaning } of lacking) line(`  ${name}: ${meaning}`);
}

async function check(url: string, options: CheckOptions): Promise<void> {
  // Loaded by those who ask a chain alone: it takes a while.
  const { connectRpc } = await import("../chain/rpc.ts");
  const { checkChain } = await import("../chain/check/check.ts");
  const client = connectRpc(url, { timeout: options.timeout * 1000 });
  const result = await whileWaiting("asking the chain", checkChain(client));
  if (options.json) printJson(result);
  else printCheck(url, result);
  process.exitCode = result.carries ? ExitCode.OK : ExitCode.REFUSED;
}

const help = `
Asks by calls alone; nothing is sent or deployed, and no account is needed. Where P-256 is missing,
signatures are checked in Solidity, at a price; the rest of what is required has no replacement.

Exit code: 0 it can carry Chainseal, 1 it cannot, 2 usage, or no answer.

Examples:
  $ chainseal chain check http://127.0.0.1:8545
  $ chainseal chain check https://rpc.example --json`;

/** `chainseal chain check`. */
export function addChainCommand(program: Command): void {
  const chain = program.command("chain").description("look into a chain");
  chain
    .command("check")
    .description("probe a chain's precompiles, block hashes and gas limits")
    .argument("<rpc>", "address of the chain's RPC endpoint")
    .option("--timeout <seconds>", "for one request", parseTimeLimit, 20)
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action(check);
}
