import { readContract } from "viem/actions";
import { tdxAttestationAbi as abi } from "./abi.ts";
import type { CollateralUpload } from "./collateral-uploads.ts";
import { type ChainClient, type ContractParameters, checkAddress, decoding } from "./contract.ts";
import { leafDigest } from "./evidence.ts";

/** What a chain has in the place of an upload: nothing, something older, or this (or newer). */
export type UploadState = "missing" | "older" | "current";

export interface GetUploadStateParameters extends ContractParameters {
  readonly upload: CollateralUpload;
}

export type GetUploadStateReturnType = UploadState;

function compare(present: number, ours: number, isThere: boolean): UploadState {
  if (!isThere) return "missing";
  return present < ours ? "older" : "current";
}

/** Reads what a chain has in the place of one upload. */
export async function getUploadState(
  client: ChainClient,
  { address, upload }: GetUploadStateParameters,
): Promise<GetUploadStateReturnType> {
  const contract = { abi, address: checkAddress(address) } as const;
  switch (upload.part) {
    case "PCK CA":
    case "TCB signer": {
      const args = [upload.issuerId] as const;
      const issuer = await decoding(
        readContract(client, { ...contract, functionName: "issuerOf", args }),
      );
      return compare(issuer.notBefore, upload.notBefore, issuer.notAfter !== 0);
    }
    case "root CRL":
    case "PCK CRL": {
      const args = [upload.issuerId] as const;
      const crl = await decoding(
        readContract(client, { ...contract, functionName: "crlOf", args }),
      );
      return compare(crl.thisUpdate, upload.thisUpdate, crl.validUntil !== 0);
    }
    case "TCB info": {
      const args = [upload.fmspc, upload.number] as const;
      const document = await decoding(
        readContract(client, { ...contract, functionName: "tcbInfoOf", args }),
      );
      return compare(document.issueDate, upload.issueDate, document.validUntil !== 0);
    }
    case "QE identity": {
      const args = [upload.number] as const;
      const document = await decoding(
        readContract(client, { ...contract, functionName: "qeIdentityOf", args }),
      );
      return compare(document.issueDate, upload.issueDate, document.validUntil !== 0);
    }
    case "PCK certificate": {
      const args = [upload.leaf.tbsHash] as const;
      const [digest] = await decoding(
        readContract(client, { ...contract, functionName: "pckCertificateOf", args }),
      );
      return digest === leafDigest(upload.leaf) ? "current" : "missing";
    }
  }
}
