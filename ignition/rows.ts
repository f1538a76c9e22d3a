import type { ReadBackRow } from "./read-back.ts";

/** Prints facts one a line; returns how many differ. */
export function printRows(rows: readonly ReadBackRow[]): number {
  for (const { agrees, what, expected, found } of rows) {
    process.stdout.write(
      agrees
        ? `agrees   ${what}: ${found}\n`
        : `DIFFERS  ${what}: expected ${expected}, found ${found}\n`,
    );
  }
  const differing = rows.filter(({ agrees }) => !agrees).length;
  process.stdout.write(`${rows.length} facts, ${differing} differ\n`);
  return differing;
}
