import type { Platform } from "../../tdx/simulator/platform.ts";
import type { QuoteOptions } from "../../tdx/simulator/quote-builder.ts";
import { checkProvidedQuote, checkReportData, type QuoteProvider } from "../quote-provider.ts";

export interface SimulatorProviderOptions {
  /** A machine of `createSimulator`. */
  readonly platform: Pick<Platform, "quote">;
  /** What its TD reports, such as an RTMR3. */
  readonly td?: Omit<QuoteOptions, "reportData">;
}

/**
 * Quotes without TDX hardware, for development: only a deployment under the simulator's root takes
 * them, and such a deployment says so.
 *
 * @example
 * import { createSimulator } from "chainseal/sdk/tdx/simulator";
 * import { simulatorProvider } from "chainseal/sdk/worker";
 *
 * const provider = simulatorProvider({ platform: createSimulator({ seed: "my test" }).platform() });
 */
export function simulatorProvider({ platform, td }: SimulatorProviderOptions): QuoteProvider {
  const name = "simulator";
  return {
    name,
    async getQuote(reportData, { signal } = {}) {
      checkReportData(reportData);
      signal?.throwIfAborted();
      return checkProvidedQuote(name, platform.quote({ ...td, reportData }), reportData);
    },
  };
}
