import { type IsvTcbLevel, isoTime, isvTcbLevelJson, midnight } from "./tcb-level.ts";

/**
 * Fields of the QE Identity, by the names they have in the document. Nothing is checked, and text
 * goes into the document as it is.
 */
export interface QeIdentityOptions {
  /** Default `TD_QE`. */
  readonly id?: string;
  /** Default 2. */
  readonly version?: number;
  /** Unix seconds. Default: one day before `at`. */
  readonly issueDate?: number;
  /** Unix seconds. Default: 30 days after `issueDate`. */
  readonly nextUpdate?: number;
  readonly tcbEvaluationDataNumber?: number;
  /** 4 bytes as hex, little endian. */
  readonly miscselect?: string;
  readonly miscselectMask?: string;
  /** 16 bytes as hex. */
  readonly attributes?: string;
  readonly attributesMask?: string;
  /** 32 bytes as hex. Default: the signer of the simulator's quoting enclave. */
  readonly mrsigner?: string;
  readonly isvprodid?: number;
  /** In the order of the document. Default: ISVSVN 4 is UpToDate. */
  readonly tcbLevels?: readonly IsvTcbLevel[];
}

const DAY = 86_400;

/** As Intel publishes for its TD quoting enclave. */
const defaultTcbLevels: readonly IsvTcbLevel[] = [
  { isvSvn: 4, tcbDate: midnight("2025-05-14"), status: "UpToDate" },
];

/**
 * The text of a QE Identity (PCS API v4, Get TD QE Identity; version 2), fields in Intel's order
 * and without spaces: it is this text, byte for byte, that is signed.
 */
export function qeIdentityText(
  defaults: {
    readonly at: number;
    readonly tcbEvaluationDataNumber: number;
    /** Hex. */
    readonly mrSigner: string;
  },
  options: QeIdentityOptions,
): string {
  const issueDate = options.issueDate ?? defaults.at - DAY;
  return JSON.stringify({
    id: options.id ?? "TD_QE",
    version: options.version ?? 2,
    issueDate: isoTime(issueDate),
    nextUpdate: isoTime(options.nextUpdate ?? issueDate + 30 * DAY),
    tcbEvaluationDataNumber: options.tcbEvaluationDataNumber ?? defaults.tcbEvaluationDataNumber,
    miscselect: options.miscselect ?? "00000000",
    miscselectMask: options.miscselectMask ?? "FFFFFFFF",
    // INIT and PROVISION_KEY; the mask leaves MODE64BIT open, and the extended features.
    attributes: options.attributes ?? `11${"00".repeat(15)}`,
    attributesMask: options.attributesMask ?? `FB${"FF".repeat(7)}${"00".repeat(8)}`,
    mrsigner: options.mrsigner ?? defaults.mrSigner.toUpperCase(),
    isvprodid: options.isvprodid ?? 2,
    tcbLevels: (options.tcbLevels ?? defaultTcbLevels).map(isvTcbLevelJson),
  });
}
