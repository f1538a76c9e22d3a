import type { QuoteCollateral } from "../collateral.ts";
import { describePckChain } from "../describe-chain.ts";
import { parseQuote, type Quote } from "../quote.ts";
import type { FetchCollateralParameters, PccsClient } from "./client.ts";

export type FetchCollateralForQuoteParameters = Omit<FetchCollateralParameters, "fmspc" | "pckCa">;

/**
 * Fetches the collateral that a quote needs: FMSPC and CA are taken from its PCK certificate,
 * which is not verified. A forged quote can thus choose which collateral is fetched from the
 * client's one source, and nothing more: `verify` compares both with the verified certificate.
 *
 * Errors: those of `fetchCollateral`; `PCK_CHAIN_MISSING` for a quote that does not carry its
 * chain; those of parsing a quote, a chain and a PCK certificate.
 */
export async function fetchCollateralForQuote(
  client: PccsClient,
  quote: Uint8Array | Quote,
  parameters: FetchCollateralForQuoteParameters = {},
): Promise<QuoteCollateral> {
  const parsed = quote instanceof Uint8Array ? parseQuote(quote) : quote;
  const { platform, pckCa } = describePckChain(parsed);
  return await client.fetchCollateral({ ...parameters, fmspc: platform.fmspc, pckCa });
}
