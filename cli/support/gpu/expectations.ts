import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { nvidiaRoots, type OpaqueData } from "../../../sdk/gpu/index.ts";
import { decodePemChain } from "../../../sdk/gpu/x509.ts";
import { compareOwn, type Facts, type Outcome, ownRims } from "./facts.ts";
import { type GpuFolder, isNegative } from "./folder.ts";
import { overallResult, type TokenFacts } from "./tokens.ts";

/** One comparison of what a manifest says with what was found. */
export interface ManifestRow {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
  readonly agrees: boolean;
}

export interface Context {
  readonly folder: GpuFolder;
  readonly facts: Facts;
  readonly tokens: readonly TokenFacts[];
}

export function row(name: string, expected: unknown, found: unknown): ManifestRow {
  const show = (value: unknown) =>
    typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  const agrees = isDeepStrictEqual(expected, found);
  return { name, expected: show(expected), found: show(found), agrees };
}

const CHAIN_CODE = /^(CERTIFICATE|CHAIN|PEM|ROOT)_/;
const SIGNATURE_CODES: readonly string[] = [
  "REPORT_SIGNATURE_INVALID",
  "RIM_DIGEST_MISMATCH",
  "RIM_SIGNATURE_INVALID",
];

const passed = (outcome: Outcome<unknown>): boolean => outcome.code === undefined;

function chainsHold({ devices }: Facts): boolean {
  return devices.length > 0 && devices.every(({ code }) => !CHAIN_CODE.test(code ?? ""));
}

function signaturesHold(facts: Facts): boolean {
  return (
    chainsHold(facts) && facts.devices.every(({ code }) => code !== "REPORT_SIGNATURE_INVALID")
  );
}

function rimHolds({ facts }: Context, prefix: string): boolean | string {
  const own = ownRims(facts).find(({ name }) => name.startsWith(prefix));
  return own === undefined ? "no such RIM" : passed(own.verified);
}

/** Whether everything that the folder has holds, as far as it goes. */
function verdict({ facts, tokens }: Context): string {
  // RIMs without evidence are judged by themselves.
  const rims =
    facts.devices.length > 0 ? ownRims(facts) : facts.rims.filter(({ name }) => !isNegative(name));
  const codes = [
    ...facts.devices,
    ...rims.map(({ verified }) => verified),
    facts.topology,
    ...tokens.map(({ answer }) => answer),
  ].flatMap(({ code }) => code ?? []);
  const comparison = ownRims(facts).length > 0 ? compareOwn(facts) : undefined;
  if (comparison?.code !== undefined) codes.push(comparison.code);
  if ((comparison?.result?.mismatches.length ?? 0) > 0) codes.push("MEASUREMENT_MISMATCH");
  if (tokens.some((token) => overallResult(token) !== true)) codes.push("a negative result");
  const isEmpty = facts.devices.length === 0 && tokens.length === 0 && rims.length === 0;
  if (isEmpty) return "nothing to judge";
  return codes.length === 0 ? "pass" : `fail: ${codes.join(", ")}`;
}

function compareVerdict(name: string, value: unknown, context: Context): ManifestRow {
  const found = verdict(context);
  const expected = /^(pass|fail)/.exec(String(value))?.[0] ?? "pass or fail";
  return { name, expected: String(value), found, agrees: found.startsWith(expected) };
}

function golden(context: Context, file?: string): Record<string, unknown> {
  const replacement = context.facts.rims.find(({ name }) => name === file);
  if (file !== undefined && replacement === undefined) return { error: "no such RIM" };
  const { result, code } = compareOwn(context.facts, replacement);
  if (result === undefined) return { error: code };
  return {
    golden_active: result.compared.length + result.skipped.length,
    skipped: [...result.skipped],
    mismatches: [...result.mismatches],
  };
}

/** What became of a file of the folder: `accepted`, or why it is refused. */
export function fateOf(name: string, { facts, folder }: Context): string {
  const rim = facts.rims.find((one) => one.name === name);
  if (rim !== undefined) {
    const { code } = rim.verified;
    if (code !== "RIM_SIGNATURE_MISSING") return code ?? "accepted";
    // Not even its content may pass the parser.
    return `${code}; content: ${rim.content.code ?? "accepted"}`;
  }
  const file = folder.files.find((one) => one.name === name);
  const [own] = facts.evidence;
  if (file === undefined || file.kind === "json" || own === undefined) return "not judged";
  if (file.kind === "report") {
    return facts.authenticate({ ...own, report: file.bytes }).code ?? "accepted";
  }
  return file.kind === "chain"
    ? (facts.authenticate({ ...own, chain: file.bytes }).code ?? "accepted")
    : "not judged";
}

/** `*.swidtag and 550.144.03`: names, parts of names, patterns. */
function namesOf(key: string, { folder }: Context): readonly string[] {
  return key.split(/\s+and\s+|,\s*/).flatMap((part) => {
    const pattern = part
      .split("*")
      .map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*");
    const isWhole = part.includes("*");
    const expression = new RegExp(isWhole ? `^${pattern}$` : pattern);
    return folder.files.map(({ name }) => name).filter((name) => expression.test(name));
  });
}

/** Expectations about files: the text says whether they are refused. */
function compareFiles(key: string, value: unknown, context: Context): readonly ManifestRow[] {
  const isRefusal = /reject|refuse|false|fail|invalid/i.test(String(value));
  const isSignature = /signature false/i.test(String(value));
  return namesOf(key, context).map((name) => {
    const found = fateOf(name, context);
    const isRefused = found !== "accepted" && found !== "not judged";
    const agrees = isSignature
      ? SIGNATURE_CODES.includes(found)
      : isRefused === isRefusal && found !== "not judged" && !found.endsWith("content: accepted");
    return { name, expected: String(value), found, agrees };
  });
}

export function fingerprints(value: unknown, { folder }: Context): readonly ManifestRow[] {
  const digests = folder.files.flatMap((file) =>
    file.kind === "chain" ? decodePemChain(file.bytes, file.name) : [],
  );
  const known = Object.values(nvidiaRoots());
  const hex = (der: Uint8Array) => createHash("sha256").update(der).digest("hex");
  return Object.entries(value as object).map(([name, expected]) => {
    const found = digests.map(hex).find((digest) => digest === expected);
    const isPinned = known.some((der) => hex(der) === expected);
    return row(name, expected, isPinned ? found : `${found}, which is not pinned`);
  });
}

/** Where no key set is public, the right answer is that the key is unknown. */
function rightSignature(expected: string): string {
  if (/not checkable|cannot be checked/.test(expected)) return "NRAS_KEY_UNKNOWN";
  return /false|invalid|bad/i.test(expected) ? "NRAS_SIGNATURE_INVALID" : "verified";
}

type Check = (
  key: string,
  value: unknown,
  context: Context,
) => ManifestRow | readonly ManifestRow[];

export const status = (value: string | undefined) =>
  value === "on" ? "0xAA" : value === "off" ? "0x55" : value;

/** What all devices say, as one value where they say the same. */
function common<Value>(
  { reports }: Facts,
  read: (opaque: OpaqueData) => Value | undefined,
): Value | readonly Value[] | undefined {
  const values = new Set(
    reports.flatMap(({ opaque }) => {
      const value = read(opaque);
      return value === undefined ? [] : [value];
    }),
  );
  const [first, ...others] = values;
  return others.length === 0 ? first : [...values];
}

/** Every expectation that is understood. The first whose expression fits the key is taken. */
const CHECKS: readonly (readonly [key: RegExp, check: Check])[] = [
  [/^verdict$/, compareVerdict],
  [/^report_signature$/, (key, value, { facts }) => row(key, value, signaturesHold(facts))],
  [/^chain$/, (key, value, { facts }) => row(key, value, chainsHold(facts))],
  [
    /signatures and chains$/,
    (key, value, { facts }) =>
      row(key, value, facts.devices.every(passed) && signaturesHold(facts)),
  ],
  [
    /^fwid_match$/,
    (key, value, { facts }) =>
      row(
        key,
        value,
        facts.devices.every(({ result }) => result?.isFwidChecked === true),
      ),
  ],
  [
    /^no FWID field/,
    (key, value, { facts }) =>
      row(
        key,
        value,
        facts.devices.every(({ result }) => result?.isFwidChecked === false),
      ),
  ],
  [
    /^fwid$/,
    (key, value, { facts }) => ({
      name: key,
      expected: String(value),
      found: facts.devices.every(({ result }) => result?.isFwidChecked) ? "matches" : "no match",
      agrees: facts.devices.every(({ result }) => result?.isFwidChecked === true),
    }),
  ],
  [
    /^(driver|vbios|switch_bios)_rim_signature$/,
    (key, value, context) => {
      const prefix = key.replace(/_signature$/, "");
      return row(key, value, rimHolds(context, prefix));
    },
  ],
  [
    /^(golden_active|skipped|mismatches)$/,
    (key, value, context) => row(key, value, golden(context)[key]),
  ],
  [
    /^with \S+\.(xml|swidtag)$/,
    (key, value, context) => {
      const found = golden(context, key.slice("with ".length));
      return Object.entries(value as object).map(([name, expected]) =>
        row(`${key}: ${name}`, expected, found[name]),
      );
    },
  ],
  [
    /^wrong_nonce_test$/,
    (key, value, { facts }) => {
      const [own] = facts.evidence;
      const { code } = own === undefined ? {} : facts.authenticate(own, "00".repeat(32));
      return {
        name: key,
        expected: String(value),
        found: code ?? "accepted",
        agrees: code === "NONCE_MISMATCH",
      };
    },
  ],
  [
    /^nonce_rule$/,
    (key, value, { facts, folder }) => {
      const data = folder.manifest.report_data_48;
      const found =
        typeof data === "string" && data.startsWith(facts.nonce) ? "so it is" : "not so";
      const agrees = found === "so it is" && facts.devices.every(passed);
      return { name: key, expected: String(value), found, agrees };
    },
  ],
  [
    /^ppcie_status$/,
    (key, value, { facts }) =>
      row(
        key,
        value,
        common(facts, ({ protectedPcieStatus }) => status(protectedPcieStatus)),
      ),
  ],
  [
    /^feature_flag$/,
    (key, value, { facts }) =>
      row(
        key,
        value,
        common(facts, ({ featureFlag }) => featureFlag),
      ),
  ],
  [
    /^topology$/,
    (key, value, { facts }) => {
      const found = facts.topology.code ?? `holds, ${facts.topology.result}`;
      const agrees = facts.topology.result === "PPCIE";
      return { name: key, expected: String(value), found, agrees };
    },
  ],
  [
    /^overall$/,
    (key, value, { tokens }) =>
      tokens.map((token) => row(`${token.name}: ${key}`, value, overallResult(token))),
  ],
  [
    /^submod digests?$/,
    (key, value, { tokens }) =>
      tokens.map(({ name, answer }) => ({
        name: `${name}: ${key}`,
        expected: String(value),
        found: answer.code ?? "match",
        agrees: passed(answer),
      })),
  ],
  [
    /^signature$/,
    (key, value, { tokens }) => {
      const right = rightSignature(String(value));
      return tokens.map(({ name, signature }) => ({
        name: `${name}: ${key}`,
        expected: String(value),
        found: signature,
        agrees: signature === right,
      }));
    },
  ],
  [
    /^x-nvidia-/,
    (key, value, { tokens }) =>
      tokens.map(({ name, answer }) =>
        row(`${name}: ${key}`, value, answer.result?.overall.claims[key]),
      ),
  ],
  [
    /^result_code$/,
    (key, value, { tokens }) =>
      tokens.map(({ name, local }) => row(`${name}: ${key}`, value, local?.result_code)),
  ],
  [
    /^claims$/,
    (key, value, { tokens }) =>
      tokens.map(({ name, local }) => {
        const claims = local?.claims;
        return row(`${name}: ${key}`, value, Array.isArray(claims) ? claims.length : undefined);
      }),
  ],
];

/**
 * Compares one expectation. One that nobody understands is a difference where it has a value to
 * compare; a mere text is a note to people.
 */
export function compareExpectation(
  key: string,
  value: unknown,
  context: Context,
): readonly ManifestRow[] {
  const check = CHECKS.find(([expression]) => expression.test(key))?.[1];
  const rows = check === undefined ? compareFiles(key, value, context) : check(key, value, context);
  const list = "name" in rows ? [rows] : rows;
  if (list.length > 0) return list;
  const isNote = check === undefined && typeof value === "string" && !isNegative(key);
  if (isNote) return [{ name: key, expected: value, found: "a note, not judged", agrees: true }];
  return [{ name: key, expected: JSON.stringify(value), found: "not understood", agrees: false }];
}
