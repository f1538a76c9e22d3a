import { type Command, Option } from "commander";
import type { Hex } from "viem";
import {
  addPlatforms,
  apply,
  approve,
  changePolicy,
  create,
  listProgramPlatforms,
  removePlatform,
  revokeProgramPlatform,
  status,
  withdraw,
} from "../chain/program.ts";
import { parseCount, parseWord, withReading, withRegistry } from "../chain/registry.ts";
import { addProgramDigestCommand } from "./program-digest.ts";

const KEY = `
CHAINSEAL_PRIVATE_KEY holds the private key of the owner's account. It is never printed.

Exit code: 0 done, 1 refused by the contract, 2 unreadable input, usage, or no chain.`;

const AT = "--rpc http://127.0.0.1:8545 --registry 0x5FbD...aa3";

function collect(text: string, present: readonly Hex[]): readonly Hex[] {
  return [...present, parseWord(text)];
}

function withImage(command: Command): Command {
  return command
    .option("--from-quote <file>", "approve what this quote's TD was measured as")
    .option("--measurements <file>", "approve what this JSON says")
    .addOption(
      new Option("--application <register>", "which register of the quote names the application")
        .choices(["RTMR3", "MRCONFIGID"])
        .default("RTMR3"),
    )
    .option("--pin-mrseam", "approve this TDX module alone")
    .option("--os-enforces-mrconfigid", "the OS starts nothing that MRCONFIGID does not name")
    .option("--allow-migratable", "allow a TD that may be migrated");
}

function ofProgram(command: Command): Command {
  return command.requiredOption("--program <id>", "the program", parseWord);
}

function addImageCommands(program: Command): void {
  const approveCommand = program
    .command("approve")
    .description("approve an image: an OS and an application on it");
  withImage(ofProgram(withRegistry(approveCommand)))
    .addHelpText(
      "after",
      `
With --from-quote every measurement is filled in from the quote of a machine that runs the image.
The quote is read, not verified: that the image is what it should be is for you to know.
It counts once the program's notice is over.
${KEY}

Example:
  $ chainseal program approve ${AT} --program 0x... --from-quote quote.bin`,
    )
    .action(approve);
  ofProgram(withRegistry(program.command("withdraw")))
    .description("take an approval back, at once and for ever")
    .argument("<approval>", "its number", parseCount)
    .addHelpText(
      "after",
      `${KEY}\n\nExample:\n  $ chainseal program withdraw 1 ${AT} --program 0x...`,
    )
    .action(withdraw);
}

function addPlatformCommands(program: Command): void {
  const platforms = program
    .command("platforms")
    .description("which machines a program admits, each by keccak256 of its PPID");
  ofProgram(withReading(platforms.command("list")))
    .description("say of machines whether they are listed or revoked")
    .argument("<platforms...>", "platform ids", collect, [])
    .action(listProgramPlatforms);
  ofProgram(withRegistry(platforms.command("add")))
    .description("admit machines, after the notice")
    .argument("<platforms...>", "platform ids", collect, [])
    .addHelpText("after", KEY)
    .action(addPlatforms);
  ofProgram(withRegistry(platforms.command("remove")))
    .description("take a machine off the list, at once")
    .argument("<platform>", "platform id", parseWord)
    .addHelpText("after", KEY)
    .action(removePlatform);
  ofProgram(withRegistry(platforms.command("revoke")))
    .description("revoke a machine for this program, at once and for ever")
    .argument("<platform>", "platform id", parseWord)
    .addHelpText("after", KEY)
    .action(revokeProgramPlatform);
}

function addPolicyCommands(program: Command): void {
  const policy = program.command("policy").description("what a program demands of its workers");
  ofProgram(withReading(policy.command("set")))
    .description("change it; what widens waits for the notice")
    .argument("<file>", "JSON with the fields that change, see docs/programs.md")
    .addHelpText("after", KEY)
    .action(changePolicy);
  ofProgram(withRegistry(policy.command("apply")))
    .description("put a policy in force whose notice is over; anyone may")
    .addHelpText("after", KEY)
    .action(apply);
}

/** `chainseal program create|approve|withdraw|status|platforms|policy|digest`. */
export function addProgramCommand(root: Command): void {
  const program = root.command("program").description("programs: their images, machines, policy");
  withImage(withRegistry(program.command("create")))
    .description("create a program of this account")
    .option("--salt <salt>", "32 bytes in hex or a short name; each gives another program")
    .option("--policy <file>", "JSON, see docs/programs.md")
    .option("--platform <id>", "admit this machine; may be repeated", collect, [])
    .addHelpText(
      "after",
      `
Nobody relies on a new program yet: what it approves and admits here waits for no notice.
${KEY}

Example:
  $ chainseal program create ${AT} --salt inference --from-quote quote.bin --platform 0x...`,
    )
    .action(create);
  addImageCommands(program);
  ofProgram(withReading(program.command("status")))
    .description("show owner, policy, what waits, and approvals")
    .addHelpText("after", `\nExample:\n  $ chainseal program status ${AT} --program 0x...`)
    .action(status);
  addPlatformCommands(program);
  addPolicyCommands(program);
  addProgramDigestCommand(program);
}
