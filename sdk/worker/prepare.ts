import { hexToBytes, isHex, type LocalAccount, zeroHash } from "viem";
import { call, readContract } from "viem/actions";
import type { Hex } from "../bytes.ts";
import { reportDataCommitment } from "../client/report-data.ts";
import { registrationTypes, registryDomain } from "../client/typed-data.ts";
import type { ChainsealError } from "../errors.ts";
import { tdxAttestationAbi } from "../tdx/onchain/abi.ts";
import { decoding } from "../tdx/onchain/contract.ts";
import { type BuiltEvidence, buildEvidence, leafDigest } from "../tdx/onchain/evidence.ts";
import { TRANSACTION_GAS_CAP } from "../tdx/onchain/send-transaction.ts";
import { withDeadline } from "../tdx/pccs/cancellation.ts";
import { chooseChallenge } from "./challenge.ts";
import { findCollateralNumbers } from "./collateral-numbers.ts";
import { invalidParameter, WorkerError } from "./errors.ts";
import type { Challenge, WorkerEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import { decodeRefusal } from "./refusals.ts";
import { type Deployment, readRecord } from "./registry-state.ts";
import { type PreparedRegistration, registerCalldata } from "./submit/submitter.ts";
import { abortable } from "./timing.ts";

/** What the parts of one worker's life share. */
export interface Context {
  readonly settings: Settings;
  readonly deployment: Deployment;
  readonly identity: LocalAccount;
  readonly emit: (event: WorkerEvent) => void;
  readonly signal: AbortSignal;
}

async function chooseFor({ settings, deployment, identity }: Context): Promise<Challenge> {
  const { client, registry, programId } = settings;
  const name = { registry, programId, identity: identity.address };
  const record = await readRecord(client, name);
  if (record.isRevoked) {
    throw new WorkerError("REGISTRATION_REFUSED", {
      subject: "WorkerIsRevoked",
      found: `identity ${identity.address}`,
    });
  }
  return chooseChallenge(client, {
    depth: settings.challengeDepth,
    maxAge: deployment.maxChallengeAge,
    after: record.isRegistered ? record.challengeBlock : undefined,
  });
}

function commitmentFor({ settings, deployment, identity }: Context, challenge: Challenge): Hex {
  return reportDataCommitment({
    role: "worker",
    chainId: deployment.chainId,
    registry: settings.registry,
    programId: settings.programId,
    identity: identity.address,
    challenge,
  });
}

async function evidenceRootFor({ settings, identity, signal }: Context, challenge: Challenge) {
  if (settings.evidenceRoot === undefined) return zeroHash;
  const root = await abortable(settings.evidenceRoot(challenge, identity.address), signal);
  if (isHex(root) && root.length === 66) return root;
  throw invalidParameter("evidenceRoot", "32 bytes in hex", String(root));
}

async function quoteFor({ settings, signal }: Context, reportData: Uint8Array) {
  const { provider, limits } = settings;
  const createTimeoutError = () =>
    new WorkerError("QUOTE_PROVIDER_TIMEOUT", {
      subject: provider.name,
      expected: `a quote within ${limits.quote} ms`,
      found: "none",
    });
  return withDeadline(signal, limits.quote, createTimeoutError, (limited) =>
    provider.getQuote(reportData, { signal: limited }),
  );
}

/** The certificate where the chain does not know the leaf, or not in this form; else nothing. */
async function certificateFor(context: Context, built: BuiltEvidence): Promise<Hex> {
  const { leaf } = built.evidence;
  const [digest] = await decoding(
    readContract(context.settings.client, {
      abi: tdxAttestationAbi,
      address: context.deployment.attestation,
      functionName: "pckCertificateOf",
      args: [leaf.tbsHash],
    }),
  );
  return digest === leafDigest(leaf) ? "0x" : built.pckCertificate;
}

/** Asks the registry whether it would take this, without sending anything. */
async function findRefusal(
  { settings }: Context,
  registration: PreparedRegistration,
): Promise<ChainsealError | undefined> {
  try {
    const data = registerCalldata(registration);
    await call(settings.client, { to: registration.registry, data, gas: TRANSACTION_GAS_CAP });
    return undefined;
  } catch (error) {
    return decodeRefusal(error);
  }
}

/** Gets the owner's signature, where the program wants one for this worker. */
async function withCosignature(
  { settings, deployment, signal }: Context,
  registration: PreparedRegistration,
): Promise<PreparedRegistration> {
  const { request, evidence } = registration;
  if (settings.cosign === undefined) {
    throw new WorkerError("COSIGNATURE_MISSING", { expected: "the option `cosign`" });
  }
  const ownerSignature = await abortable(
    settings.cosign({
      programId: request.programId,
      identity: request.identity,
      platformId: evidence.leaf.platformId,
      challengeBlock: request.challengeBlock,
      chainId: deployment.chainId,
      registry: deployment.registry,
    }),
    signal,
  );
  return { ...registration, request: { ...request, ownerSignature } };
}

const isSubject = (error: ChainsealError | undefined, subject: string) =>
  error?.subject === subject && error.code.startsWith("REGISTRATION_");

/** As the registry takes it, with the owner's signature where it asks for one; or why it does not. */
async function judged(context: Context, registration: PreparedRegistration) {
  const refusal = await findRefusal(context, registration);
  if (!isSubject(refusal, "OwnerSignatureInvalid")) return { registration, refusal };
  const signed = await withCosignature(context, registration);
  return { registration: signed, refusal: await findRefusal(context, signed) };
}

/**
 * Makes one registration: challenge, quote, collateral numbers, signatures, and the registry's word
 * that it would take it. Where several collateral numbers are in force, the highest it takes.
 *
 * Errors: those of `register`, decoded; of the quote provider; `CHAIN_…`.
 */
export async function prepareRegistration(context: Context): Promise<PreparedRegistration> {
  const { settings, deployment, identity, emit, signal } = context;
  const challenge = await abortable(chooseFor(context), signal);
  emit({ name: "challenge-chosen", challenge });
  const commitment = commitmentFor(context, challenge);
  const root = await evidenceRootFor(context, challenge);
  const quote = await quoteFor(context, hexToBytes(`${commitment}${root.slice(2) as string}`));
  // The numbers come once the platform is known, which its quote says.
  const built = buildEvidence(quote, { numbers: { tcbInfo: 0, qeIdentity: 0 } });
  const { fmspc, platformId } = built.evidence.leaf;
  const provider = settings.provider.name;
  emit({ name: "quoted", provider, length: quote.length, fmspc, platformId });

  const { attestation } = deployment;
  const [numbers, pckCertificate, identitySignature] = await abortable(
    Promise.all([
      settings.collateral === undefined
        ? findCollateralNumbers(settings.client, { attestation, fmspc })
        : [settings.collateral],
      certificateFor(context, built),
      identity.signTypedData({
        domain: registryDomain(deployment),
        types: registrationTypes,
        primaryType: "Registration",
        message: { commitment },
      }),
    ]),
    signal,
  );
  let first: ChainsealError | undefined;
  for (const { tcbInfo, qeIdentity } of numbers) {
    const { registration, refusal } = await abortable(
      judged(context, {
        chainId: deployment.chainId,
        registry: settings.registry,
        request: {
          programId: settings.programId,
          identity: identity.address,
          challengeBlock: challenge.number,
          approvalId: settings.approvalId,
          identitySignature,
          ownerSignature: "0x",
        },
        evidence: { ...built.evidence, tcbInfoNumber: tcbInfo, qeIdentityNumber: qeIdentity },
        pckCertificate,
      }),
      signal,
    );
    if (refusal === undefined) return registration;
    first ??= refusal;
  }
  throw first ?? new WorkerError("COLLATERAL_NUMBER_MISSING", { subject: `FMSPC ${fmspc}` });
}
