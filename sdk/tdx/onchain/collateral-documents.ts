import { fieldOf, hexOf, type QuoteCollateral } from "../collateral.ts";
import { parseQeIdentity, type QeIdentity } from "../qe-identity.ts";
import { parseTcbInfo, type TcbInfo } from "../tcb-info.ts";

/** The two signed documents of collateral, read but not verified. */
export interface CollateralDocuments {
  readonly tcbInfo: TcbInfo;
  readonly tcbInfoText: string;
  /** r || s, 64 bytes. */
  readonly tcbInfoSignature: Uint8Array;
  readonly qeIdentity: QeIdentity;
  readonly qeIdentityText: string;
  readonly qeIdentitySignature: Uint8Array;
}

/** Errors: `COLLATERAL_MALFORMED`, `TCB_INFO_…`, `QE_IDENTITY_…`. */
export function collateralDocuments(collateral: QuoteCollateral): CollateralDocuments {
  const tcbInfoText = fieldOf(collateral, "tcb_info");
  const qeIdentityText = fieldOf(collateral, "qe_identity");
  return {
    tcbInfo: parseTcbInfo(tcbInfoText),
    tcbInfoText,
    tcbInfoSignature: hexOf(collateral, "tcb_info_signature", 64),
    qeIdentity: parseQeIdentity(qeIdentityText),
    qeIdentityText,
    qeIdentitySignature: hexOf(collateral, "qe_identity_signature", 64),
  };
}
