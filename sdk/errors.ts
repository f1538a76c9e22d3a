/** What a Chainseal error says beside its code. Values are short and never secret. */
export interface ErrorDetails {
  /** What the rule asks for. */
  readonly expected?: string | number;
  /** What was there instead. */
  readonly found?: string | number;
  /** Which part it was found in: a field, a certificate, a file. */
  readonly subject?: string;
  /** The error underneath, where one was caught. */
  readonly cause?: unknown;
}

const MAX_VALUE_LENGTH = 200;

/** Control characters and those that turn the direction of text: a terminal would obey them. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Foreign text as it may be shown to people: what a terminal would obey is written out. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function clip(value: string | number): string {
  const text = printable(String(value));
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}

/**
 * The base of every error that Chainseal throws on purpose.
 *
 * `code` is stable and listed in `docs/errors.md`; the message is for people and may change.
 * Use `walk` to look through causes, as in viem.
 */
export class ChainsealError extends Error {
  override readonly name: string = "ChainsealError";
  readonly code: string;
  readonly expected: string | number | undefined;
  readonly found: string | number | undefined;
  readonly subject: string | undefined;

  constructor(code: string, summary: string, details: ErrorDetails = {}) {
    const parts: string[] = [];
    if (details.expected !== undefined) parts.push(`expected ${clip(details.expected)}`);
    if (details.found !== undefined) parts.push(`found ${clip(details.found)}`);
    const where = details.subject === undefined ? "" : ` (${clip(details.subject)})`;
    const tail = parts.length === 0 ? "" : `: ${parts.join(", ")}`;
    super(
      `${summary}${where}${tail}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.expected = details.expected;
    this.found = details.found;
    this.subject = details.subject;
  }

  /** The first error in the chain of causes for which `test` holds; without `test`, the innermost. */
  walk(test?: (error: unknown) => boolean): unknown {
    let current: unknown = this;
    for (let depth = 0; depth < 32; depth++) {
      if (test?.(current)) return current;
      const next: unknown = current instanceof Error ? current.cause : undefined;
      if (next === undefined) return test ? undefined : current;
      current = next;
    }
    return undefined;
  }

  /** Plain data for logs and `--json`. */
  toJSON(): {
    code: string;
    message: string;
    expected?: string | number;
    found?: string | number;
    subject?: string;
  } {
    return {
      code: this.code,
      message: this.message,
      ...(this.expected === undefined ? {} : { expected: this.expected }),
      ...(this.found === undefined ? {} : { found: this.found }),
      ...(this.subject === undefined ? {} : { subject: this.subject }),
    };
  }
}
