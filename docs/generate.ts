/**
 * Writes the documents that are made from the code, so that they cannot differ from it:
 * `node docs/generate.ts`, or with `--check` to only compare (exit code 1 on a difference).
 */
import { readFile, writeFile } from "node:fs/promises";
import { cliErrors } from "../cli/support/errors.ts";
import { refusals, tdxErrors } from "../sdk/tdx/index.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const errors = `# Errors

Made by \`node docs/generate.ts\` from the tables in the code; do not edit.

Every error that Chainseal throws on purpose is a \`ChainsealError\` with a stable \`code\`, and where it
applies with \`expected\`, \`found\` and \`subject\` (the field, certificate or file). Messages are for people
and may change; branch on codes. \`error.walk()\` looks through causes.

## Evidence that does not verify: \`TdxError\`

Thrown by \`sdk/tdx\`. "QVL" is the status that Intel's quote verification library gives in the same
place, where it makes the check at all.

${table(
  ["code", "meaning", "QVL", "what to do"],
  Object.entries(tdxErrors).map(([code, { summary, qvl, remedy }]) => [
    `\`${code}\``,
    `${summary}.`,
    qvl === "-" ? "no such check" : `\`${qvl}\``,
    remedy,
  ]),
)}

## Evidence that a policy refuses: reasons of \`validate\`

Not thrown: \`validate\` returns all that apply, in \`reasons\`.

${table(
  ["code", "meaning"],
  Object.entries(refusals).map(([code, message]) => [`\`${code}\``, message]),
)}

## The command line: \`CliError\`

Exit code 2. A refusal of evidence is exit code 1.

${table(
  ["code", "meaning", "what to do"],
  Object.entries(cliErrors).map(([code, { summary, remedy }]) => [
    `\`${code}\``,
    `${summary}.`,
    remedy,
  ]),
)}
`;

/** The documents by their path beside this file. */
export const documents: Readonly<Record<string, string>> = { "errors.md": errors };

/** Writes the documents, or only compares them; returns those that differed. */
export async function generate(isCheck: boolean): Promise<readonly string[]> {
  const differing: string[] = [];
  for (const [name, text] of Object.entries(documents)) {
    const url = new URL(name, import.meta.url);
    const current = await readFile(url, "utf8").catch(() => "");
    if (current === text) continue;
    differing.push(name);
    if (!isCheck) await writeFile(url, text);
  }
  return differing;
}

if (import.meta.main) {
  const isCheck = process.argv.includes("--check");
  const differing = await generate(isCheck);
  for (const name of differing)
    process.stdout.write(`${isCheck ? "differs" : "written"}: ${name}\n`);
  if (isCheck && differing.length > 0) process.exitCode = 1;
}
