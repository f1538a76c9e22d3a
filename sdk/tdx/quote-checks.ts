import { equalBytes, isZero, toHex } from "../bytes.ts";
import type { CryptoBackend, P256Key } from "./crypto-backend.ts";
import { TdxError } from "./errors.ts";
import type { QeIdentity } from "./qe-identity.ts";
import type { Quote } from "./quote.ts";
import { findTdxModuleIdentity } from "./tcb-evaluation.ts";
import type { TcbInfo } from "./tcb-info.ts";

/**
 * Checks what binds the quote to its platform: the PCK key signs the QE report, the QE report
 * vouches for the attestation key, the attestation key signs the quote (QVL 4.1.2.5.13, .14, .17).
 *
 * Intel leaves the second half of the QE report data unchecked; its quoting enclave sets it to
 * zero, and anything else is refused here.
 *
 * Errors: `QE_REPORT_SIGNATURE_INVALID`, `QE_REPORT_DATA_MISMATCH`, `ATTESTATION_KEY_INVALID`,
 * `QUOTE_SIGNATURE_INVALID`.
 */
export function verifyQuoteSignatures(quote: Quote, pckKey: P256Key, crypto: CryptoBackend): void {
  const { qeReport, attestationKey, qeAuthData } = quote;
  if (!crypto.verifyP256(pckKey, quote.qeReportSignature, qeReport.bytes)) {
    throw new TdxError("QE_REPORT_SIGNATURE_INVALID");
  }
  const binding = crypto.sha256(attestationKey, qeAuthData);
  const { reportData } = qeReport;
  if (!equalBytes(reportData.subarray(0, 32), binding) || !isZero(reportData.subarray(32))) {
    throw new TdxError("QE_REPORT_DATA_MISMATCH", {
      subject: "qeReport.reportData",
      expected: `${toHex(binding)} and 32 zero bytes`,
      found: toHex(reportData),
    });
  }
  const key = crypto.importP256(attestationKey);
  if (key === undefined) throw new TdxError("ATTESTATION_KEY_INVALID");
  if (!crypto.verifyP256(key, quote.signature, quote.signedRegion)) {
    throw new TdxError("QUOTE_SIGNATURE_INVALID");
  }
}

/**
 * Checks who signed the TDX module (QVL 4.1.2.5.12). MRSEAM itself is policy.
 *
 * Errors: `TDX_MODULE_IDENTITY_MISSING`, `TDX_MODULE_SIGNER_MISMATCH`,
 * `TDX_MODULE_ATTRIBUTES_MISMATCH`.
 */
export function checkTdxModule({ report, teeTcbSvn }: Quote, tcbInfo: TcbInfo): void {
  const module = findTdxModuleIdentity(tcbInfo, teeTcbSvn) ?? tcbInfo.tdxModule;
  if (report.mrSignerSeam !== module.mrSigner) {
    throw new TdxError("TDX_MODULE_SIGNER_MISMATCH", {
      subject: "report.mrSignerSeam",
      expected: module.mrSigner,
      found: report.mrSignerSeam,
    });
  }
  // Intel asks for both: attributes as the TCB info has them, and zero.
  const isSet = /[^0]/.test(report.seamAttributes.slice(2));
  if (isSet || report.seamAttributes !== module.attributes) {
    throw new TdxError("TDX_MODULE_ATTRIBUTES_MISMATCH", {
      subject: "report.seamAttributes",
      expected: isSet ? "0x0000000000000000" : module.attributes,
      found: report.seamAttributes,
    });
  }
}

function equalUnderMask(
  value: Uint8Array,
  mask: readonly number[],
  expected: readonly number[],
): boolean {
  return expected.every((byte, i) => ((value[i] ?? 0) & (mask[i] ?? 0)) === byte);
}

function underMask(value: readonly number[], mask: readonly number[]): string {
  return `${toHex(Uint8Array.from(value))} under mask ${toHex(Uint8Array.from(mask))}`;
}

/**
 * Checks the quoting enclave against Intel's identity for it (QVL 4.1.2.9.5 to .8). Its SVN is
 * judged with the rest of the TCB.
 *
 * Errors: `QE_MISCSELECT_MISMATCH`, `QE_ATTRIBUTES_MISMATCH`, `QE_MRSIGNER_MISMATCH`,
 * `QE_ISVPRODID_MISMATCH`.
 */
export function checkQeIdentity({ qeReport }: Quote, identity: QeIdentity): void {
  if (!equalUnderMask(qeReport.miscSelect, identity.miscSelectMask, identity.miscSelect)) {
    throw new TdxError("QE_MISCSELECT_MISMATCH", {
      expected: underMask(identity.miscSelect, identity.miscSelectMask),
      found: toHex(qeReport.miscSelect),
    });
  }
  if (!equalUnderMask(qeReport.attributes, identity.attributesMask, identity.attributes)) {
    throw new TdxError("QE_ATTRIBUTES_MISMATCH", {
      expected: underMask(identity.attributes, identity.attributesMask),
      found: toHex(qeReport.attributes),
    });
  }
  const mrSigner = toHex(qeReport.mrSigner);
  if (mrSigner !== identity.mrSigner) {
    throw new TdxError("QE_MRSIGNER_MISMATCH", { expected: identity.mrSigner, found: mrSigner });
  }
  if (qeReport.isvProdId !== identity.isvProdId) {
    throw new TdxError("QE_ISVPRODID_MISMATCH", {
      expected: identity.isvProdId,
      found: qeReport.isvProdId,
    });
  }
}
