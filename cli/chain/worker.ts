import type { Hex } from "viem";
import {
  type AuditStep,
  auditWorker,
  getWorker,
  getWorkerStatuses,
  RegistryError,
  readWorkerEvents,
  revokeWorker,
  type WorkerRecord,
} from "../../sdk/client/index.ts";
import { intelSgxRootCa } from "../../sdk/tdx/index.ts";
import { ExitCode } from "../support/exit.ts";
import { readRoot } from "../support/input.ts";
import { fields, isoTime, line, style } from "../support/output.ts";
import { printSent } from "./program-report.ts";
import {
  asking,
  connectReader,
  connectWriter,
  type ReadingOptions,
  type RegistryOptions,
  readingOf,
} from "./registry.ts";

interface OfProgram {
  readonly program: Hex;
}

function unknown(programId: Hex, identity: Hex): RegistryError {
  return new RegistryError("WORKER_UNKNOWN", {
    found: `programId ${programId}, identity ${identity}`,
  });
}

function printWorker(worker: WorkerRecord): void {
  const isValid = worker.status === "VALID";
  line(style(isValid ? "green" : "red", worker.status));
  fields(
    [
      ["worker", worker.identity],
      ["program", worker.programId],
      ["TCB", `${worker.tcbStatus ?? "none"}, by number ${worker.tcbEvaluationDataNumber}`],
      ["approval", String(worker.approvalId)],
      ["platform", worker.platformId],
      ["attested", `${isoTime(worker.attestedAt)}, over block ${worker.challengeBlock}`],
      ["evidence until", isoTime(worker.expiresAt)],
      ["GPU until", worker.gpuValidUntil === null ? "no verdict" : isoTime(worker.gpuValidUntil)],
      ["at block", `${worker.blockNumber}, ${isoTime(worker.blockTimestamp)}`],
    ],
    "  ",
  );
}

export async function workerStatus(
  identity: Hex,
  options: OfProgram & ReadingOptions,
): Promise<void> {
  const read = async () => {
    const question = { programId: options.program, identity };
    const worker = await getWorker(connectReader(options), { ...readingOf(options), ...question });
    if (worker === null) throw unknown(options.program, identity);
    process.exitCode = worker.status === "VALID" ? ExitCode.OK : ExitCode.REFUSED;
    return worker;
  };
  await asking(options, read(), printWorker);
}

export interface ListOptions extends OfProgram, ReadingOptions {
  readonly fromBlock: number;
  readonly validOnly?: boolean;
}

/** Every worker that ever registered with a program, from its events, and its status now. */
export async function listWorkers(options: ListOptions): Promise<void> {
  const client = connectReader(options);
  const list = async () => {
    const base = readingOf(options);
    const { blockNumber } = await getWorkerStatuses(client, { ...base, workers: [] });
    const events = await readWorkerEvents(client, {
      address: options.registry,
      programId: options.program,
      fromBlock: BigInt(options.fromBlock),
      toBlock: blockNumber,
    });
    const registered = events.filter(({ name }) => name === "registered");
    const identities = [...new Set(registered.map(({ identity }) => identity))];
    const { statuses } = await getWorkerStatuses(client, {
      ...base,
      blockNumber,
      workers: identities.map((identity) => ({ programId: options.program, identity })),
    });
    const workers = identities.map((identity, index) => ({ identity, status: statuses[index] }));
    const shown = options.validOnly ? workers.filter(({ status }) => status === "VALID") : workers;
    return { blockNumber, workers: shown };
  };
  await asking(options, list(), ({ workers, blockNumber }) => {
    for (const { identity, status = "" } of workers) {
      line(`${identity}  ${style(status === "VALID" ? "green" : "red", status)}`);
    }
    line(`${workers.length} workers at block ${blockNumber}`);
  });
}

export async function revoke(identity: Hex, options: OfProgram & RegistryOptions): Promise<void> {
  const { registry: address, program: programId } = options;
  const job = revokeWorker(connectWriter(options), { address, programId, identity });
  await asking(options, job, (sent) => printSent(sent, "revoked for ever"));
}

export interface AuditOptions extends OfProgram, ReadingOptions {
  readonly root?: string;
  readonly fromBlock: number;
}

function printStep({ name, ok, expected, found, detail }: AuditStep): void {
  line(`${ok ? style("green", "holds  ") : style("red", "DIFFERS")}  ${name}`);
  if (!ok && expected !== undefined) line(`           expected  ${expected}`);
  if (found !== undefined) line(`           ${ok ? "" : "found     "}${found}`);
  if (detail !== undefined) line(`           ${style("dim", detail)}`);
}

/** What `chainseal worker audit` does. */
export async function audit(identity: Hex, options: AuditOptions): Promise<void> {
  const root = options.root === undefined ? intelSgxRootCa() : await readRoot(options.root);
  const job = auditWorker(connectReader(options), {
    ...readingOf(options),
    programId: options.program,
    identity,
    root,
    fromBlock: BigInt(options.fromBlock),
    ...(options.json ? {} : { onStep: printStep }),
  }).then((result) => {
    process.exitCode = result.holds ? ExitCode.OK : ExitCode.REFUSED;
    return result;
  });
  await asking(options, job, ({ holds, steps }) => {
    const failed = steps.filter(({ ok }) => !ok).length;
    line();
    line(
      holds
        ? style("green", "What the chain recorded follows from what it was given.")
        : style("red", `${failed} of ${steps.length} steps differ.`),
    );
  });
}
