import { getBlock, getChainId, readContract } from "viem/actions";
import type { Hex } from "../bytes.ts";
import { workerRegistryAbi as abi } from "../client/abi.ts";
import { type ChainClient, decoding } from "../tdx/onchain/contract.ts";
import type { Confirmation } from "./events.ts";

/** What a deployment has fixed for ever. */
export interface Deployment {
  readonly chainId: number;
  readonly registry: Hex;
  readonly attestation: Hex;
  /** How many blocks old a challenge may be. */
  readonly maxChallengeAge: bigint;
}

/** Errors: `CHAIN_…`, `CONTRACT_MISSING`. */
export async function readDeployment(client: ChainClient, registry: Hex): Promise<Deployment> {
  const [chainId, attestation, maxChallengeAge] = await Promise.all([
    decoding(getChainId(client)),
    decoding(readContract(client, { abi, address: registry, functionName: "ATTESTATION" })),
    decoding(readContract(client, { abi, address: registry, functionName: "MAX_CHALLENGE_AGE" })),
  ]);
  return { chainId, registry, attestation, maxChallengeAge };
}

/** Names one worker of one program in one registry. */
export interface WorkerName {
  readonly registry: Hex;
  readonly programId: Hex;
  readonly identity: Hex;
}

export interface WorkerRecord {
  readonly isRegistered: boolean;
  readonly isRevoked: boolean;
  readonly challengeBlock: bigint;
  readonly approvalId: number;
  readonly platformId: Hex;
  readonly attestedAt: number;
  readonly expiresAt: number;
}

export async function readRecord(
  client: ChainClient,
  { registry, programId, identity }: WorkerName,
  blockTag: Confirmation = "latest",
): Promise<WorkerRecord> {
  const record = await decoding(
    readContract(client, {
      abi,
      address: registry,
      functionName: "workerOf",
      args: [programId, identity],
      blockTag,
    }),
  );
  return { ...record, challengeBlock: BigInt(record.challengeBlock) };
}

/** `WorkerStatus` of `contracts/registry/RegistryTypes.sol`, by value. */
export const workerStatuses = [
  "VALID",
  "PROGRAM_UNKNOWN",
  "WORKER_UNKNOWN",
  "REVOKED",
  "COLLATERAL_EXPIRED",
  "ATTESTATION_TOO_OLD",
  "TCB_STATUS_NOT_ACCEPTED",
  "TCB_GRACE_PERIOD_OVER",
  "TCB_EVALUATION_NUMBER_TOO_LOW",
  "SEPT_VE_DISABLE_REQUIRED",
  "REEVALUATION_NEEDED",
  "APPROVAL_WITHDRAWN",
  "PLATFORM_REVOKED",
  "PLATFORM_NOT_ADMITTED",
  "GPU_REQUIRED",
] as const;

export type WorkerStatusName = (typeof workerStatuses)[number];

/** Why the worker is not valid, or `VALID`; as text, also for a status this version does not know. */
export async function readStatus(
  client: ChainClient,
  { registry, programId, identity }: WorkerName,
): Promise<string> {
  const status = await decoding(
    readContract(client, {
      abi,
      address: registry,
      functionName: "statusOf",
      args: [programId, identity],
    }),
  );
  return workerStatuses[status] ?? `status ${status}`;
}

/** Seconds from a quote until the program wants another. */
export async function readMaxAge(
  client: ChainClient,
  { registry, programId }: WorkerName,
): Promise<number> {
  const policy = await decoding(
    readContract(client, { abi, address: registry, functionName: "policyOf", args: [programId] }),
  );
  return policy.maxAge;
}

/** The newest block's time, in Unix seconds. A TD's own clock is its host's to set. */
export async function readChainTime(client: ChainClient): Promise<number> {
  const { timestamp } = await decoding(getBlock(client, { blockTag: "latest" }));
  return Number(timestamp);
}
