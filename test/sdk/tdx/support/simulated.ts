import {
  type QuoteCollateral,
  TdxError,
  type TdxErrorCode,
  type VerifiedQuote,
  verify,
} from "../../../../sdk/tdx/index.ts";
import { createSimulator } from "../../../../sdk/tdx/simulator/index.ts";

/** One simulator for all tests: it has no state, only a seed. */
export const simulator = createSimulator({ seed: "chainseal tests" });

/** Verifies under the simulator's root, at its time unless another is given. */
export function verifySimulated(
  quote: Uint8Array = simulator.platform().quote(),
  collateral: QuoteCollateral | null = simulator.collateral(),
  at: number = simulator.at,
): VerifiedQuote {
  return verify(quote, collateral, { at, root: simulator.rootCertificate });
}

/** The code of the error that `run` throws, or the status it gives: what a table compares. */
export function outcomeOf(run: () => VerifiedQuote | unknown): TdxErrorCode | string {
  try {
    const result = run();
    return typeof result === "object" && result !== null && "status" in result
      ? String(result.status)
      : "no error";
  } catch (error) {
    if (error instanceof TdxError) return error.code;
    throw error;
  }
}
