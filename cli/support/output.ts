import { styleText } from "node:util";
import { printable } from "../../sdk/errors.ts";

type Style = Parameters<typeof styleText>[0];

/** Colours, where the terminal wants them (NO_COLOR, FORCE_COLOR and pipes are respected). */
export function style(format: Style, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

let hasOutput = false;

export function line(text = ""): void {
  hasOutput = true;
  process.stdout.write(`${text}\n`);
}

/** Prints JSON in which what a terminal would obey is escaped, as JSON itself allows. */
export function printJson(value: unknown): void {
  const rows = JSON.stringify(value, undefined, 2).split("\n");
  line(rows.map(printable).join("\n"));
}

/** Rows of two columns, the first padded to the same width. */
export function fields(
  rows: readonly (readonly [name: string, value: string])[],
  indent = "",
): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) line(`${indent}${name.padEnd(width)}  ${printable(value)}`);
}

/** A title, with an empty line between it and what came before. */
export function heading(text: string): void {
  if (hasOutput) line();
  line(style("bold", text));
}

export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

const FIRST_NEWS_MS = 2000;

/**
 * Says on standard error how far a long job is, from two seconds on: in place on a terminal, else a
 * line now and then.
 */
export function createProgress(label: string): {
  step(done: number, total: number): void;
  end(): void;
} {
  const started = Date.now();
  let last = started;
  let isShown = false;
  return {
    step(done, total) {
      const now = Date.now();
      const interval = process.stderr.isTTY ? 100 : FIRST_NEWS_MS;
      if (now - started < FIRST_NEWS_MS || now - last < interval) return;
      last = now;
      isShown = true;
      const text = `${label}: ${done} of ${total}`;
      process.stderr.write(process.stderr.isTTY ? `\r${text}` : `${text}\n`);
    },
    end() {
      if (isShown && process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    },
  };
}

const MORE_NEWS_MS = 10_000;

/** Says on standard error, after two seconds and then now and then, that a job is still at work. */
export async function whileWaiting<T>(label: string, job: Promise<T>): Promise<T> {
  const started = Date.now();
  const tell = () => {
    process.stderr.write(`${label}: ${Math.round((Date.now() - started) / 1000)} s\n`);
    timer = setTimeout(tell, MORE_NEWS_MS);
  };
  let timer = setTimeout(tell, FIRST_NEWS_MS);
  try {
    return await job;
  } finally {
    clearTimeout(timer);
  }
}
