import type { ChainsealError } from "../../sdk/errors.ts";
import { type QuoteCollateral, TdxError } from "../../sdk/tdx/index.ts";
import {
  buildEvidence,
  OnchainError,
  type OnchainVerdict,
  onchainErrors,
  type PushedPart,
  pushCollateral,
  sendTransaction,
  TRANSACTION_GAS_CAP,
  verifyQuote,
  verifyQuoteCalldata,
} from "../../sdk/tdx/onchain/index.ts";
import type { Reason } from "../support/verdict.ts";
import type { LocalChain } from "./local-chain.ts";

/** The contract's answer on one quote, and what it took. */
export interface OnchainAnswer {
  /** Whether the evidence holds. */
  readonly verified: boolean;
  /** The status, or the code of the refusal. */
  readonly found: string;
  readonly verdict: OnchainVerdict | null;
  readonly reasons: readonly Reason[];
  /** Gas used by each transaction, in their order. */
  readonly gas: Readonly<Record<string, number>>;
}

/** Has the contract judge a quote at a time. */
export type OnchainJudge = (
  quote: Uint8Array,
  collateral: QuoteCollateral | null,
  at: number,
) => Promise<OnchainAnswer>;

/** Codes that say something of the chain or the files rather than of the evidence. */
const NOT_EVIDENCE = /^(CHAIN|CONTRACT|TRANSACTION|ONCHAIN|COLLATERAL_MALFORMED)/;

/** The names of transactions, one for each part: two parts share `uploadCrl`. */
function transactionName({ part, functionName }: PushedPart, index: number): string {
  const name =
    functionName === "uploadCrl"
      ? `upload${part === "root CRL" ? "Root" : "Pck"}Crl`
      : functionName;
  return index === 0 ? name : `${name}${index + 1}`;
}

function refusal(error: unknown): ChainsealError {
  const isKnown = error instanceof OnchainError || error instanceof TdxError;
  if (!isKnown || NOT_EVIDENCE.test(error.code)) throw error;
  return error;
}

/**
 * Has the contract judge a quote from nothing: uploads the collateral, caches the PCK certificate,
 * asks for the verdict and sends the same as a transaction, to measure it. What the contract
 * refuses on the way is its answer. Errors: those of the chain itself.
 */
export async function judgeOnChain(
  chain: LocalChain,
  quote: Uint8Array,
  collateral: QuoteCollateral | null,
  at: number,
): Promise<OnchainAnswer> {
  const { client, address } = chain;
  const gas: Record<string, number> = {};
  try {
    await chain.reset(at);
    await pushCollateral(client, {
      address,
      collateral,
      quote,
      gas: TRANSACTION_GAS_CAP,
      onPart: (part) => {
        for (const [index, { gasUsed }] of part.transactions.entries()) {
          gas[transactionName(part, index)] = Number(gasUsed);
        }
      },
    });
    const { evidence } = buildEvidence(
      quote,
      collateral === null ? { numbers: { tcbInfo: 0, qeIdentity: 0 } } : { collateral },
    );
    const verdict = await verifyQuote(client, { address, evidence });
    const data = verifyQuoteCalldata(evidence);
    const sent = await sendTransaction(client, { to: address, data, gas: TRANSACTION_GAS_CAP });
    gas.verifyQuote = Number(sent.gasUsed);
    return { verified: true, found: verdict.status, verdict, reasons: [], gas };
  } catch (error) {
    const { code, ...rest } = refusal(error).toJSON();
    const { remedy } = onchainErrors[code as keyof typeof onchainErrors];
    const reasons = [{ code, ...rest, remedy }];
    return { verified: false, found: code, verdict: null, reasons, gas };
  }
}
