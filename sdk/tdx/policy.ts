import type { Hex } from "../bytes.ts";
import { TdxError } from "./errors.ts";
import { type TcbStatus, tcbStatuses } from "./tcb-status.ts";

/** The statuses that a policy may accept: nothing makes a revoked TCB good. */
export type AcceptableTcbStatus = Exclude<TcbStatus, "Revoked">;

const acceptableTcbStatuses = tcbStatuses.filter((status) => status !== "Revoked");

/** Registers that a policy can pin, with their lengths in bytes. */
export const measuredRegisters = {
  mrSeam: 48,
  mrTd: 48,
  mrConfigId: 48,
  mrOwner: 48,
  mrOwnerConfig: 48,
  rtmr0: 48,
  rtmr1: 48,
  rtmr2: 48,
  rtmr3: 48,
} as const;

export type MeasuredRegister = keyof typeof measuredRegisters;

/**
 * What a caller demands of a verified quote. Each field that is left out demands nothing, but for
 * `tcbStatuses`. DEBUG is refused under every policy; nothing here can switch that off.
 */
export interface Policy {
  /** TCB statuses that are accepted, never Revoked. Default: UpToDate and SWHardeningNeeded. */
  readonly tcbStatuses?: readonly AcceptableTcbStatus[];
  /** Refuses collateral with a lower evaluation number, in the TCB info or the QE identity. */
  readonly minTcbEvaluationDataNumber?: number;
  /** Refuses a TCB, at launch or now, that is older, such as 2025-05-14T00:00:00Z. */
  readonly minTcbDate?: string;
  /** Refuses every advisory that is not listed. An empty list refuses any advisory. */
  readonly acceptedAdvisoryIds?: readonly string[];
  /** Refuses these advisories. */
  readonly refusedAdvisoryIds?: readonly string[];
  /** Demands SEPT_VE_DISABLE, without which the host can inject exceptions. Azure's TDs lack it. */
  readonly requireSeptVeDisable?: boolean;
  /** Refuses TDs that can be migrated to another machine. */
  readonly refuseMigratable?: boolean;
  /** Refuses attribute bits that have no defined meaning. */
  readonly refuseUnknownTdAttributes?: boolean;
  /** Refuses TDs that a service TD is bound to (TD 1.5; a TD 1.0 has none). */
  readonly requireZeroMrServiceTd?: boolean;
  /** CPU features that the TD may use at most: no other bit of XFAM may be set. 8 bytes. */
  readonly xfamMask?: Hex;
  /** For each register the values that are accepted. */
  readonly measurements?: Readonly<Partial<Record<MeasuredRegister, readonly Hex[]>>>;
  /** What the report data must begin with: 1 to 64 bytes. */
  readonly reportData?: Hex;
  /** FMSPCs (platform types) that are accepted. */
  readonly fmspcs?: readonly Hex[];
  /** PPIDs (machines) that are accepted. */
  readonly ppids?: readonly Hex[];
}

/** What `validate` uses when it is given no policy. */
export const defaultPolicy: Policy = Object.freeze({
  tcbStatuses: Object.freeze(["UpToDate", "SWHardeningNeeded"] as const),
});

type Check = (value: unknown, subject: string) => unknown;

function malformed(subject: string, expected: string, value: unknown): TdxError {
  const isPlain =
    typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  const found = isPlain
    ? String(value)
    : value === null
      ? "null"
      : Array.isArray(value)
        ? "a list"
        : typeof value;
  return new TdxError("POLICY_MALFORMED", { subject, expected, found });
}

const MAX_LIST = 10_000;

const listOf =
  (check: Check): Check =>
  (value, subject) => {
    if (!Array.isArray(value)) throw malformed(subject, "a list", value);
    if (value.length > MAX_LIST)
      throw malformed(subject, `at most ${MAX_LIST} items`, value.length);
    return Object.freeze(value.map((item: unknown, i) => check(item, `${subject}[${i}]`)));
  };

const hex =
  (length: number, orShorter = false): Check =>
  (value, subject) => {
    const text = typeof value === "string" ? value.toLowerCase() : "";
    const digits = text.startsWith("0x") ? text.slice(2) : text;
    const isFitting = orShorter
      ? digits.length >= 2 && digits.length <= 2 * length && digits.length % 2 === 0
      : digits.length === 2 * length;
    if (!isFitting || !/^[0-9a-f]*$/.test(digits)) {
      throw malformed(subject, `${orShorter ? `1 to ${length}` : length} bytes in hex`, value);
    }
    return `0x${digits}`;
  };

const status: Check = (value, subject) => {
  if (!(acceptableTcbStatuses as readonly unknown[]).includes(value)) {
    throw malformed(subject, acceptableTcbStatuses.join(", "), value);
  }
  return value;
};

const advisory: Check = (value, subject) => {
  if (typeof value !== "string" || !/^INTEL-[A-Z]{2}-\d{5}$/.test(value)) {
    throw malformed(subject, "an advisory such as INTEL-SA-00837", value);
  }
  return value;
};

const flag: Check = (value, subject) => {
  if (typeof value !== "boolean") throw malformed(subject, "true or false", value);
  return value;
};

const wholeNumber: Check = (value, subject) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(subject, "a whole number", value);
  }
  return value;
};

const date: Check = (value, subject) => {
  const isForm = typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
  if (!isForm || Number.isNaN(Date.parse(value))) {
    throw malformed(subject, "a time such as 2025-05-14T00:00:00Z", value);
  }
  return value;
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
    if (error instanceof TdxError) throw error;
    // A getter or a Proxy of the caller's has thrown.
    throw new TdxError("POLICY_MALFORMED", { subject, expected: "a plain object", cause: error });
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

const register = listOf(hex(48));

const fields = {
  tcbStatuses: listOf(status),
  minTcbEvaluationDataNumber: wholeNumber,
  minTcbDate: date,
  acceptedAdvisoryIds: listOf(advisory),
  refusedAdvisoryIds: listOf(advisory),
  requireSeptVeDisable: flag,
  refuseMigratable: flag,
  refuseUnknownTdAttributes: flag,
  requireZeroMrServiceTd: flag,
  xfamMask: hex(8),
  measurements: objectOf(
    Object.fromEntries(Object.keys(measuredRegisters).map((name) => [name, register])),
  ),
  reportData: hex(64, true),
  fmspcs: listOf(hex(6)),
  ppids: listOf(hex(16)),
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
