import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** The repository. */
const ROOT = path.resolve(import.meta.dirname, "../..");

function ignoredFolders(): string[] {
  const lines = readFileSync(path.join(ROOT, ".gitignore"), "utf8").split("\n");
  return [".git", ...lines.filter((line) => line.endsWith("/")).map((line) => line.slice(0, -1))];
}

/** Every file of the project that is not ignored by git, relative to the repository, with `/`. */
export function projectFiles(): string[] {
  const ignored = new Set(ignoredFolders());
  return globSync("{*,**/*,.*,.*/**}", {
    cwd: ROOT,
    withFileTypes: true,
    exclude: (entry) => ignored.has(entry.name),
  })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join("/"))
    .sort();
}

export function readProjectFile(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}
