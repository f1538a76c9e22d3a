import { type Hex, zeroAddress } from "viem";
import { workerRegistryAbi as abi } from "../abi.ts";
import { checkAddress, checkWord, type PinnedBlock, pinnedBlock } from "../contract.ts";
import { invalidArgument } from "../errors.ts";
import { decodePolicy, type ProgramPolicy } from "../policy.ts";
import type { Snapshot } from "../snapshot.ts";

/** A program: who owns it, what it demands, and what waits to be. */
export interface Program extends PinnedBlock {
  readonly programId: Hex;
  readonly owner: Hex;
  readonly policy: ProgramPolicy;
  /** In force once someone calls `applyPolicy`, from then on. */
  readonly pendingPolicy: { readonly policy: ProgramPolicy; readonly from: number } | null;
  readonly pendingOwner: { readonly owner: Hex; readonly from: number } | null;
  /**
   * Whether workers may derive keys. Under OPEN admission anyone with such a machine runs a worker,
   * so the owner must have switched it on.
   */
  readonly mayDeriveKeys: boolean;
  /** Approvals are numbered from 1 to this. */
  readonly approvalCount: number;
}

export async function readProgram(
  snapshot: Snapshot,
  registry: Hex,
  programId: Hex,
): Promise<Program | null> {
  const address = checkAddress(registry);
  const args = [checkWord(programId, "programId")] as const;
  const owner = await snapshot.read({ abi, address, functionName: "ownerOf", args });
  if (owner === zeroAddress) return null;
  const [raw, [pendingRaw, policyFrom], [pendingOwner, ownerFrom], approvalCount] =
    await Promise.all([
      snapshot.read({ abi, address, functionName: "policyOf", args }),
      snapshot.read({ abi, address, functionName: "pendingPolicyOf", args }),
      snapshot.read({ abi, address, functionName: "pendingOwnerOf", args }),
      snapshot.read({ abi, address, functionName: "approvalCount", args }),
    ]);
  const policy = decodePolicy(raw);
  return Object.freeze({
    programId,
    owner,
    policy,
    pendingPolicy:
      policyFrom === 0n ? null : { policy: decodePolicy(pendingRaw), from: Number(policyFrom) },
    pendingOwner: ownerFrom === 0n ? null : { owner: pendingOwner, from: Number(ownerFrom) },
    mayDeriveKeys: policy.admission !== "OPEN" || policy.deriveUnderOpen,
    approvalCount,
    ...pinnedBlock(snapshot),
  });
}

/** Code that a program trusts, by its number. */
export interface Approval {
  readonly approvalId: number;
  /** Over the measurements, 20 bytes. */
  readonly digest: Hex;
  /** Unix seconds. */
  readonly approvedFrom: number;
  readonly isWithdrawn: boolean;
  /** Whether it counts at this block. */
  readonly isInForce: boolean;
  readonly application: "RTMR3" | "MRCONFIGID";
  readonly pinsMrSeam: boolean;
}

export async function readApproval(
  snapshot: Snapshot,
  registry: Hex,
  programId: Hex,
  approvalId: number,
): Promise<Approval | null> {
  if (!Number.isInteger(approvalId) || approvalId < 0 || approvalId > 0xffffff) {
    throw invalidArgument("approvalId", "a whole number of 24 bits", approvalId);
  }
  const { digest, approvedFrom, isWithdrawn, form } = await snapshot.read({
    abi,
    address: checkAddress(registry),
    functionName: "approvalOf",
    args: [checkWord(programId, "programId"), approvalId],
  });
  if (approvedFrom === 0) return null;
  return Object.freeze({
    approvalId,
    digest,
    approvedFrom,
    isWithdrawn,
    isInForce: !isWithdrawn && snapshot.timestamp >= approvedFrom,
    application: (form & 1) === 0 ? "MRCONFIGID" : "RTMR3",
    pinsMrSeam: (form & 2) !== 0,
  });
}

const AT_ONCE = 20;

export interface Approvals extends PinnedBlock {
  readonly count: number;
  /** The newest first. */
  readonly approvals: readonly Approval[];
}

export async function readApprovals(
  snapshot: Snapshot,
  registry: Hex,
  programId: Hex,
  limit: number,
): Promise<Approvals> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
    throw invalidArgument("limit", "1 to 10000", limit);
  }
  const count = await snapshot.read({
    abi,
    address: checkAddress(registry),
    functionName: "approvalCount",
    args: [checkWord(programId, "programId")],
  });
  const ids = Array.from({ length: Math.min(limit, count) }, (_, index) => count - index);
  const approvals: Approval[] = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const some = ids.slice(start, start + AT_ONCE);
    const read = await Promise.all(
      some.map((id) => readApproval(snapshot, registry, programId, id)),
    );
    approvals.push(...read.filter((one) => one !== null));
  }
  return Object.freeze({ count, approvals: Object.freeze(approvals), ...pinnedBlock(snapshot) });
}

/** What a program, and everyone, knows of a machine. */
export interface PlatformRecord extends PinnedBlock {
  readonly platformId: Hex;
  /** From when the program lists it; Unix seconds. */
  readonly listedFrom: number | null;
  /** Whether the listing counts at this block. */
  readonly isListed: boolean;
  readonly isRevoked: boolean;
  /** By the guardian, for every program. */
  readonly isRevokedForAll: boolean;
}

export async function readPlatform(
  snapshot: Snapshot,
  registry: Hex,
  programId: Hex,
  platformId: Hex,
): Promise<PlatformRecord> {
  const address = checkAddress(registry);
  const platform = checkWord(platformId, "platformId");
  const [{ listedFrom, isRevoked }, isRevokedForAll] = await Promise.all([
    snapshot.read({
      abi,
      address,
      functionName: "platformOf",
      args: [checkWord(programId, "programId"), platform],
    }),
    snapshot.read({ abi, address, functionName: "isPlatformRevokedForAll", args: [platform] }),
  ]);
  return Object.freeze({
    platformId,
    listedFrom: listedFrom === 0 ? null : listedFrom,
    isListed: listedFrom !== 0 && snapshot.timestamp >= listedFrom,
    isRevoked,
    isRevokedForAll,
    ...pinnedBlock(snapshot),
  });
}
