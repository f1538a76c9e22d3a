import { decodeFunctionResult, encodeFunctionData } from "viem";
import { call, readContract } from "viem/actions";
import type { Hex } from "../../bytes.ts";
import type { QuoteCollateral } from "../collateral.ts";
import type { Quote } from "../quote.ts";
import { tdxAttestationAbi as abi } from "./abi.ts";
import { uploadCalldata } from "./calldata.ts";
import { type CollateralUpload, type CrlUpload, collateralUploads } from "./collateral-uploads.ts";
import { type ChainClient, type ContractParameters, checkAddress, decoding } from "./contract.ts";
import { OnchainError } from "./errors.ts";
import { getUploadState, type UploadState } from "./get-upload-state.ts";
import type { Part } from "./parts.ts";
import { type SendOptions, type SentTransaction, sendTransaction } from "./send-transaction.ts";

/** What became of one part. */
export interface PushedPart {
  readonly part: Part;
  /** The contract's function. */
  readonly functionName: CollateralUpload["functionName"];
  /** What the chain had before. */
  readonly before: UploadState;
  /** None for what the chain had already; several for a revocation list that was split. */
  readonly transactions: readonly SentTransaction[];
}

export interface PushCollateralParameters extends ContractParameters, SendOptions {
  /** `null`: only what the quote brings, its PCK CA and PCK certificate. */
  readonly collateral: QuoteCollateral | null;
  /** Caches this quote's PCK certificate too. */
  readonly quote?: Uint8Array | Quote;
  /** Told of each part as soon as it is done. */
  readonly onPart?: (part: PushedPart) => void;
}

export interface PushCollateralReturnType {
  readonly parts: readonly PushedPart[];
  readonly gasUsed: bigint;
  /** In wei. */
  readonly cost: bigint;
}

/** A list of fewer entries fits into one transaction, whatever else is wrong with it. */
const SPLIT_FROM = 200;
/** Each bucket has about 24 entries and takes about 140,000 gas. */
const BUCKETS_AT_ONCE = 48;
const MAX_STAGES = 1_000;

/** How a transaction fails that has too little gas, found by the node or inside the contract. */
const TOO_LARGE = new Set<string>([
  "TRANSACTION_TOO_LARGE",
  "FAILED_DEPLOYMENT",
  "CHAIN_REQUEST_FAILED",
  "CALL_REVERTED",
]);

function isTooLarge(error: unknown): boolean {
  return error instanceof OnchainError && TOO_LARGE.has(error.code);
}

function mayBeSplit(upload: CollateralUpload): upload is CrlUpload {
  return upload.functionName === "uploadCrl" && upload.revokedCount >= SPLIT_FROM;
}

function stageCalldata({ args }: CrlUpload, maxBuckets: number): Hex {
  return encodeFunctionData({
    abi,
    functionName: "stageCrl",
    args: [...args, BigInt(maxBuckets)],
  });
}

async function missingBuckets(
  client: ChainClient,
  address: Hex,
  upload: CrlUpload,
): Promise<bigint> {
  const { data = "0x" } = await decoding(
    call(client, { to: address, data: stageCalldata(upload, 0) }),
  );
  return decodeFunctionResult({ abi, functionName: "stageCrl", data });
}

/** Puts a list's buckets there before the list itself, as many at once as a transaction carries. */
async function stage(
  client: ChainClient,
  address: Hex,
  upload: CrlUpload,
  options: SendOptions,
): Promise<SentTransaction[]> {
  const transactions: SentTransaction[] = [];
  let buckets = BUCKETS_AT_ONCE;
  for (let count = 0; count < MAX_STAGES; count++) {
    if ((await missingBuckets(client, address, upload)) === 0n) return transactions;
    const data = stageCalldata(upload, buckets);
    try {
      transactions.push(await sendTransaction(client, { ...options, to: address, data }));
    } catch (error) {
      if (!isTooLarge(error) || buckets === 1) throw error;
      buckets = Math.floor(buckets / 2);
    }
  }
  throw new OnchainError("TRANSACTION_TOO_LARGE", { subject: upload.part });
}

async function send(
  client: ChainClient,
  address: Hex,
  upload: CollateralUpload,
  options: SendOptions,
): Promise<SentTransaction[]> {
  const sendWhole = () =>
    sendTransaction(client, { ...options, to: address, data: uploadCalldata(upload) });
  try {
    return [await sendWhole()];
  } catch (error) {
    if (!mayBeSplit(upload) || !isTooLarge(error)) throw error;
    const staged = await stage(client, address, upload, options);
    return [...staged, await sendWhole()];
  }
}

async function checkRoot(
  client: ChainClient,
  address: Hex,
  uploads: readonly CollateralUpload[],
): Promise<void> {
  const rootId = await decoding(readContract(client, { abi, address, functionName: "rootId" }));
  const rootCrl = uploads.find(({ part }) => part === "root CRL") as CrlUpload | undefined;
  if (rootCrl !== undefined && rootCrl.issuerId !== rootId) {
    throw new OnchainError("ROOT_UNTRUSTED", {
      subject: "the contract's root",
      expected: rootId,
      found: rootCrl.issuerId,
    });
  }
}

/**
 * Uploads of this collateral what the chain lacks or has older, in the order that works, and leaves
 * the rest alone. Whatever interrupts it, the same call goes on from there. A revocation list that
 * one transaction cannot carry goes in several; the older one stays in force until the last.
 *
 * Anyone may call it with any funded account; the contract checks everything.
 *
 * Errors: those of `collateralUploads`; the contract's, decoded; `ROOT_UNTRUSTED` for collateral of
 * another root than the contract's; `CONTRACT_MISSING`, `TRANSACTION_…`, `CHAIN_…`.
 *
 * @example
 * import { createWalletClient, http } from "viem";
 * import { privateKeyToAccount } from "viem/accounts";
 * import { pushCollateral } from "chainseal/sdk/tdx/onchain";
 *
 * const client = createWalletClient({ account: privateKeyToAccount(key), transport: http(url) });
 * const { parts, gasUsed } = await pushCollateral(client, { address, collateral, quote });
 */
export async function pushCollateral(
  client: ChainClient,
  { address, collateral, quote, onPart, ...options }: PushCollateralParameters,
): Promise<PushCollateralReturnType> {
  const to = checkAddress(address);
  const uploads = collateralUploads(collateral, quote === undefined ? {} : { quote });
  await checkRoot(client, to, uploads);
  const parts: PushedPart[] = [];
  for (const upload of uploads) {
    const before = await getUploadState(client, { address: to, upload });
    const transactions =
      before === "current" ? [] : await send(client, to, upload, options).catch(withPart(upload));
    const { part, functionName } = upload;
    const pushed = Object.freeze({ part, functionName, before, transactions });
    parts.push(pushed);
    onPart?.(pushed);
  }
  const all = parts.flatMap(({ transactions }) => transactions);
  const sum = (pick: (one: SentTransaction) => bigint) =>
    all.reduce((total, one) => total + pick(one), 0n);
  return { parts, gasUsed: sum(({ gasUsed }) => gasUsed), cost: sum(({ cost }) => cost) };
}

/** Says which part an error is of, where the contract did not. */
function withPart({ part }: CollateralUpload): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof OnchainError) || error.subject !== undefined) throw error;
    const { code, expected, found } = error;
    throw new OnchainError(code, {
      subject: part,
      ...(expected === undefined ? {} : { expected }),
      ...(found === undefined ? {} : { found }),
    });
  };
}
