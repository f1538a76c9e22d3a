import { dirname, join, resolve } from "node:path";
import { ChainsealError } from "../../sdk/errors.ts";
import { defaultPolicy, type QuoteCollateral, tcbStatuses } from "../../sdk/tdx/index.ts";
import { differences } from "../chain/compare.ts";
import type { OnchainJudge } from "../chain/judge.ts";
import { readCollateral } from "./collateral-file.ts";
import { CliError } from "./errors.ts";
import { parseTime, readJson, readQuote } from "./input.ts";
import { judge, type Verdict } from "./verdict.ts";

export interface ManifestCase {
  readonly name: string;
  readonly quotePath: string;
  readonly collateralPath: string | null;
  readonly at: number | null;
  /** A TCB status, or REFUSED for any refusal, or the error code that alone will do. */
  readonly expected: string;
  /** What the manifest says of an expected refusal, for people. */
  readonly note: string;
}

/** One row of a manifest's run. */
export interface ManifestRow {
  readonly name: string;
  readonly expected: string;
  readonly note: string;
  /** The TCB status, or the code of the refusal. */
  readonly found: string;
  /** Both, where the contract judges too; their verdicts must then be the same in all they say. */
  readonly agrees: boolean;
  /** The contract's status, or the code of its refusal. */
  readonly foundOnChain?: string;
  /** Gas used by each transaction. */
  readonly gas?: Readonly<Record<string, number>>;
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

function seconds(entry: object, subject: string): number | null {
  for (const name of ["verify_at", "collateral_valid_from", "pck_not_before"]) {
    const value: unknown = Reflect.get(entry, name);
    if (value === undefined || value === null) continue;
    if (typeof value === "string") return parseTime(value);
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    const expected = "whole seconds or a time in ISO 8601";
    throw new CliError("MANIFEST_MALFORMED", { subject: `${subject}.${name}`, expected });
  }
  return null;
}

/** Words for a refusal are in capitals, such as TCB_NOT_SUPPORTED and REJECT; statuses are not. */
const REFUSAL = /^[A-Z][A-Z0-9_]+\b/;

function expectation(
  entry: object,
  kind: string,
  subject: string,
): { expected: string; note: string } {
  const expected: unknown = Reflect.get(entry, "expected");
  if (typeof expected !== "object" || expected === null) {
    throw new CliError("MANIFEST_MALFORMED", { subject: `${subject}.expected` });
  }
  if (kind === "quote-only") return { expected: CHAIN_VERIFIED, note: "" };
  const status: unknown = Reflect.get(expected, "tcb_status") ?? Reflect.get(expected, "verdict");
  if ((tcbStatuses as readonly unknown[]).includes(status)) {
    return { expected: String(status), note: "" };
  }
  const code: unknown = status ?? Reflect.get(expected, "intel_status_code");
  if (typeof code !== "string" || !REFUSAL.test(code)) {
    throw new CliError("MANIFEST_MALFORMED", {
      subject: `${subject}.expected.tcb_status`,
      expected: `${tcbStatuses.join(", ")}, or a refusal`,
      found: String(status),
    });
  }
  return { expected: REFUSED, note: code };
}

function readCase(entry: unknown, folder: string, index: number): ManifestCase {
  const subject = `cases[${index}]`;
  if (typeof entry !== "object" || entry === null) {
    throw new CliError("MANIFEST_MALFORMED", { subject, expected: "an object" });
  }
  const dir = resolve(folder, text(entry, "dir", subject));
  const collateral: unknown = Reflect.get(entry, "collateral");
  const kind: unknown = Reflect.get(entry, "kind") ?? "quote";
  return {
    name: text(entry, "name", subject),
    quotePath: join(dir, text(entry, "quote", subject)),
    collateralPath: typeof collateral === "string" ? join(dir, collateral) : null,
    at: seconds(entry, subject),
    ...expectation(entry, String(kind), subject),
  };
}

/** Reads a manifest of the form of `test/vectors/tdx/manifest.json`. Errors: `MANIFEST_MALFORMED`. */
export async function readManifest(path: string): Promise<readonly ManifestCase[]> {
  const json = await readJson(path);
  const cases: unknown =
    typeof json === "object" && json !== null ? Reflect.get(json, "cases") : null;
  if (!Array.isArray(cases) || cases.length === 0) {
    const expected = "a list of at least one case";
    throw new CliError("MANIFEST_MALFORMED", { subject: `${path}: cases`, expected });
  }
  return cases.map((entry: unknown, index) => readCase(entry, dirname(path), index));
}

interface CaseFiles {
  readonly quote: Uint8Array;
  readonly collateral: QuoteCollateral | null;
}

interface CaseOptions {
  readonly root: Uint8Array;
  /** For cases without a time of their own. */
  readonly at: number;
  /** Has the contract judge each case too. */
  readonly onChain?: OnchainJudge;
}

interface Answer {
  readonly found: string;
  readonly isRefused: boolean;
}

function timeOf(entry: ManifestCase, { at }: Pick<CaseOptions, "at">): number {
  return entry.at ?? at;
}

/** The earliest time at which any of the cases is judged. */
export function earliestOf(cases: readonly ManifestCase[], at: number): number {
  return Math.min(...cases.map((entry) => timeOf(entry, { at })));
}

async function readFiles({ quotePath, collateralPath }: ManifestCase): Promise<CaseFiles> {
  const quote = await readQuote(quotePath);
  const collateral = collateralPath === null ? null : await readCollateral(collateralPath);
  return { quote, collateral };
}

function offChain({ quote, collateral }: CaseFiles, at: number, root: Uint8Array): Verdict {
  return judge(quote, collateral, { at, root, policy: defaultPolicy });
}

function answerOf(verdict: Verdict): Answer {
  const found = verdict.status ?? verdict.reasons[0]?.code ?? REFUSED;
  return { found, isRefused: !verdict.verified };
}

function isAsExpected({ expected }: ManifestCase, { found, isRefused }: Answer): boolean {
  return expected === REFUSED ? isRefused : expected === found;
}

/** Verifies one case and compares. What is no verdict on evidence is a difference, not the end. */
export async function runCase(entry: ManifestCase, options: CaseOptions): Promise<ManifestRow> {
  const { name, expected, note } = entry;
  const at = timeOf(entry, options);
  const { onChain: judgeOnChain, root } = options;
  try {
    const files = await readFiles(entry);
    const verdict = offChain(files, at, root);
    const answer = answerOf(verdict);
    const agrees = isAsExpected(entry, answer);
    const row = { name, expected, note, found: answer.found, agrees };
    if (judgeOnChain === undefined) return row;
    const onChain = await judgeOnChain(files.quote, files.collateral, at);
    const isSame = differences(verdict, onChain).length === 0;
    const isRight = isAsExpected(entry, { found: onChain.found, isRefused: !onChain.verified });
    const { found, gas } = onChain;
    return { ...row, foundOnChain: found, agrees: agrees && isRight && isSame, gas };
  } catch (error) {
    if (!(error instanceof ChainsealError)) throw error;
    // Collateral that lacks a part is evidence that does not verify; the rest is not evidence.
    const answer = { found: error.code, isRefused: error.code === "COLLATERAL_MALFORMED" };
    const row = { name, expected, note, found: error.code, agrees: isAsExpected(entry, answer) };
    return judgeOnChain === undefined ? row : { ...row, foundOnChain: error.code, gas: {} };
  }
}
