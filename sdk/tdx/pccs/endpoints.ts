import type { CollateralSelection } from "./selection.ts";

/** The four things that collateral is made of. */
export type CollateralItem = "PCK CRL" | "root CRL" | "TCB info" | "QE identity";

/** Where a source has each of them. */
export type CollateralUrls = Readonly<Record<CollateralItem, URL>>;

/**
 * The addresses of one platform's collateral: "Get Revocation List", "Get TDX TCB Info" and "Get
 * TDX QE Identity" of Intel's PCS API v4. The root CRL is an addition of the PCCS ("Get Root CA
 * CRL" in its design guide).
 */
export function locateCollateral(base: URL, selection: CollateralSelection): CollateralUrls {
  const { fmspc, pckCa, update, tcbEvaluationDataNumber } = selection;
  const locate = (path: string, query: Readonly<Record<string, string>> = {}) => {
    const url = new URL(path, base);
    url.search = new URLSearchParams(query).toString();
    return url;
  };
  const edition: Readonly<Record<string, string>> = {
    ...(update === undefined ? {} : { update }),
    ...(tcbEvaluationDataNumber === undefined
      ? {}
      : { tcbEvaluationDataNumber: String(tcbEvaluationDataNumber) }),
  };
  return {
    "PCK CRL": locate("sgx/certification/v4/pckcrl", { ca: pckCa, encoding: "der" }),
    "root CRL": locate("sgx/certification/v4/rootcacrl"),
    // The PCCS stores FMSPCs in upper case, and its imitations may compare them as they come.
    "TCB info": locate("tdx/certification/v4/tcb", {
      fmspc: fmspc.slice(2).toUpperCase(),
      ...edition,
    }),
    "QE identity": locate("tdx/certification/v4/qe/identity", edition),
  };
}
