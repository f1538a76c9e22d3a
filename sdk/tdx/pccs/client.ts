import type { QuoteCollateral } from "../collateral.ts";
import { allOrNone } from "./cancellation.ts";
import { locateCollateral } from "./endpoints.ts";
import { fetchPckCrl, fetchQeIdentity, fetchRootCrl, fetchTcbInfo } from "./items.ts";
import { type PccsClientOptions, readOptions } from "./options.ts";
import { type CollateralSelection, readSelection } from "./selection.ts";
import { createGet } from "./transport.ts";

export interface FetchCollateralParameters extends CollateralSelection {
  /** Cancels every request; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** One source of collateral. */
export interface PccsClient {
  /**
   * Fetches the collateral of one platform type, in four requests side by side. When one of them
   * fails for good, the others are cancelled.
   *
   * **Nothing is verified**, only its form: pass the result to `createCollateral`, or to `verify`.
   *
   * Errors: `PCCS_UNREACHABLE`, `PCCS_TIMEOUT`, `PCCS_STATUS` (with the status as `found`),
   * `PCCS_RESPONSE_TOO_LARGE`, `PCCS_RESPONSE_MALFORMED`, each with the item as its `subject`;
   * `PCCS_PARAMETER_INVALID` before any request.
   */
  fetchCollateral(parameters: FetchCollateralParameters): Promise<QuoteCollateral>;
}

/**
 * Makes a client of a PCCS or of Intel's PCS (Intel SGX and Intel TDX Provisioning Certification
 * Service, API v4). It keeps no state between calls, and follows no redirect and no address that
 * it finds in an answer.
 *
 * In a browser the service must allow the page's origin and expose its issuer chain headers.
 *
 * Errors: `PCCS_URL_INVALID`, `PCCS_PARAMETER_INVALID`.
 *
 * @example
 * import { createCollateral, intelSgxRootCa } from "chainseal/sdk/tdx";
 * import { createPccsClient, fetchCollateralForQuote } from "chainseal/sdk/tdx/pccs";
 *
 * const client = createPccsClient({ url: "https://pccs.example:8081" });
 * const json = await fetchCollateralForQuote(client, quoteBytes);
 * const collateral = createCollateral(json, { root: intelSgxRootCa() });
 */
export function createPccsClient(options: PccsClientOptions): PccsClient {
  const settings = readOptions(options);
  return Object.freeze({
    async fetchCollateral(parameters: FetchCollateralParameters) {
      const selection = readSelection(parameters);
      const urls = locateCollateral(settings.base, selection);
      const items = await allOrNone(parameters.signal, (signal) => {
        const get = createGet(settings, signal);
        return [
          fetchPckCrl(get, urls),
          fetchRootCrl(get, urls, settings),
          fetchTcbInfo(get, urls, selection),
          fetchQeIdentity(get, urls, selection),
        ];
      });
      const [pckCrl, rootCrl, tcbInfo, qeIdentity] = items;
      return Object.freeze({ ...pckCrl, ...rootCrl, ...tcbInfo, ...qeIdentity });
    },
  });
}
