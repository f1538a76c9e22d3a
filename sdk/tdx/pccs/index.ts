/**
 * Fetches TDX collateral from a PCCS (Intel's caching service) or from Intel's PCS, v4 API.
 * Nothing fetched is trusted: `createCollateral` verifies it.
 */
export {
  createPccsClient,
  type FetchCollateralParameters,
  type PccsClient,
} from "./client.ts";
export type { CollateralItem } from "./endpoints.ts";
export { type FetchCollateralForQuoteParameters, fetchCollateralForQuote } from "./for-quote.ts";
export type { PccsClientOptions } from "./options.ts";
export type { PccsProgress, PccsRetry } from "./transport.ts";
