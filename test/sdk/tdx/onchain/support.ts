import { type BuiltEvidence, buildEvidence } from "../../../../sdk/tdx/onchain/index.ts";
import { caseNamed, collateralOf, quoteOf } from "../../../support/vectors.ts";

/** A real quote of an up-to-date platform. */
export const GOOD = "v4-00806f050000-0b7c5579/collateral-20260715-eval19";

export function builtOf(name: string): BuiltEvidence {
  const entry = caseNamed(name);
  return buildEvidence(quoteOf(entry), { collateral: collateralOf(entry) });
}
