import type { Hex } from "viem";
import { toHex } from "../../bytes.ts";
import type { QuoteCollateral } from "../../tdx/collateral.ts";
import { defaultBackend } from "../../tdx/crypto.ts";
import { tdxAttestationAbi } from "../../tdx/onchain/abi.ts";
import { type ChainClient, decodingBy } from "../../tdx/onchain/contract.ts";
import { loadTrustedRoot } from "../../tdx/root.ts";
import { workerRegistryAbi } from "../abi.ts";
import { type ReadOptions, type RegistryParameters, snapshotOf } from "../contract.ts";
import { decodeRegistryError } from "../decode-error.ts";
import { RegistryError } from "../errors.ts";
import { readAttestation } from "../reads/collateral.ts";
import { readWorker, type WorkerQuestion, type WorkerRecord } from "../reads/worker.ts";
import {
  readWorkerEvents,
  type WorkerEvent,
  type WorkerRegisteredEvent,
} from "../worker-events.ts";
import type { CollateralSource } from "./collateral-at.ts";
import { findCall, unreadable } from "./find-call.ts";
import { judgeReevaluation, judgeRegistration } from "./judge.ts";
import type { AuditStep } from "./step.ts";

export interface AuditWorkerParameters extends RegistryParameters, WorkerQuestion, ReadOptions {
  /** The root certificate to verify under, DER or PEM. */
  readonly root: Uint8Array | string;
  /** Where the search for uploads ends. Default: 0, the whole chain. */
  readonly fromBlock?: bigint;
  /** Told of each step as soon as it is made. */
  readonly onStep?: (step: AuditStep) => void;
}

/** What an audit found. */
export interface AuditWorkerReturnType {
  /** Whether every step holds. */
  readonly holds: boolean;
  readonly steps: readonly AuditStep[];
  /** The record as it is. */
  readonly record: WorkerRecord;
  readonly registration: WorkerRegisteredEvent;
  /** Whole again: `chainseal quote verify` takes them. */
  readonly quote: Hex;
  readonly collateral: QuoteCollateral;
  /** Where each part was read back from. */
  readonly sources: readonly CollateralSource[];
}

const decoding = decodingBy(decodeRegistryError);

function missing(what: string, found: string): RegistryError {
  return new RegistryError("AUDIT_EVENT_MISSING", { subject: what, found });
}

/** The last registration, and the last evaluation after it. */
function lastOf(events: readonly WorkerEvent[]) {
  const at = events.findLastIndex(({ name }) => name === "registered");
  const registered = events[at];
  if (registered?.name !== "registered") return undefined;
  const later = events.slice(at + 1).filter((event) => event.name === "reevaluated");
  return { registered, reevaluated: later.at(-1) };
}

/**
 * Verifies a worker's registration again, off chain and from nothing but the chain's history: the quote
 * is rebuilt from the calldata of its registration, the collateral that was in force then from the
 * calldata of its uploads, and both are verified as `chainseal quote verify` would. Each step says
 * what the chain recorded and what was found.
 *
 * Not looked at again: whether the program's owner admitted the machine, and its GPU verdicts.
 *
 * Errors: `WORKER_UNKNOWN`; `AUDIT_EVENT_MISSING`, `AUDIT_CALLDATA_UNREADABLE` where it cannot be made;
 * those of reads.
 *
 * @example
 * import { auditWorker } from "chainseal/sdk/client";
 * import { intelSgxRootCa } from "chainseal/sdk/tdx";
 *
 * const root = intelSgxRootCa();
 * const { holds, steps } = await auditWorker(client, { address, programId, identity, root });
 * for (const { name, ok } of steps) console.log(ok ? "holds" : "DIFFERS", name);
 */
export async function auditWorker(
  client: ChainClient,
  parameters: AuditWorkerParameters,
): Promise<AuditWorkerReturnType> {
  const { address, programId, identity, fromBlock = 0n, onStep } = parameters;
  const snapshot = await snapshotOf(client, parameters);
  const record = await readWorker(snapshot, address, { programId, identity });
  if (record === null) {
    throw new RegistryError("WORKER_UNKNOWN", {
      found: `programId ${programId}, identity ${identity}`,
    });
  }
  const steps: AuditStep[] = [];
  const tell = (step: AuditStep): void => {
    steps.push(step);
    onStep?.(step);
  };

  const events = await readWorkerEvents(client, {
    address,
    programId,
    identity,
    fromBlock: record.challengeBlock,
    toBlock: snapshot.number,
  });
  const last = lastOf(events);
  if (last === undefined) {
    const range = `blocks ${record.challengeBlock} to ${snapshot.number}`;
    throw missing("WorkerRegistered", `none in ${range}`);
  }
  const { registered, reevaluated } = last;
  tell({
    name: "event",
    ok: registered.challengeBlock === record.challengeBlock,
    expected: `challenge block ${record.challengeBlock}`,
    found: `challenge block ${registered.challengeBlock}`,
    detail: `registered in block ${registered.blockNumber}, transaction ${registered.transactionHash}`,
  });

  const call = await findCall(client, registered.transactionHash, {
    abi: workerRegistryAbi,
    functionName: "register",
    contract: address,
    accept: ([request]) =>
      request.programId === programId &&
      request.identity.toLowerCase() === identity.toLowerCase() &&
      request.challengeBlock === registered.challengeBlock,
  });
  if (call === undefined) {
    const { to } = await decoding(
      client.request({
        method: "eth_getTransactionByHash",
        params: [registered.transactionHash],
      }),
    ).then((found) => found ?? { to: null });
    throw unreadable("the registration", registered.transactionHash, to);
  }
  tell({
    name: "calldata",
    ok: true,
    found: call.isDirect
      ? "the transaction is the registration"
      : `the registration stands in a call of ${call.to ?? "a new contract"}`,
  });

  const root = loadTrustedRoot(parameters.root, defaultBackend).certificate.der;
  const attestation = await readAttestation(snapshot, address);
  const contract = { abi: tdxAttestationAbi, address: attestation, args: [] } as const;
  const fingerprint = await snapshot.read({ ...contract, functionName: "rootFingerprint" });
  const ours = toHex(defaultBackend.sha256(root));
  tell({ name: "root", ok: fingerprint === ours, expected: ours, found: fingerprint });
  const rootId = await snapshot.read({ ...contract, functionName: "rootId" });

  const [request, evidence] = call.args;
  const context = { client, snapshot, registry: address, attestation, root, rootId, fromBlock };
  const judged = await judgeRegistration(context, { registered, request, evidence }, tell);
  if (reevaluated !== undefined) {
    await judgeReevaluation(context, { reevaluated, evidence }, tell);
  }
  const expected = (reevaluated ?? registered).expiresAt;
  tell({
    name: "record",
    ok: record.expiresAt === expected || record.expiresAt === 0,
    expected: `expires at ${expected}`,
    found: `expires at ${record.expiresAt}`,
    detail: `its status now: ${record.status}`,
  });
  return {
    holds: steps.every(({ ok }) => ok),
    steps,
    record,
    registration: registered,
    ...judged,
  };
}
