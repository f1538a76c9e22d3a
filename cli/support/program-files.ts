import { stringToHex } from "viem";
import {
  type Admission,
  defaultProgramPolicy,
  type Measurements,
  type ProgramPolicy,
} from "../../sdk/client/index.ts";
import { CliError } from "./errors.ts";
import { asJsonObject, readJson } from "./input.ts";

function refuse(subject: string, expected: string, found: unknown): never {
  throw new CliError("INPUT_NOT_JSON", { subject, expected, found: String(found) });
}

/** Members that are not known are refused: a demand that is misspelt demands nothing. */
function checkMembers(value: object, known: readonly string[], subject: string): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) refuse(subject, `members of ${known.join(", ")}`, name);
  }
}

const POLICY_KINDS: Readonly<Record<keyof ProgramPolicy, string>> = {
  acceptedStatuses: "list",
  graceStatuses: "list",
  gracePeriod: "number",
  maxAge: "number",
  minTcbEvaluationDataNumber: "number",
  requireSeptVeDisable: "boolean",
  requireGpu: "boolean",
  notice: "number",
  admission: "string",
  deriveUnderOpen: "boolean",
  endorser: "address",
};

function isOfKind(kind: string, value: unknown): boolean {
  if (kind === "list") return Array.isArray(value) && value.every((one) => typeof one === "string");
  if (kind === "address") return value === null || typeof value === "string";
  return typeof value === kind;
}

/** A policy of a program: what the file leaves out is as in `base`. Errors: `INPUT_NOT_JSON`. */
export async function readProgramPolicy(
  path: string,
  base: ProgramPolicy = defaultProgramPolicy,
): Promise<ProgramPolicy> {
  const value = asJsonObject(await readJson(path), path);
  checkMembers(value, Object.keys(POLICY_KINDS), path);
  for (const [name, one] of Object.entries(value)) {
    const kind = POLICY_KINDS[name as keyof ProgramPolicy];
    if (!isOfKind(kind, one)) refuse(`${path}: ${name}`, `a ${kind}`, JSON.stringify(one));
  }
  const policy = { ...base, ...value } as ProgramPolicy;
  const admissions: readonly Admission[] = ["LIST", "COSIGN", "OPEN"];
  if (!admissions.includes(policy.admission)) {
    refuse(`${path}: admission`, admissions.join(", "), policy.admission);
  }
  return policy;
}

const MEASUREMENTS = [
  "tdAttributes",
  "xfam",
  "mrTd",
  "rtmr0",
  "rtmr1",
  "rtmr2",
  "mrSeam",
  "mrServiceTd",
  "applicationRegister",
  "application",
  "osEnforcesMrConfigId",
  "allowMigratable",
] as const;

/** Measurements as the SDK has them and `program approve --json` shows them. Errors: `INPUT_NOT_JSON`. */
export async function readMeasurements(path: string): Promise<Measurements> {
  const value = asJsonObject(await readJson(path), path);
  checkMembers(value, MEASUREMENTS, path);
  for (const name of MEASUREMENTS) {
    const one: unknown = Reflect.get(value, name);
    const isFlag = name === "osEnforcesMrConfigId" || name === "allowMigratable";
    const isOptional = isFlag || name === "mrSeam" || name === "mrServiceTd";
    if (one === undefined && isOptional) continue;
    const kind = isFlag ? "boolean" : "string";
    if (typeof one !== kind) refuse(`${path}: ${name}`, `a ${kind}`, JSON.stringify(one));
  }
  return value as Measurements;
}

/** A salt of the command line: 32 bytes in hex, or a name of at most 31 characters. */
export function parseSalt(text: string): `0x${string}` {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text as `0x${string}`;
  if (/^[\x21-\x7e]{1,31}$/.test(text)) return stringToHex(text, { size: 32 });
  throw new CliError("USAGE", {
    expected: "--salt with 32 bytes in hex or a short name",
    found: text,
  });
}
