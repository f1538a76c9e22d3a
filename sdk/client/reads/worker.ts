import type { Hex } from "viem";
import { type TcbStatus, tcbStatuses } from "../../tdx/tcb-status.ts";
import { workerRegistryAbi as abi } from "../abi.ts";
import { checkAddress, checkWord, type PinnedBlock, pinnedBlock } from "../contract.ts";
import { invalidArgument, RegistryError } from "../errors.ts";
import { orNull } from "../measurements.ts";
import { type WorkerStatus, workerStatuses } from "../names.ts";
import type { Snapshot } from "../snapshot.ts";

export interface WorkerQuestion {
  readonly programId: Hex;
  /** The worker's key. */
  readonly identity: Hex;
}

/** A status that this version does not know is refused rather than guessed at. */
function statusNamed(value: number): WorkerStatus {
  const status = workerStatuses[value];
  if (status !== undefined) return status;
  throw new RegistryError("CLIENT_PARAMETER_INVALID", {
    subject: "the registry's status",
    expected: `0 to ${workerStatuses.length - 1}`,
    found: value,
  });
}

/** A worker as the registry keeps it, and whether it is valid at this block. */
export interface WorkerRecord extends PinnedBlock {
  readonly programId: Hex;
  readonly identity: Hex;
  readonly status: WorkerStatus;
  readonly isRevoked: boolean;
  /** Intel's status of its TCB, as of its last quote or evaluation. */
  readonly tcbStatus: TcbStatus | null;
  readonly currentTcbStatus: TcbStatus | null;
  readonly septVeDisable: boolean;
  readonly tcbEvaluationDataNumber: number;
  readonly approvalId: number;
  readonly challengeBlock: bigint;
  /** Unix seconds. */
  readonly attestedAt: number;
  readonly expiresAt: number;
  readonly tcbInfoSince: number;
  /** keccak256 of the machine's PPID. */
  readonly platformId: Hex;
  readonly evidenceDigest: Hex;
  /** Root over the GPU evidence that the TD vouched for. */
  readonly evidenceRoot: Hex | null;
  /** Until when a verdict on its GPUs stands. */
  readonly gpuValidUntil: number | null;
}

export async function readWorker(
  snapshot: Snapshot,
  registry: Hex,
  question: WorkerQuestion,
): Promise<WorkerRecord | null> {
  const address = checkAddress(registry);
  const programId = checkWord(question.programId, "programId");
  const identity = checkAddress(question.identity, "identity");
  const args = [programId, identity] as const;
  const [worker, status] = await Promise.all([
    snapshot.read({ abi, address, functionName: "workerOf", args }),
    snapshot.read({ abi, address, functionName: "statusOf", args }),
  ]);
  if (!worker.isRegistered) return null;
  return Object.freeze({
    programId,
    identity,
    status: statusNamed(status),
    isRevoked: worker.isRevoked,
    tcbStatus: tcbStatuses[worker.tcbStatus - 1] ?? null,
    currentTcbStatus: tcbStatuses[worker.currentTcbStatus - 1] ?? null,
    septVeDisable: worker.septVeDisable,
    tcbEvaluationDataNumber: worker.tcbEvaluationDataNumber,
    approvalId: worker.approvalId,
    challengeBlock: BigInt(worker.challengeBlock),
    attestedAt: worker.attestedAt,
    expiresAt: worker.expiresAt,
    tcbInfoSince: worker.tcbInfoSince,
    platformId: worker.platformId,
    evidenceDigest: worker.evidenceDigest,
    evidenceRoot: orNull(worker.evidenceRoot),
    gpuValidUntil: worker.gpuValidUntil === 0 ? null : worker.gpuValidUntil,
    ...pinnedBlock(snapshot),
  });
}

/** Whether a worker is valid at a block, and why not. */
export interface WorkerValidity extends PinnedBlock {
  readonly valid: boolean;
  readonly status: WorkerStatus;
}

export async function readValidity(
  snapshot: Snapshot,
  registry: Hex,
  { programId, identity }: WorkerQuestion,
): Promise<WorkerValidity> {
  const value = await snapshot.read({
    abi,
    address: checkAddress(registry),
    functionName: "statusOf",
    args: [checkWord(programId, "programId"), checkAddress(identity, "identity")],
  });
  const status = statusNamed(value);
  return Object.freeze({ valid: status === "VALID", status, ...pinnedBlock(snapshot) });
}

/** So many are asked for in one call: about 10,000 gas each, and nodes bound a call's gas. */
const STATUSES_AT_ONCE = 500;
const MAX_STATUSES = 100_000;

export interface WorkerStatuses extends PinnedBlock {
  /** In the order of the question. */
  readonly statuses: readonly WorkerStatus[];
}

export async function readStatuses(
  snapshot: Snapshot,
  registry: Hex,
  workers: readonly WorkerQuestion[],
): Promise<WorkerStatuses> {
  if (workers.length > MAX_STATUSES) {
    throw invalidArgument("workers", `at most ${MAX_STATUSES}`, workers.length);
  }
  const address = checkAddress(registry);
  const statuses: WorkerStatus[] = [];
  for (let start = 0; start < workers.length; start += STATUSES_AT_ONCE) {
    const some = workers.slice(start, start + STATUSES_AT_ONCE);
    const values = await snapshot.read({
      abi,
      address,
      functionName: "statusesOf",
      args: [
        some.map(({ programId }) => checkWord(programId, "programId")),
        some.map(({ identity }) => checkAddress(identity, "identity")),
      ],
    });
    statuses.push(...values.map(statusNamed));
  }
  return Object.freeze({ statuses: Object.freeze(statuses), ...pinnedBlock(snapshot) });
}
