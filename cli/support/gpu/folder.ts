import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { JsonError, type JsonObject, parseStrictJsonValue } from "../../../sdk/json.ts";
import { CliError } from "../errors.ts";
import { readInput, readJson } from "../input.ts";
import { type GpuFile, recogniseGpuFile } from "./files.ts";

const MAX_FILE_LENGTH = 4 * 1024 * 1024;
const MAX_FILES = 1_024;

/** A file of the folder, with what it is. JSON is read already. */
export type FolderFile = { readonly name: string } & (
  | Extract<GpuFile, { readonly bytes: Uint8Array }>
  | { readonly kind: "json"; readonly text: string; readonly json: unknown }
);

export interface GpuFolder {
  readonly manifest: JsonObject;
  readonly name: string;
  readonly files: readonly FolderFile[];
  /** Files that are not as the manifest lists them. */
  readonly differing: readonly string[];
}

/** Files that are in a folder to be refused say so in their names. */
export function isNegative(name: string): boolean {
  return /(^|[_-])(bad|invalid|failure|forged|tampered)/i.test(name);
}

function malformed(subject: string, expected: string): CliError {
  return new CliError("MANIFEST_MALFORMED", { subject, expected });
}

function asObject(value: unknown, subject: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(subject, "an object");
  }
  return value as JsonObject;
}

function parseJson(text: string): unknown {
  try {
    return parseStrictJsonValue(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}

function toFolderFile(name: string, bytes: Uint8Array): FolderFile {
  const file = recogniseGpuFile(bytes, name);
  return file.kind === "json"
    ? { name, kind: "json", text: file.text, json: parseJson(file.text) }
    : { name, ...file };
}

/** Reads a manifest and all files that it lists, from its own folder and no other. */
export async function readGpuFolder(path: string): Promise<GpuFolder> {
  const manifest = asObject(await readJson(path), path);
  const { name, files } = manifest;
  if (typeof name !== "string" || name === "") throw malformed(`${path}: name`, "a text");
  if (!Array.isArray(files) || files.length === 0 || files.length > MAX_FILES) {
    throw malformed(`${path}: files`, `a list of 1 to ${MAX_FILES} files`);
  }
  const read: FolderFile[] = [];
  const differing: string[] = [];
  for (const [index, item] of files.entries()) {
    const entry = asObject(item, `files[${index}]`);
    const { file, bytes: length, sha256 } = entry;
    const isPlain = typeof file === "string" && file !== "" && basename(file) === file;
    if (!isPlain || file === "..") throw malformed(`files[${index}].file`, "a file of the folder");
    const bytes = await readInput(join(dirname(path), file), MAX_FILE_LENGTH);
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (bytes.length !== length || digest !== sha256) differing.push(file);
    read.push(toFolderFile(file, bytes));
  }
  return { manifest, name, files: read, differing };
}
