import { type Command, Option } from "commander";
import type { PushOptions } from "../chain/push.ts";
import { parseTimeLimit } from "../support/input.ts";

const help = `
Uploads what the contract lacks or has older, in the order that works, and leaves the rest alone;
run it again after an interruption. Anyone may do this: the contract checks every signature.
With --quote, its PCK certificate is cached too. Everything is verified here before it is sent.

CHAINSEAL_PRIVATE_KEY holds the private key of the account that pays. It is never printed.

Exit code: 0 done, 1 refused by the contract, 2 unreadable input, usage, or no chain.

Examples:
  $ chainseal collateral push https://rpc.example --collateral collateral.json --address 0x5FbD...aa3
  $ chainseal collateral push http://127.0.0.1:8545 --collateral collateral.json --address 0x5FbD...aa3 --quote quote.bin --json`;

/** `chainseal collateral push`. */
export function addCollateralPushCommand(collateral: Command): void {
  collateral
    .command("push")
    .description("upload to a chain what its contract lacks")
    .argument("<rpc>", "address of the chain's RPC endpoint")
    .requiredOption("--collateral <file>", "QuoteCollateralV3 JSON")
    .requiredOption("--address <address>", "the attestation contract")
    .option("--quote <file>", "cache this quote's PCK certificate too")
    .addOption(
      new Option("--root <file>", "trust this root certificate, DER or PEM (default: Intel's)"),
    )
    .option("--timeout <seconds>", "for one request", parseTimeLimit, 20)
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action(async (url: string, options: PushOptions) => {
      // Loaded by those who ask a chain alone: it takes a while.
      const { push } = await import("../chain/push.ts");
      await push(url, options);
    });
}
