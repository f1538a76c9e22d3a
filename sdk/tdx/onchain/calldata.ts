import { encodeFunctionData } from "viem";
import type { Hex } from "../../bytes.ts";
import { tdxAttestationAbi as abi } from "./abi.ts";
import type { CollateralUpload } from "./collateral-uploads.ts";
import type { TdxEvidence } from "./evidence.ts";

/** The data of the transaction that makes an upload. */
export function uploadCalldata(upload: CollateralUpload): Hex {
  switch (upload.functionName) {
    case "uploadPckCa":
    case "uploadTcbSigner":
      return encodeFunctionData({ abi, functionName: upload.functionName, args: upload.args });
    case "uploadCrl":
      return encodeFunctionData({ abi, functionName: "uploadCrl", args: upload.args });
    case "uploadTcbInfo":
    case "uploadQeIdentity":
      return encodeFunctionData({ abi, functionName: upload.functionName, args: upload.args });
    case "cachePckCertificate":
      return encodeFunctionData({ abi, functionName: "cachePckCertificate", args: upload.args });
  }
}

/** The data of a call that verifies a quote. */
export function verifyQuoteCalldata(evidence: TdxEvidence): Hex {
  return encodeFunctionData({ abi, functionName: "verifyQuote", args: [evidence] });
}
