import { type Hex, toHex } from "../bytes.ts";
import {
  asArray,
  asHexBytes,
  asObject,
  asString,
  asStrings,
  asTime,
  asUnsigned,
  JsonError,
  type JsonObject,
  parseStrictJson,
} from "../json.ts";
import { TdxError } from "./errors.ts";
import { type PlatformTcbStatus, platformTcbStatuses } from "./tcb-status.ts";

const COMPONENTS = 16;
const MAX_LEVELS = 1024;

/** What a level says of the part of the TCB that reaches it. */
export interface MatchedLevel<Status> extends DatedLevel {
  readonly status: Status;
}

interface DatedLevel {
  /** As Intel writes it, such as 2025-05-14T00:00:00Z. */
  readonly tcbDate: string;
  /** Security advisories (INTEL-SA-…) that concern machines at this level. */
  readonly advisoryIds: readonly string[];
}

export interface TcbLevel {
  readonly sgxTcbComponents: readonly number[];
  readonly pceSvn: number;
  readonly tdxTcbComponents: readonly number[];
  readonly verdict: MatchedLevel<PlatformTcbStatus>;
}

export interface TdxModuleTcbLevel extends DatedLevel {
  readonly isvSvn: number;
  /** Checked when the level is the one that applies, as Intel does. */
  readonly status: string;
}

export interface TdxModule {
  readonly mrSigner: Hex;
  readonly attributes: Hex;
}

export interface TdxModuleIdentity extends TdxModule {
  /** In upper case: TDX_ and two hex digits of the module's version. */
  readonly id: string;
  /** Highest ISV SVN first. */
  readonly tcbLevels: readonly TdxModuleTcbLevel[];
}

/** TCB Info V3 for TDX (Intel PCS v4 API, "Get TDX TCB Info"). */
export interface TcbInfo {
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly fmspc: Hex;
  readonly pceId: Hex;
  readonly tcbEvaluationDataNumber: number;
  readonly tdxModule: TdxModule;
  readonly tdxModuleIdentities: readonly TdxModuleIdentity[];
  /** Highest first, whatever the order of the text. */
  readonly tcbLevels: readonly TcbLevel[];
}

function compareComponents(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < COMPONENTS; i++) {
    const difference = (b[i] ?? 0) - (a[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Highest first: SGX components, then PCE SVN, then TDX components (QVL `TcbLevel::operator>`). */
function compareLevels(a: TcbLevel, b: TcbLevel): number {
  return (
    compareComponents(a.sgxTcbComponents, b.sgxTcbComponents) ||
    b.pceSvn - a.pceSvn ||
    compareComponents(a.tdxTcbComponents, b.tdxTcbComponents)
  );
}

/** Sorts highest first and refuses two levels of one height, between which nothing decides. */
export function sortLevels<T>(
  levels: T[],
  compare: (a: T, b: T) => number,
  name: string,
): readonly T[] {
  levels.sort(compare);
  for (let i = 1; i < levels.length; i++) {
    if (compare(levels[i - 1] as T, levels[i] as T) === 0) {
      throw new JsonError(`${name} has the same level twice`);
    }
  }
  return Object.freeze(levels);
}

export function readLevels(value: unknown, name: string): readonly JsonObject[] {
  const levels = asArray(value, name);
  if (levels.length === 0) throw new JsonError(`${name} is empty`);
  if (levels.length > MAX_LEVELS) throw new JsonError(`${name} has more than ${MAX_LEVELS} levels`);
  return levels.map((level) => asObject(level, `an item of ${name}`));
}

export function readDatedLevel(level: JsonObject): DatedLevel {
  asTime(level.tcbDate, "tcbDate");
  const { advisoryIDs } = level;
  return {
    tcbDate: asString(level.tcbDate, "tcbDate"),
    advisoryIds: asStrings(advisoryIDs === undefined ? [] : advisoryIDs, "advisoryIDs"),
  };
}

function readComponents(value: unknown, name: string): readonly number[] {
  const components = asArray(value, name);
  if (components.length !== COMPONENTS) {
    throw new JsonError(`${name} has ${components.length} components instead of ${COMPONENTS}`);
  }
  return Object.freeze(
    components.map((component) => asUnsigned(asObject(component, name).svn, `${name}.svn`, 255)),
  );
}

function isPlatformStatus(status: string): status is PlatformTcbStatus {
  return (platformTcbStatuses as readonly string[]).includes(status);
}

function readLevel(level: JsonObject): TcbLevel {
  const tcb = asObject(level.tcb, "tcb");
  const status = asString(level.tcbStatus, "tcbStatus");
  if (!isPlatformStatus(status)) {
    throw new TdxError("TCB_STATUS_UNKNOWN", {
      subject: "tcbInfo.tcbLevels",
      expected: platformTcbStatuses.join(", "),
      found: status,
    });
  }
  return Object.freeze({
    sgxTcbComponents: readComponents(tcb.sgxtcbcomponents, "sgxtcbcomponents"),
    pceSvn: asUnsigned(tcb.pcesvn, "pcesvn"),
    tdxTcbComponents: readComponents(tcb.tdxtcbcomponents, "tdxtcbcomponents"),
    verdict: Object.freeze({ status, ...readDatedLevel(level) }),
  });
}

function readModule(module: JsonObject): TdxModule {
  asHexBytes(module.attributesMask, "attributesMask", 8);
  return {
    mrSigner: toHex(asHexBytes(module.mrsigner, "mrsigner", 48)),
    attributes: toHex(asHexBytes(module.attributes, "attributes", 8)),
  };
}

function readModuleIdentity(value: unknown): TdxModuleIdentity {
  const identity = asObject(value, "an item of tdxModuleIdentities");
  const tcbLevels = readLevels(identity.tcbLevels, "tdxModuleIdentities.tcbLevels").map((level) =>
    Object.freeze({
      isvSvn: asUnsigned(asObject(level.tcb, "tcb").isvsvn, "isvsvn"),
      status: asString(level.tcbStatus, "tcbStatus"),
      ...readDatedLevel(level),
    }),
  );
  return Object.freeze({
    ...readModule(identity),
    id: asString(identity.id, "tdxModuleIdentities.id").toUpperCase(),
    tcbLevels: sortLevels(
      tcbLevels,
      (a, b) => b.isvSvn - a.isvSvn,
      "tdxModuleIdentities.tcbLevels",
    ),
  });
}

function readModuleIdentities(value: unknown): readonly TdxModuleIdentity[] {
  if (value === undefined) return [];
  const identities = asArray(value, "tdxModuleIdentities").map(readModuleIdentity);
  if (identities.length === 0) throw new JsonError("tdxModuleIdentities is empty");
  if (new Set(identities.map(({ id }) => id)).size !== identities.length) {
    throw new JsonError("tdxModuleIdentities has the same module twice");
  }
  return Object.freeze(identities);
}

function read(text: string): TcbInfo {
  const info = parseStrictJson(text);
  const version = asUnsigned(info.version, "version");
  // Version 2 has no id and is for SGX.
  const id = version === 2 ? "SGX" : asString(info.id, "id");
  if (version < 2 || version > 3) throw new JsonError(`version ${version} is not supported`);
  if (id !== "TDX") {
    throw new TdxError("TCB_INFO_NOT_TDX", {
      subject: "tcbInfo.id",
      expected: "TDX (version 3)",
      found: `${id.slice(0, 20)} (version ${version})`,
    });
  }
  if (asUnsigned(info.tcbType, "tcbType") !== 0) throw new JsonError("tcbType is not 0");
  return Object.freeze({
    issueDate: asTime(info.issueDate, "issueDate"),
    nextUpdate: asTime(info.nextUpdate, "nextUpdate"),
    fmspc: toHex(asHexBytes(info.fmspc, "fmspc", 6)),
    pceId: toHex(asHexBytes(info.pceId, "pceId", 2)),
    tcbEvaluationDataNumber: asUnsigned(info.tcbEvaluationDataNumber, "tcbEvaluationDataNumber"),
    tdxModule: Object.freeze(readModule(asObject(info.tdxModule, "tdxModule"))),
    tdxModuleIdentities: readModuleIdentities(info.tdxModuleIdentities),
    tcbLevels: sortLevels(
      readLevels(info.tcbLevels, "tcbLevels").map(readLevel),
      compareLevels,
      "tcbLevels",
    ),
  });
}

/**
 * Parses the text of a TCB info whose signature has been verified.
 *
 * Errors: `TCB_INFO_MALFORMED`, `TCB_INFO_NOT_TDX`, `TCB_STATUS_UNKNOWN`.
 */
export function parseTcbInfo(text: string): TcbInfo {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new TdxError("TCB_INFO_MALFORMED", { subject: "tcbInfo", found: error.message });
  }
}
