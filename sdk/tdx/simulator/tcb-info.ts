import {
  type IsvTcbLevel,
  isoTime,
  isvTcbLevelJson,
  midnight,
  type TcbVerdict,
  verdictJson,
} from "./tcb-level.ts";

/** One platform TCB level: what a platform must reach, and what reaching it means. */
export interface TcbLevel extends TcbVerdict {
  /** 16 SVNs; a document with another count is made by giving another count. */
  readonly sgxComponents: readonly number[];
  /** 16 SVNs of TEE_TCB_SVN; left out of the document when undefined, as for SGX. */
  readonly tdxComponents?: readonly number[];
  readonly pceSvn: number;
}

/** The signer and attributes that a TDX module must have. Text goes into the document as it is. */
export interface TdxModule {
  /** 48 bytes as hex. Default all zero: Intel's own. */
  readonly mrsigner?: string;
  /** 8 bytes as hex. Default all zero. */
  readonly attributes?: string;
  /** 8 bytes as hex. Default all ones. */
  readonly attributesMask?: string;
}

/** The TCB levels of one major version of the TDX module. */
export interface TdxModuleIdentity extends TdxModule {
  /** `TDX_` and the version in two hex digits. */
  readonly id: string;
  readonly tcbLevels: readonly IsvTcbLevel[];
}

/** Fields of the TCB Info. Nothing is checked, and text goes into the document as it is. */
export interface TcbInfoOptions {
  /** Default `TDX`. */
  readonly id?: string;
  /** Default 3. */
  readonly version?: number;
  /** Unix seconds. Default: one day before `at`. */
  readonly issueDate?: number;
  /** Unix seconds. Default: 30 days after `issueDate`. */
  readonly nextUpdate?: number;
  /** Default 0. */
  readonly tcbType?: number;
  readonly tcbEvaluationDataNumber?: number;
  /** Null leaves it out. */
  readonly tdxModule?: TdxModule | null;
  /** Null leaves it out. Default: TDX_03 and TDX_01. */
  readonly tdxModuleIdentities?: readonly TdxModuleIdentity[] | null;
  /** In the order of the document. Default: an UpToDate level and an OutOfDate one below it. */
  readonly tcbLevels?: readonly TcbLevel[];
}

const DAY = 86_400;
const advisoryIds = ["INTEL-SA-01036", "INTEL-SA-01079", "INTEL-SA-01099"];

/** The levels of a real platform, shortened to two: the default platform reaches the first. */
export const defaultTcbLevels: readonly [TcbLevel, TcbLevel] = [
  {
    sgxComponents: [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
    tdxComponents: [5, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    pceSvn: 13,
    tcbDate: midnight("2025-05-14"),
    status: "UpToDate",
  },
  {
    sgxComponents: [2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
    tdxComponents: [5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    pceSvn: 5,
    tcbDate: midnight("2024-03-13"),
    status: "OutOfDate",
    advisoryIds,
  },
];

/** The levels of Intel's TDX modules 1.5 (`TDX_01`) and 2.0 (`TDX_03`). */
export const defaultTdxModuleIdentities: readonly [TdxModuleIdentity, TdxModuleIdentity] = [
  {
    id: "TDX_03",
    tcbLevels: [{ isvSvn: 3, tcbDate: midnight("2025-05-14"), status: "UpToDate" }],
  },
  {
    id: "TDX_01",
    tcbLevels: [
      { isvSvn: 6, tcbDate: midnight("2025-05-14"), status: "UpToDate" },
      { isvSvn: 4, tcbDate: midnight("2024-03-13"), status: "OutOfDate", advisoryIds },
      { isvSvn: 2, tcbDate: midnight("2023-08-09"), status: "OutOfDate", advisoryIds },
    ],
  },
];

/** What the components are, by index, as Intel's documents say beside the SVN. */
const sgxComponentNames: readonly ComponentName[] = [
  { category: "BIOS", type: "Early Microcode Update" },
  { category: "OS/VMM", type: "SGX Late Microcode Update" },
  { category: "OS/VMM", type: "TXT SINIT" },
  { category: "BIOS" },
  { category: "BIOS" },
  { category: "BIOS" },
  {},
  { category: "OS/VMM", type: "SEAMLDR ACM" },
];
const tdxComponentNames: readonly ComponentName[] = [
  { category: "OS/VMM", type: "TDX Module" },
  { category: "OS/VMM", type: "TDX Module" },
  { category: "OS/VMM", type: "TDX Late Microcode Update" },
];

interface ComponentName {
  readonly category?: string;
  readonly type?: string;
}

/**
 * The text of a TCB Info (PCS API v4, Get TDX TCB Info; version 3), fields in Intel's order and
 * without spaces: it is this text, byte for byte, that is signed.
 */
export function tcbInfoText(
  platform: { readonly fmspc: string; readonly pceId: string },
  defaults: { readonly at: number; readonly tcbEvaluationDataNumber: number },
  options: TcbInfoOptions,
): string {
  const issueDate = options.issueDate ?? defaults.at - DAY;
  const tdxModule = options.tdxModule === undefined ? {} : options.tdxModule;
  const identities =
    options.tdxModuleIdentities === undefined
      ? defaultTdxModuleIdentities
      : options.tdxModuleIdentities;
  return JSON.stringify({
    id: options.id ?? "TDX",
    version: options.version ?? 3,
    issueDate: isoTime(issueDate),
    nextUpdate: isoTime(options.nextUpdate ?? issueDate + 30 * DAY),
    fmspc: platform.fmspc,
    pceId: platform.pceId,
    tcbType: options.tcbType ?? 0,
    tcbEvaluationDataNumber: options.tcbEvaluationDataNumber ?? defaults.tcbEvaluationDataNumber,
    ...(tdxModule === null ? {} : { tdxModule: tdxModuleJson(tdxModule) }),
    ...(identities === null ? {} : { tdxModuleIdentities: identities.map(identityJson) }),
    tcbLevels: (options.tcbLevels ?? defaultTcbLevels).map(tcbLevelJson),
  });
}

function tdxModuleJson(module: TdxModule): Record<string, unknown> {
  return {
    mrsigner: module.mrsigner ?? "00".repeat(48),
    attributes: module.attributes ?? "00".repeat(8),
    attributesMask: module.attributesMask ?? "FF".repeat(8),
  };
}

function identityJson(identity: TdxModuleIdentity): Record<string, unknown> {
  return {
    id: identity.id,
    ...tdxModuleJson(identity),
    tcbLevels: identity.tcbLevels.map(isvTcbLevelJson),
  };
}

function tcbLevelJson(level: TcbLevel): Record<string, unknown> {
  const { sgxComponents, tdxComponents, pceSvn } = level;
  return {
    tcb: {
      sgxtcbcomponents: componentsJson(sgxComponents, sgxComponentNames),
      pcesvn: pceSvn,
      ...(tdxComponents === undefined
        ? {}
        : { tdxtcbcomponents: componentsJson(tdxComponents, tdxComponentNames) }),
    },
    ...verdictJson(level),
  };
}

function componentsJson(
  svns: readonly number[],
  componentNames: readonly ComponentName[],
): unknown[] {
  return svns.map((svn, index) => ({ svn, ...componentNames[index] }));
}
