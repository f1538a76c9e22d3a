import { dirname, join, resolve } from "node:path";
import { defaultPolicy, tcbStatuses } from "../../sdk/tdx/index.ts";
import { CliError } from "./errors.ts";
import { readJson, readQuote } from "./input.ts";
import { judge } from "./verdict.ts";

export interface ManifestCase {
  readonly name: string;
  readonly kind: string;
  readonly quotePath: string;
  readonly collateralPath: string | null;
  readonly at: number | null;
  /** A TCB status, or REFUSED for any refusal, or the error code that alone will do. */
  readonly expected: string;
}

/** One row of a manifest's run. */
export interface ManifestRow {
  readonly name: string;
  readonly expected: string;
  /** The TCB status, or the code of the refusal. */
  readonly found: string;
  readonly agrees: boolean;
}

const REFUSED = "REFUSED";
/** What is left to say of a quote without collateral whose chain and signatures verify. */
const CHAIN_VERIFIED = "COLLATERAL_MISSING";

function text(entry: object, name: string, subject: string): string {
  const value: unknown = Reflect.get(entry, name);
  if (typeof value !== "string" || value === "") {
    throw new CliError("MANIFEST_MALFORMED", { subject: `${subject}.${name}`, expected: "a text" });
  }
  return value;
}

function seconds(entry: object): number | null {
  for (const name of ["verify_at", "collateral_valid_from"]) {
    const value: unknown = Reflect.get(entry, name);
    if (typeof value === "number") return value;
  }
  const from: unknown = Reflect.get(entry, "pck_not_before");
  const milliseconds = typeof from === "string" ? Date.parse(from.replace(" ", "T")) : Number.NaN;
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}

function expectation(entry: object, kind: string, subject: string): string {
  const expected: unknown = Reflect.get(entry, "expected");
  if (typeof expected !== "object" || expected === null) {
    throw new CliError("MANIFEST_MALFORMED", { subject: `${subject}.expected` });
  }
  if (kind === "quote-only") return CHAIN_VERIFIED;
  const status: unknown = Reflect.get(expected, "tcb_status");
  return (tcbStatuses as readonly unknown[]).includes(status) ? String(status) : REFUSED;
}

function readCase(entry: unknown, folder: string, index: number): ManifestCase {
  const subject = `cases[${index}]`;
  if (typeof entry !== "object" || entry === null) {
    throw new CliError("MANIFEST_MALFORMED", { subject, expected: "an object" });
  }
  const dir = resolve(folder, text(entry, "dir", subject));
  const collateral: unknown = Reflect.get(entry, "collateral");
  const kind: unknown = Reflect.get(entry, "kind");
  return {
    name: text(entry, "name", subject),
    kind: typeof kind === "string" ? kind : "quote",
    quotePath: join(dir, text(entry, "quote", subject)),
    collateralPath: typeof collateral === "string" ? join(dir, collateral) : null,
    at: seconds(entry),
    expected: expectation(entry, typeof kind === "string" ? kind : "quote", subject),
  };
}

/** Reads a manifest of the form of `test/vectors/tdx/manifest.json`. Errors: `MANIFEST_MALFORMED`. */
export async function readManifest(path: string): Promise<readonly ManifestCase[]> {
  const json = await readJson(path);
  const cases: unknown =
    typeof json === "object" && json !== null ? Reflect.get(json, "cases") : null;
  if (!Array.isArray(cases) || cases.length === 0) {
    throw new CliError("MANIFEST_MALFORMED", { subject: `${path}: cases`, expected: "a list" });
  }
  return cases.map((entry: unknown, index) => readCase(entry, dirname(path), index));
}

/** Verifies one case and compares. A file that cannot be read is a difference, not the end. */
export async function runCase(
  entry: ManifestCase,
  options: { readonly root: Uint8Array; readonly at: number },
): Promise<ManifestRow> {
  const { name, expected } = entry;
  let found: string;
  let isRefused = true;
  try {
    const quote = await readQuote(entry.quotePath);
    const collateral =
      entry.collateralPath === null ? null : ((await readJson(entry.collateralPath)) as object);
    const at = entry.at ?? options.at;
    const verdict = judge(quote, collateral, { at, root: options.root, policy: defaultPolicy });
    isRefused = !verdict.verified;
    found = verdict.status ?? verdict.reasons[0]?.code ?? REFUSED;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    isRefused = !(error instanceof CliError);
    found = "code" in error ? String(error.code) : error.message;
  }
  const agrees = expected === REFUSED ? isRefused : expected === found;
  return { name, expected, found, agrees };
}
