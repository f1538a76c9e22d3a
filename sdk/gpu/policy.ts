import type { Hex } from "../bytes.ts";
import { type Architecture, architectures } from "./architecture.ts";
import { GpuError } from "./errors.ts";
import { type Mode, modes } from "./topology.ts";
import { isVersion } from "./versions.ts";

/**
 * What a caller demands of verified evidence. Each field that is left out demands nothing, but for
 * `acceptHeldRims`.
 */
export interface Policy {
  /** Architectures that are accepted, NVSwitches among them. */
  readonly architectures?: readonly Architecture[];
  /** Refuses GPUs with an older driver, such as 550.90.07. */
  readonly minDriverVersion?: string;
  /** Refuses devices with an older VBIOS, or BIOS of an NVSwitch; hex, such as 96.00.9F.00.01. */
  readonly minVbiosVersions?: Readonly<Partial<Record<Architecture, string>>>;
  /** Demands one driver version, and one VBIOS version of each architecture. */
  readonly requireSameVersions?: boolean;
  /** Modes that are accepted; `["PPCIE"]` demands protected PCIe. */
  readonly modes?: readonly Mode[];
  /** Demands exactly so many GPUs: as many as the machine was told to show. */
  readonly gpuCount?: number;
  readonly switchCount?: number;
  /** Demands that each GPU's report names its firmware; drivers before 550 do not. */
  readonly requireFwid?: boolean;
  /** Devices (`identity.deviceId`) that are accepted. */
  readonly deviceIds?: readonly Hex[];
  /** RIMs, by the SHA-256 of their XML, that are accepted. */
  readonly rimSha256s?: readonly Hex[];
  /** Accepts RIMs whose signer is on hold (RFC 5280, certificateHold). Default: false. */
  readonly acceptHeldRims?: boolean;
}

/** What `validate` uses when it is given no policy. */
export const defaultPolicy: Policy = Object.freeze({ acceptHeldRims: false });

const MAX_LIST = 4_096;

function malformed(subject: string, expected: string, value: unknown): GpuError {
  const found =
    typeof value === "string" || typeof value === "number"
      ? value
      : value === null
        ? "null"
        : typeof value;
  return new GpuError("POLICY_MALFORMED", { subject, expected, found });
}

type Check = (value: unknown, subject: string) => unknown;

const listOf =
  (check: Check): Check =>
  (value, subject) => {
    if (!Array.isArray(value) || value.length > MAX_LIST) throw malformed(subject, "a list", value);
    return Object.freeze(Array.from(value, (item, i) => check(item, `${subject}[${i}]`)));
  };

const oneOf =
  (names: readonly string[]): Check =>
  (value, subject) => {
    if (typeof value === "string" && names.includes(value)) return value;
    throw malformed(subject, names.join(", "), value);
  };

const flag: Check = (value, subject) => {
  if (typeof value !== "boolean") throw malformed(subject, "true or false", value);
  return value;
};

const count: Check = (value, subject) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(subject, "a whole number", value);
  }
  return value;
};

const driverVersion: Check = (value, subject) => {
  if (typeof value === "string" && isVersion(value, 10)) return value;
  throw malformed(subject, "a version such as 550.90.07", value);
};

const vbiosVersion: Check = (value, subject) => {
  if (typeof value === "string" && isVersion(value, 16)) return value;
  throw malformed(subject, "a version such as 96.00.9F.00.01", value);
};

const digest: Check = (value, subject) => {
  const text = typeof value === "string" ? value.toLowerCase() : "";
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  if (!/^[0-9a-f]{64}$/.test(digits)) throw malformed(subject, "32 bytes in hex", value);
  return `0x${digits}`;
};

/**
 * The members of a plain object. A Map, an instance of a class, inherited or hidden members would
 * demand something that nobody looks at, so they are refused; so is a member that is undefined.
 */
function membersOf(value: unknown, subject: string): [name: string, inner: unknown][] {
  const refuse = (found: unknown) => malformed(subject, "a plain object", found);
  if (typeof value !== "object" || value === null) throw refuse(value);
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    const isPlain =
      prototype === null ||
      (Object.getPrototypeOf(prototype) === null &&
        Object.prototype.toString.call(value) === "[object Object]");
    const members = Object.entries(value);
    if (!isPlain || members.length !== Reflect.ownKeys(value).length) throw refuse(value);
    return members;
  } catch (error) {
    if (error instanceof GpuError) throw error;
    // A getter or a Proxy of the caller's has thrown.
    throw new GpuError("POLICY_MALFORMED", { subject, expected: "a plain object", cause: error });
  }
}

const objectOf =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, subject) => {
    const known: Record<string, unknown> = {};
    for (const [name, inner] of membersOf(value, subject)) {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
      const path = subject === "policy" ? name : `${subject}.${name}`;
      if (check === undefined) {
        throw malformed(path, `one of ${Object.keys(checks).join(", ")}`, name);
      }
      known[name] = check(inner, path);
    }
    return Object.freeze(known);
  };

const fields = {
  architectures: listOf(oneOf(architectures)),
  minDriverVersion: driverVersion,
  minVbiosVersions: objectOf(Object.fromEntries(architectures.map((name) => [name, vbiosVersion]))),
  requireSameVersions: flag,
  modes: listOf(oneOf(modes)),
  gpuCount: count,
  switchCount: count,
  requireFwid: flag,
  deviceIds: listOf(digest),
  rimSha256s: listOf(digest),
  acceptHeldRims: flag,
} satisfies Record<keyof Policy, Check>;

const readPolicy = objectOf(fields);

/**
 * Checks a policy, such as one from a JSON file, and returns a frozen copy with hex in one form.
 * Unknown fields are refused: a misspelt demand would otherwise demand nothing.
 *
 * Errors: `POLICY_MALFORMED`.
 */
export function parsePolicy(value: unknown): Policy {
  return readPolicy(value, "policy") as Policy;
}
