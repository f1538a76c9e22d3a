import type { Verdict } from "../support/verdict.ts";
import type { OnchainAnswer } from "./judge.ts";

/**
 * Where the contract's verdict is another than the one off chain: none where both refuse, for
 * whatever reason, or where both say the same of the TCB.
 */
export function differences(verdict: Verdict, answer: OnchainAnswer): readonly string[] {
  if (verdict.verified !== answer.verified) return ["verified"];
  const { verdict: onChain } = answer;
  if (onChain === null) return [];
  const numbers = verdict.tcbEvaluationDataNumber;
  const pairs: Readonly<Record<string, readonly [unknown, unknown]>> = {
    status: [verdict.status, onChain.status],
    currentStatus: [verdict.current?.status, onChain.currentStatus],
    tcbDate: [verdict.tcbDate, onChain.tcbDate],
    currentTcbDate: [verdict.current?.tcbDate, onChain.currentTcbDate],
    advisoryIds: [verdict.advisoryIds.join(), onChain.advisoryIds.join()],
    earliestExpiry: [verdict.earliestExpiry, onChain.earliestExpiry],
    tcbEvaluationDataNumber: [
      numbers === null ? null : Math.min(numbers.tcbInfo, numbers.qeIdentity),
      onChain.tcbEvaluationDataNumber,
    ],
  };
  return Object.entries(pairs)
    .filter(([, [off, on]]) => off !== on)
    .map(([name]) => name);
}
