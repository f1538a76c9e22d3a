import type { Command } from "commander";
import {
  parseAddress,
  parseCount,
  parseWord,
  withReading,
  withRegistry,
} from "../chain/registry.ts";
import { audit, listWorkers, revoke, workerStatus } from "../chain/worker.ts";

const AT = "--rpc http://127.0.0.1:8545 --registry 0x5FbD...aa3 --program 0x...";

const auditHelp = `
Rebuilds the quote from the calldata of the worker's registration and the collateral that was in force
then from the calldata of its uploads, verifies both again here, and compares with what the chain
recorded. Events, transactions and block hashes are the endpoint's word; that evidence holds is not the
contracts'. The admission of the machine by the program's owner and GPU verdicts are not judged again.

The endpoint must keep old transactions and events. Where the registration came through another
contract that put the call together itself, its evidence is not in the calldata: the audit says so.

Exit code: 0 every step holds, 1 one differs, 2 it could not be made.

Example:
  $ chainseal worker audit 0x7099...9C8 ${AT}`;

function ofProgram(command: Command): Command {
  return command.requiredOption("--program <id>", "the program", parseWord);
}

/** `chainseal worker list|status|revoke|audit`. */
export function addWorkerCommand(root: Command): void {
  const worker = root.command("worker").description("workers: attested machines of a program");
  ofProgram(withReading(worker.command("list")))
    .description("list a program's workers with their status")
    .option("--from-block <number>", "where the search for registrations begins", parseCount, 0)
    .option("--valid-only", "leave out those that are not valid")
    .addHelpText("after", `\nExample:\n  $ chainseal worker list ${AT} --from-block 19000000`)
    .action(listWorkers);
  ofProgram(withReading(worker.command("status")))
    .description("say whether a worker is valid, and why not")
    .argument("<address>", "the worker's identity", parseAddress)
    .addHelpText(
      "after",
      `\nExit code: 0 valid, 1 not valid, 2 usage, or no chain.\n\nExample:\n  $ chainseal worker status 0x7099...9C8 ${AT}`,
    )
    .action(workerStatus);
  ofProgram(withRegistry(worker.command("revoke")))
    .description("revoke a worker, at once and for ever")
    .argument("<address>", "the worker's identity", parseAddress)
    .addHelpText(
      "after",
      `
For the worker itself, the program's owner and the guardian.
CHAINSEAL_PRIVATE_KEY holds the private key of that account. It is never printed.

Exit code: 0 done, 1 refused by the contract, 2 usage, or no chain.

Example:
  $ chainseal worker revoke 0x7099...9C8 ${AT}`,
    )
    .action(revoke);
  ofProgram(withReading(worker.command("audit")))
    .description("verify a worker's registration again, from the chain's history")
    .argument("<address>", "the worker's identity", parseAddress)
    .option("--root <file>", "trusted root, PEM or DER; default: Intel's")
    .option("--from-block <number>", "where the search for uploads ends", parseCount, 0)
    .addHelpText("after", auditHelp)
    .action(audit);
}
