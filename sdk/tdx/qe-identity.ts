import { type Hex, toHex } from "../bytes.ts";
import {
  asHexBytes,
  asObject,
  asString,
  asTime,
  asUnsigned,
  JsonError,
  parseStrictJson,
} from "../json.ts";
import { TdxError } from "./errors.ts";
import { type MatchedLevel, readDatedLevel, readLevels, sortLevels } from "./tcb-info.ts";
import { type ComponentTcbStatus, componentTcbStatuses } from "./tcb-status.ts";

export interface QeTcbLevel {
  readonly isvSvn: number;
  readonly verdict: MatchedLevel<ComponentTcbStatus>;
}

/** Identity of the TD quoting enclave, version 2 (Intel PCS v4 API, "Get TDX QE Identity"). */
export interface QeIdentity {
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly tcbEvaluationDataNumber: number;
  /** 4 bytes, as are the mask's. */
  readonly miscSelect: readonly number[];
  readonly miscSelectMask: readonly number[];
  /** 16 bytes, as are the mask's. */
  readonly attributes: readonly number[];
  readonly attributesMask: readonly number[];
  readonly mrSigner: Hex;
  readonly isvProdId: number;
  /** Highest ISV SVN first. */
  readonly tcbLevels: readonly QeTcbLevel[];
}

function isComponentStatus(status: string): status is ComponentTcbStatus {
  return (componentTcbStatuses as readonly string[]).includes(status);
}

/** Narrows a component's status. Errors: `TCB_STATUS_UNKNOWN`. */
export function asComponentStatus(status: string, subject: string): ComponentTcbStatus {
  if (isComponentStatus(status)) return status;
  throw new TdxError("TCB_STATUS_UNKNOWN", {
    subject,
    expected: componentTcbStatuses.join(", "),
    found: status,
  });
}

function octets(value: unknown, name: string, length: number): readonly number[] {
  return Object.freeze([...asHexBytes(value, name, length)]);
}

/** Highest ISV SVN first, of equal ones the newest (QVL `IdentityTcbLevel::operator>`). */
function compareLevels(a: QeTcbLevel, b: QeTcbLevel): number {
  return b.isvSvn - a.isvSvn || Date.parse(b.verdict.tcbDate) - Date.parse(a.verdict.tcbDate);
}

function read(text: string): QeIdentity {
  const identity = parseStrictJson(text);
  const id = asString(identity.id, "id");
  const version = asUnsigned(identity.version, "version");
  if (id !== "TD_QE") {
    throw new TdxError("QE_IDENTITY_NOT_TD_QE", {
      subject: "qeIdentity.id",
      expected: "TD_QE",
      found: id,
    });
  }
  if (version !== 2) throw new JsonError(`version ${version} is not supported`);
  const tcbLevels = readLevels(identity.tcbLevels, "tcbLevels").map((level) =>
    Object.freeze({
      isvSvn: asUnsigned(asObject(level.tcb, "tcb").isvsvn, "isvsvn", 65_535),
      verdict: Object.freeze({
        status: asComponentStatus(asString(level.tcbStatus, "tcbStatus"), "qeIdentity.tcbLevels"),
        ...readDatedLevel(level),
      }),
    }),
  );
  return Object.freeze({
    issueDate: asTime(identity.issueDate, "issueDate"),
    nextUpdate: asTime(identity.nextUpdate, "nextUpdate"),
    tcbEvaluationDataNumber: asUnsigned(
      identity.tcbEvaluationDataNumber,
      "tcbEvaluationDataNumber",
    ),
    miscSelect: octets(identity.miscselect, "miscselect", 4),
    miscSelectMask: octets(identity.miscselectMask, "miscselectMask", 4),
    attributes: octets(identity.attributes, "attributes", 16),
    attributesMask: octets(identity.attributesMask, "attributesMask", 16),
    mrSigner: toHex(asHexBytes(identity.mrsigner, "mrsigner", 32)),
    isvProdId: asUnsigned(identity.isvprodid, "isvprodid", 65_535),
    tcbLevels: sortLevels(tcbLevels, compareLevels, "tcbLevels"),
  });
}

/**
 * Parses the text of a QE identity whose signature has been verified.
 *
 * Errors: `QE_IDENTITY_MALFORMED`, `QE_IDENTITY_NOT_TD_QE`, `TCB_STATUS_UNKNOWN`.
 */
export function parseQeIdentity(text: string): QeIdentity {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new TdxError("QE_IDENTITY_MALFORMED", { subject: "qeIdentity", found: error.message });
  }
}
