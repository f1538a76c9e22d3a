import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";

/** A figure that the project has set itself to reach. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly least: number;
}

export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
  };
}

/** Three significant digits: what such figures are good for. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

/** Prints which bars are reached; true when all are. */
export function printBars(bars: readonly Bar[]): boolean {
  for (const { name, value, least } of bars) {
    console.log(`${value >= least ? "reached" : "MISSED "}  ${name}: ${round(value)} of ${least}`);
  }
  return bars.every(({ value, least }) => value >= least);
}

/** Writes `bench/results/NAME.json`, which is committed: the README's figures come from it. */
export function writeResult(name: string, result: object): void {
  const folder = path.join(import.meta.dirname, "..", "results");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
