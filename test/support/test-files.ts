import { globSync, statSync } from "node:fs";
import path from "node:path";

/** Files of this name are tests; everything else under `test/` supports them. */
const TEST_FILES = "**/*.test.ts";

/** The Mocha test files in a folder, absolute, in a stable order. */
export function testFilesIn(folder: string): string[] {
  return globSync(TEST_FILES, { cwd: folder })
    .sort()
    .map((file) => path.join(folder, file));
}

/** Turns files and folders, as given on a command line, into test files. */
export function expandTestPaths(paths: readonly string[], base: string): string[] {
  return paths.flatMap((given) => {
    const absolute = path.resolve(base, given);
    const stat = statSync(absolute, { throwIfNoEntry: false });
    if (stat === undefined) throw new Error(`no such test: ${given}`);
    if (!stat.isDirectory()) return [absolute];
    const found = testFilesIn(absolute);
    if (found.length === 0) throw new Error(`no tests in ${given}`);
    return found;
  });
}
