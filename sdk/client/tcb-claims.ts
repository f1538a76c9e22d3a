import type { Hex } from "viem";
import { readU16, toHex } from "../bytes.ts";
import { parseQuote, type Quote } from "../tdx/quote.ts";

/** `TcbClaims` of `contracts/attestation/TdxTypes.sol`: what of a quote the TCB is judged by. */
export interface TcbClaims {
  readonly teeTcbSvn: Hex;
  readonly teeTcbSvn2: Hex;
  readonly mrSignerSeamHigh: Hex;
  readonly mrSignerSeamLow: Hex;
  readonly seamAttributes: Hex;
  readonly qeMiscSelect: Hex;
  readonly qeAttributes: Hex;
  readonly qeMrSigner: Hex;
  readonly qeIsvProdId: number;
  readonly qeIsvSvn: number;
}

/** What the TCB of a quote is judged by, for `reevaluateWorker`. Offsets as in an SGX report body. */
export function tcbClaimsOf(input: Uint8Array | Quote): TcbClaims {
  const { report, qeReport } = parseQuote(input);
  const { bytes } = qeReport;
  const signer = report.mrSignerSeam;
  return Object.freeze({
    teeTcbSvn: report.teeTcbSvn,
    teeTcbSvn2: report.teeTcbSvn2 ?? report.teeTcbSvn,
    mrSignerSeamHigh: signer.slice(0, 66) as Hex,
    mrSignerSeamLow: `0x${signer.slice(66)}`,
    seamAttributes: report.seamAttributes,
    qeMiscSelect: toHex(bytes.subarray(16, 20)),
    qeAttributes: toHex(bytes.subarray(48, 64)),
    qeMrSigner: toHex(bytes.subarray(128, 160)),
    qeIsvProdId: readU16(bytes, 256),
    qeIsvSvn: readU16(bytes, 258),
  });
}
