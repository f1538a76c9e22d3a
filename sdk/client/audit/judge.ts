import { type Hex, hexToBytes, isAddressEqual, keccak256, recoverTypedDataAddress } from "viem";
import { getChainId } from "viem/actions";
import { toHex } from "../../bytes.ts";
import type { QuoteCollateral } from "../../tdx/collateral.ts";
import { TdxError } from "../../tdx/errors.ts";
import type { ChainClient } from "../../tdx/onchain/contract.ts";
import { decodingBy } from "../../tdx/onchain/contract.ts";
import type { EvaluationNumbers, TdxEvidence } from "../../tdx/onchain/evidence.ts";
import { rebuildQuote } from "../../tdx/onchain/rebuild-quote.ts";
import { parseQuote } from "../../tdx/quote.ts";
import { type VerifiedQuote, verify } from "../../tdx/verify.ts";
import { workerRegistryAbi } from "../abi.ts";
import { decodeRegistryError } from "../decode-error.ts";
import { reportDigest } from "../measurements.ts";
import { viemReader } from "../reader.ts";
import type { RegistrationRequest } from "../registration.ts";
import { reportDataCommitment } from "../report-data.ts";
import type { Snapshot } from "../snapshot.ts";
import { registrationTypes, registryDomain } from "../typed-data.ts";
import type { WorkerReevaluatedEvent, WorkerRegisteredEvent } from "../worker-events.ts";
import { type CollateralAt, type CollateralSource, collateralAt } from "./collateral-at.ts";
import { findCall } from "./find-call.ts";
import type { LogPlace } from "./find-log.ts";
import type { Tell } from "./step.ts";

export interface JudgeContext {
  readonly client: ChainClient;
  readonly snapshot: Snapshot;
  readonly registry: Hex;
  readonly attestation: Hex;
  readonly root: Uint8Array;
  readonly rootId: Hex;
  readonly fromBlock: bigint;
}

const decoding = decodingBy(decodeRegistryError);

interface Judged {
  readonly quote: Uint8Array;
  readonly at: CollateralAt;
  readonly verdict: VerifiedQuote | undefined;
}

/** Rebuilds quote and collateral as of a place, and verifies them at that block's time. */
async function verifyAt(
  { client, ...context }: JudgeContext,
  evidence: TdxEvidence,
  numbers: EvaluationNumbers,
  place: LogPlace,
  name: string,
  tell: Tell,
): Promise<Judged> {
  const at = await collateralAt(client, { ...context, leaf: evidence.leaf, numbers, place });
  const blocks = at.sources.map(({ part, blockNumber }) => `${part} (block ${blockNumber})`);
  tell({ name: `collateral of the ${name}`, ok: true, found: blocks.join(", ") });
  const quote = rebuildQuote(evidence.quote, at.pckChain);
  const { timestamp } = await viemReader(client).getBlock(place.blockNumber);
  const step = { name: `quote at the ${name}`, expected: "evidence that holds" };
  try {
    const verdict = verify(quote, at.collateral, { at: timestamp, root: context.root });
    const { status, advisoryIds } = verdict;
    tell({ ...step, ok: true, found: [status, ...advisoryIds].join(", ") });
    return { quote, at, verdict };
  } catch (error) {
    if (!(error instanceof TdxError)) throw error;
    tell({ ...step, ok: false, found: error.code, detail: error.message });
    return { quote, at, verdict: undefined };
  }
}

/** What the chain recorded beside what was found here. A record may end earlier: its number's clock. */
function compareVerdict(
  verdict: VerifiedQuote | undefined,
  event: { readonly tcbStatus: string | null; readonly expiresAt: number },
  name: string,
  tell: Tell,
): void {
  if (verdict === undefined) return;
  tell({
    name: `TCB status of the ${name}`,
    ok: verdict.status === event.tcbStatus,
    expected: verdict.status,
    found: event.tcbStatus ?? "none",
  });
  tell({
    name: `expiry of the ${name}`,
    ok: event.expiresAt <= verdict.earliestExpiry,
    expected: `at most ${verdict.earliestExpiry}`,
    found: String(event.expiresAt),
    ...(event.expiresAt < verdict.earliestExpiry
      ? { detail: "earlier than the evidence: a newer evaluation number's clock" }
      : {}),
  });
}

export interface RegistrationToJudge {
  readonly registered: WorkerRegisteredEvent;
  readonly request: RegistrationRequest;
  readonly evidence: TdxEvidence;
}

export interface JudgedRegistration {
  readonly quote: Hex;
  readonly collateral: QuoteCollateral;
  readonly sources: readonly CollateralSource[];
}

async function judgeIdentity(
  { client, registry }: JudgeContext,
  { request, registered }: RegistrationToJudge,
  reportData: Hex,
  tell: Tell,
): Promise<void> {
  const { number, hash } = await viemReader(client).getBlock(request.challengeBlock);
  const chainId = await decoding(getChainId(client));
  const { programId, identity, identitySignature } = request;
  const challenge = { number, hash };
  const options = { role: "worker", chainId, registry, programId, identity, challenge } as const;
  const commitment = reportDataCommitment(options);
  const found = reportData.slice(0, 66) as Hex;
  tell({ name: "report data", ok: found === commitment, expected: commitment, found });
  const root: Hex = `0x${reportData.slice(66)}`;
  const recorded: Hex = registered.evidenceRoot ?? `0x${"00".repeat(32)}`;
  tell({ name: "GPU evidence root", ok: root === recorded, expected: root, found: recorded });
  if (identitySignature === "0x") {
    tell({
      name: "identity's signature",
      ok: true,
      found: "none, which a worker needs not whose platform and TCB are known",
    });
    return;
  }
  const signer = await recoverTypedDataAddress({
    domain: registryDomain({ chainId, registry }),
    types: registrationTypes,
    primaryType: "Registration",
    message: { commitment },
    signature: identitySignature,
  }).catch(() => undefined);
  tell({
    name: "identity's signature",
    ok: signer !== undefined && isAddressEqual(signer, identity),
    expected: identity,
    found: signer ?? "no signature",
  });
}

/** Judges a registration by its own calldata. */
export async function judgeRegistration(
  context: JudgeContext,
  registration: RegistrationToJudge,
  tell: Tell,
): Promise<JudgedRegistration> {
  const { registered, request, evidence } = registration;
  const numbers = { tcbInfo: evidence.tcbInfoNumber, qeIdentity: evidence.qeIdentityNumber };
  const { quote, at, verdict } = await verifyAt(
    context,
    evidence,
    numbers,
    registered,
    "registration",
    tell,
  );
  compareVerdict(verdict, registered, "registration", tell);
  const { report } = parseQuote(quote);
  await judgeIdentity(context, registration, report.reportData, tell);
  const { approvalId, programId } = request;
  const approval = await context.snapshot.read({
    abi: workerRegistryAbi,
    address: context.registry,
    functionName: "approvalOf",
    args: [programId, approvalId],
  });
  const digest = reportDigest(report, approval.form);
  tell({
    name: `measurements of approval ${approvalId}`,
    ok: digest === approval.digest,
    expected: approval.digest,
    found: digest,
    ...(approval.isWithdrawn ? { detail: "the approval is withdrawn by now" } : {}),
  });
  if (verdict !== undefined) {
    const platformId = keccak256(hexToBytes(verdict.platform.ppid));
    tell({
      name: "platform",
      ok: platformId === registered.platformId,
      expected: platformId,
      found: registered.platformId,
    });
  }
  return { quote: toHex(quote), collateral: at.collateral, sources: at.sources };
}

/** Judges the last evaluation after it, by the same quote under the collateral of its own time. */
export async function judgeReevaluation(
  context: JudgeContext,
  {
    reevaluated,
    evidence,
  }: { readonly reevaluated: WorkerReevaluatedEvent; readonly evidence: TdxEvidence },
  tell: Tell,
): Promise<void> {
  const { transactionHash, programId, identity, number } = reevaluated;
  const call = await findCall(context.client, transactionHash, {
    abi: workerRegistryAbi,
    functionName: "reevaluate",
    contract: context.registry,
    accept: (args) => args[0] === programId && isAddressEqual(args[1], identity),
  });
  const numbers = {
    tcbInfo: call?.args[4] ?? number,
    qeIdentity: call?.args[5] ?? number,
  };
  const name = "evaluation after it";
  const { verdict } = await verifyAt(context, evidence, numbers, reevaluated, name, tell);
  compareVerdict(verdict, reevaluated, name, tell);
}
