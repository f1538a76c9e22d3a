import {
  type QuoteCollateral,
  TdxError,
  type VerifiedQuote,
  verify,
} from "../../../sdk/tdx/index.ts";
import {
  buildEvidence,
  collateralUploads,
  type OnchainVerdict,
} from "../../../sdk/tdx/onchain/index.ts";
import type { AttestationChain } from "./chain.ts";

/** What both verifiers must agree on. */
export interface Verdict {
  readonly status: string;
  readonly currentStatus: string;
  readonly tcbDate: string;
  readonly currentTcbDate: string;
  readonly advisoryIds: readonly string[];
  readonly earliestExpiry: number;
  readonly tcbEvaluationDataNumber: number;
}

function offchainVerdict(verified: VerifiedQuote): Verdict {
  const { tcbInfo, qeIdentity } = verified.tcbEvaluationDataNumber;
  return {
    status: verified.status,
    currentStatus: verified.current.status,
    tcbDate: verified.tcbDate,
    currentTcbDate: verified.current.tcbDate,
    advisoryIds: verified.advisoryIds,
    earliestExpiry: verified.earliestExpiry,
    tcbEvaluationDataNumber: Math.min(tcbInfo, qeIdentity),
  };
}

/** Without what only the chain says: when it learned of things, and what a record is to keep. */
export function onchainVerdict(verdict: OnchainVerdict): Verdict {
  const { supersededAt: _, tcbInfoSince: __, evidenceDigest: ___, ...common } = verdict;
  return common;
}

/** The verdict off chain, or the code of the refusal. */
export function verifyOffChain(
  quote: Uint8Array,
  collateral: QuoteCollateral,
  options: { readonly at: number; readonly root: Uint8Array },
): Verdict | string {
  try {
    return offchainVerdict(verify(quote, collateral, options));
  } catch (error) {
    if (error instanceof TdxError) return error.code;
    throw error;
  }
}

/** Uploads everything and asks for the verdict on chain, at the time of its clock. */
export async function verifyOnChain(
  chain: AttestationChain,
  quote: Uint8Array,
  collateral: QuoteCollateral,
): Promise<Verdict | string> {
  const refusal = await chain.uploadAll(collateralUploads(collateral, { quote }));
  if (refusal !== undefined) return refusal;
  const answer = await chain.verify(buildEvidence(quote, { collateral }).evidence);
  return typeof answer === "string" ? answer : onchainVerdict(answer);
}
