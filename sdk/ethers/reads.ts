import type { Provider } from "ethers";
import type { Hex } from "viem";
import { type CollateralStatus, readCollateral } from "../client/reads/collateral.ts";
import {
  type Approval,
  type Approvals,
  type PlatformRecord,
  type Program,
  readApproval,
  readApprovals,
  readPlatform,
  readProgram,
} from "../client/reads/program.ts";
import {
  readStatuses,
  readValidity,
  readWorker,
  type WorkerRecord,
  type WorkerStatuses,
  type WorkerValidity,
} from "../client/reads/worker.ts";
import { type EthersReadOptions, snapshotOf } from "./snapshot.ts";

// ethers' hex strings are plain strings; the reads check them.

interface OfWorker {
  readonly programId: string;
  readonly identity: string;
}

const worker = ({ programId, identity }: OfWorker) => ({
  programId: programId as Hex,
  identity: identity as Hex,
});

export type EthersWorkerOptions = EthersReadOptions & OfWorker;

/** `getWorker` of `chainseal/sdk/client`, through an ethers provider. */
export async function getWorker(
  provider: Provider,
  options: EthersWorkerOptions,
): Promise<WorkerRecord | null> {
  const snapshot = await snapshotOf(provider, options);
  return readWorker(snapshot, options.address as Hex, worker(options));
}

/**
 * `isWorkerValid` of `chainseal/sdk/client`, through an ethers provider.
 *
 * @example
 * import { JsonRpcProvider } from "ethers";
 * import { isWorkerValid } from "chainseal/sdk/ethers";
 *
 * const provider = new JsonRpcProvider(url);
 * const { valid, status } = await isWorkerValid(provider, { address, programId, identity });
 */
export async function isWorkerValid(
  provider: Provider,
  options: EthersWorkerOptions,
): Promise<WorkerValidity> {
  const snapshot = await snapshotOf(provider, options);
  return readValidity(snapshot, options.address as Hex, worker(options));
}

/** `getWorkerStatuses` of `chainseal/sdk/client`, through an ethers provider. */
export async function getWorkerStatuses(
  provider: Provider,
  options: EthersReadOptions & { readonly workers: readonly OfWorker[] },
): Promise<WorkerStatuses> {
  const snapshot = await snapshotOf(provider, options);
  return readStatuses(snapshot, options.address as Hex, options.workers.map(worker));
}

type OfProgram = EthersReadOptions & { readonly programId: string };

/** `getProgram` of `chainseal/sdk/client`, through an ethers provider. */
export async function getProgram(provider: Provider, options: OfProgram): Promise<Program | null> {
  const snapshot = await snapshotOf(provider, options);
  return readProgram(snapshot, options.address as Hex, options.programId as Hex);
}

/** `getApproval` of `chainseal/sdk/client`, through an ethers provider. */
export async function getApproval(
  provider: Provider,
  options: OfProgram & { readonly approvalId: number },
): Promise<Approval | null> {
  const { address, programId, approvalId } = options;
  const snapshot = await snapshotOf(provider, options);
  return readApproval(snapshot, address as Hex, programId as Hex, approvalId);
}

/** `getApprovals` of `chainseal/sdk/client`, through an ethers provider. */
export async function getApprovals(
  provider: Provider,
  options: OfProgram & { readonly limit?: number },
): Promise<Approvals> {
  const { address, programId, limit = 100 } = options;
  const snapshot = await snapshotOf(provider, options);
  return readApprovals(snapshot, address as Hex, programId as Hex, limit);
}

/** `getPlatform` of `chainseal/sdk/client`, through an ethers provider. */
export async function getPlatform(
  provider: Provider,
  options: OfProgram & { readonly platformId: string },
): Promise<PlatformRecord> {
  const { address, programId, platformId } = options;
  const snapshot = await snapshotOf(provider, options);
  return readPlatform(snapshot, address as Hex, programId as Hex, platformId as Hex);
}

/** `getCollateralStatus` of `chainseal/sdk/client`, through an ethers provider. */
export async function getCollateralStatus(
  provider: Provider,
  options: EthersReadOptions & { readonly fmspc: string; readonly number?: number },
): Promise<CollateralStatus> {
  const { address, fmspc, number } = options;
  const snapshot = await snapshotOf(provider, options);
  return readCollateral(snapshot, address as Hex, { fmspc: fmspc as Hex, number });
}
