import { TdxError } from "./errors.ts";
import type { PckPlatform } from "./pck.ts";
import { asComponentStatus, type QeIdentity } from "./qe-identity.ts";
import type { MatchedLevel, TcbInfo, TdxModuleIdentity } from "./tcb-info.ts";
import { type ComponentTcbStatus, mergeTcbStatus, type PlatformTcbStatus } from "./tcb-status.ts";

/** The TCB as it is judged for one TEE_TCB_SVN: the parts, and what they come to. */
export interface TcbEvaluation extends MatchedLevel<PlatformTcbStatus> {
  readonly platform: MatchedLevel<PlatformTcbStatus>;
  /** Absent for TDX module version 0, which has no identity. */
  readonly tdxModule?: MatchedLevel<ComponentTcbStatus>;
  readonly qe: MatchedLevel<ComponentTcbStatus>;
}

const MODULE_SVN = 0;
const MODULE_VERSION = 1;

function coversComponents(
  svns: ArrayLike<number>,
  level: readonly number[],
  from: number,
): boolean {
  for (let i = from; i < 16; i++) if ((svns[i] ?? 0) < (level[i] ?? 0)) return false;
  return true;
}

/**
 * The identity of the TDX module with this TEE_TCB_SVN; `undefined` for version 0.
 *
 * Errors: `TDX_MODULE_IDENTITY_MISSING`.
 */
export function findTdxModuleIdentity(
  tcbInfo: TcbInfo,
  teeTcbSvn: Uint8Array,
): TdxModuleIdentity | undefined {
  const version = teeTcbSvn[MODULE_VERSION] ?? 0;
  if (version === 0) return undefined;
  const id = `TDX_${version.toString(16).padStart(2, "0").toUpperCase()}`;
  const identity = tcbInfo.tdxModuleIdentities.find((candidate) => candidate.id === id);
  if (identity === undefined) {
    throw new TdxError("TDX_MODULE_IDENTITY_MISSING", {
      subject: "tcbInfo.tdxModuleIdentities",
      expected: id,
      found: tcbInfo.tdxModuleIdentities.map((candidate) => candidate.id).join(", ") || "none",
    });
  }
  return identity;
}

function matchPlatform(
  tcbInfo: TcbInfo,
  platform: PckPlatform,
  teeTcbSvn: Uint8Array,
  subject: string,
): MatchedLevel<PlatformTcbStatus> {
  // From module version 1 on, components 0 and 1 are judged by the module's own identity.
  const from = teeTcbSvn[MODULE_VERSION] === 0 ? 0 : 2;
  for (const level of tcbInfo.tcbLevels) {
    if (
      coversComponents(platform.sgxTcbComponents, level.sgxTcbComponents, 0) &&
      platform.pceSvn >= level.pceSvn &&
      coversComponents(teeTcbSvn, level.tdxTcbComponents, from)
    ) {
      return level.verdict;
    }
  }
  throw new TdxError("TCB_LEVEL_NOT_SUPPORTED", {
    subject,
    expected: "at least the lowest TCB level",
    found: `SGX components ${platform.sgxTcbComponents.join(".")}, PCE SVN ${platform.pceSvn}, TDX components ${teeTcbSvn.join(".")}`,
  });
}

function matchTdxModule(
  tcbInfo: TcbInfo,
  teeTcbSvn: Uint8Array,
  subject: string,
): MatchedLevel<ComponentTcbStatus> | undefined {
  const identity = findTdxModuleIdentity(tcbInfo, teeTcbSvn);
  if (identity === undefined) return undefined;
  const isvSvn = teeTcbSvn[MODULE_SVN] ?? 0;
  const level = identity.tcbLevels.find((candidate) => isvSvn >= candidate.isvSvn);
  if (level === undefined) {
    throw new TdxError("TDX_MODULE_TCB_NOT_SUPPORTED", {
      subject: `${identity.id}, ${subject}`,
      expected: `ISV SVN ${identity.tcbLevels.at(-1)?.isvSvn} or higher`,
      found: isvSvn,
    });
  }
  const { status, tcbDate, advisoryIds } = level;
  return Object.freeze({ status: asComponentStatus(status, identity.id), tcbDate, advisoryIds });
}

function matchQe(qeIdentity: QeIdentity, isvSvn: number): MatchedLevel<ComponentTcbStatus> {
  const level = qeIdentity.tcbLevels.find((candidate) => isvSvn >= candidate.isvSvn);
  if (level === undefined) {
    throw new TdxError("QE_TCB_NOT_SUPPORTED", {
      subject: "quoting enclave",
      expected: `ISV SVN ${qeIdentity.tcbLevels.at(-1)?.isvSvn} or higher`,
      found: isvSvn,
    });
  }
  return level.verdict;
}

const NO_ADVISORIES: readonly string[] = Object.freeze([]);

/** All advisories of the parts, each once, sorted. */
function unionOfAdvisories(parts: readonly MatchedLevel<string>[]): readonly string[] {
  if (parts.every((part) => part.advisoryIds.length === 0)) return NO_ADVISORIES;
  return Object.freeze([...new Set(parts.flatMap((part) => part.advisoryIds))].sort());
}

/**
 * Evaluates the TCB for one TEE_TCB_SVN (QVL `tdxEvaluateTCB`, steps 4.1.2.5.2): the highest level
 * that platform, TDX module and quoting enclave each reach, merged; the oldest date; all advisories.
 *
 * @param teeTcbSvn 16 bytes: TEE_TCB_SVN for the TCB at launch, TEE_TCB_SVN2 for the TCB now.
 * @param subject "launch" or "current", for errors.
 *
 * Errors: `TCB_LEVEL_NOT_SUPPORTED`, `TDX_MODULE_IDENTITY_MISSING`, `TDX_MODULE_TCB_NOT_SUPPORTED`,
 * `QE_TCB_NOT_SUPPORTED`, `TCB_STATUS_UNKNOWN`.
 */
export function evaluateTcb(
  tcbInfo: TcbInfo,
  qeIdentity: QeIdentity,
  platform: PckPlatform,
  qeIsvSvn: number,
  teeTcbSvn: Uint8Array,
  subject: "launch" | "current",
): TcbEvaluation {
  const platformLevel = matchPlatform(tcbInfo, platform, teeTcbSvn, subject);
  const tdxModule = matchTdxModule(tcbInfo, teeTcbSvn, subject);
  const qe = matchQe(qeIdentity, qeIsvSvn);
  const parts = tdxModule === undefined ? [platformLevel, qe] : [platformLevel, tdxModule, qe];
  let { tcbDate } = platformLevel;
  // ISO dates of one form compare as text.
  for (const part of parts) if (part.tcbDate < tcbDate) tcbDate = part.tcbDate;
  const components = tdxModule === undefined ? [qe.status] : [tdxModule.status, qe.status];
  return Object.freeze({
    status: mergeTcbStatus(platformLevel.status, components),
    tcbDate,
    advisoryIds: unionOfAdvisories(parts),
    platform: platformLevel,
    ...(tdxModule === undefined ? {} : { tdxModule }),
    qe,
  });
}
