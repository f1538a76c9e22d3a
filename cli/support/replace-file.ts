import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { CliError } from "./errors.ts";

/**
 * Writes a file whole or not at all: beside it first, then in its place. Whoever is killed in the
 * middle leaves what was there before. Errors: `FILE_UNWRITABLE`.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, content, { flag: "wx" });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new CliError("FILE_UNWRITABLE", { subject: path, cause });
  }
}
