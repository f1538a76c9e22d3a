import {
  encodeEventTopics,
  formatLog,
  type Hex,
  numberToHex,
  pad,
  parseEventLogs,
  type RpcLog,
} from "viem";
import { type ChainClient, decodingBy } from "../tdx/onchain/contract.ts";
import { OnchainError } from "../tdx/onchain/errors.ts";
import { type TcbStatus, tcbStatuses } from "../tdx/tcb-status.ts";
import { workerRegistryAbi as abi } from "./abi.ts";
import { decodeRegistryError } from "./decode-error.ts";
import { orNull } from "./measurements.ts";

/** Where an event stands. */
export interface EventPlace {
  readonly programId: Hex;
  readonly identity: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly logIndex: number;
}

export interface WorkerRegisteredEvent extends EventPlace {
  readonly name: "registered";
  readonly platformId: Hex;
  readonly approvalId: number;
  readonly challengeBlock: bigint;
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly tcbStatus: TcbStatus | null;
  readonly evidenceRoot: Hex | null;
}

export interface WorkerReevaluatedEvent extends EventPlace {
  readonly name: "reevaluated";
  readonly expiresAt: number;
  readonly tcbStatus: TcbStatus | null;
  readonly number: number;
}

/** For ever, by whom. */
export interface WorkerRevokedEvent extends EventPlace {
  readonly name: "revoked";
  readonly by: Hex;
}

/** Its PCK certificate was revoked: not valid until it attests with another. */
export interface WorkerPckRevokedEvent extends EventPlace {
  readonly name: "pckRevoked";
}

export type WorkerEvent =
  | WorkerRegisteredEvent
  | WorkerReevaluatedEvent
  | WorkerRevokedEvent
  | WorkerPckRevokedEvent;

const eventNames = [
  "WorkerRegistered",
  "WorkerReevaluated",
  "WorkerRevoked",
  "WorkerPckRevoked",
] as const;

const SIGNATURES = eventNames.map((eventName) => encodeEventTopics({ abi, eventName })[0]);

/** Nodes bound the blocks or the logs of one answer, each in its own way. */
const MAX_RANGE = 10_000n;

export interface LogFilter {
  readonly address: Hex;
  readonly topics: readonly (Hex | readonly Hex[] | null)[];
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

const decoding = decodingBy(decodeRegistryError);

/** The logs of a range, in the order of the chain, as `eth_getLogs` gives them. */
export async function requestLogs(client: ChainClient, filter: LogFilter): Promise<RpcLog[]> {
  const { address, topics, fromBlock, toBlock } = filter;
  const parameters = {
    address,
    topics: [...topics] as Hex[],
    fromBlock: numberToHex(fromBlock),
    toBlock: numberToHex(toBlock),
  };
  return decoding(client.request({ method: "eth_getLogs", params: [parameters] }));
}

/**
 * Whether fewer blocks may help: nodes refuse what is too much by an error of their own, by an HTTP
 * status, or by silence. An endpoint that is not there helps nobody.
 */
export function mayBeTooMany(error: unknown): boolean {
  if (!(error instanceof OnchainError)) return false;
  const isHttp = error.found === undefined || String(error.found).startsWith("HTTP");
  return (
    error.code === "CHAIN_REQUEST_FAILED" ||
    error.code === "CHAIN_TIMEOUT" ||
    (error.code === "CHAIN_UNREACHABLE" && isHttp)
  );
}

/** The same for a range of any length, in pieces; a piece that a node refuses is made smaller. */
async function requestAllLogs(client: ChainClient, filter: LogFilter): Promise<RpcLog[]> {
  const logs: RpcLog[] = [];
  let range = MAX_RANGE;
  for (let from = filter.fromBlock; from <= filter.toBlock; ) {
    const end = from + range - 1n;
    const toBlock = end < filter.toBlock ? end : filter.toBlock;
    try {
      logs.push(...(await requestLogs(client, { ...filter, fromBlock: from, toBlock })));
      from = toBlock + 1n;
    } catch (error) {
      if (range === 1n || !mayBeTooMany(error)) throw error;
      range /= 4n;
      if (range === 0n) range = 1n;
    }
  }
  return logs;
}

function placeOf(log: {
  readonly blockNumber: bigint | null;
  readonly blockHash: Hex | null;
  readonly transactionHash: Hex | null;
  readonly logIndex: number | null;
  readonly args: { readonly programId: Hex; readonly identity: Hex };
}): EventPlace | undefined {
  const { blockNumber, blockHash, transactionHash, logIndex } = log;
  if (blockNumber === null || blockHash === null) return undefined;
  if (transactionHash === null || logIndex === null) return undefined;
  const { programId, identity } = log.args;
  return { programId, identity, blockNumber, blockHash, transactionHash, logIndex };
}

function statusNamed(value: number): TcbStatus | null {
  return tcbStatuses[value - 1] ?? null;
}

export interface WorkerEventsFilter {
  readonly address: Hex;
  readonly programId?: Hex | undefined;
  readonly identity?: Hex | undefined;
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

/** What happened to workers in a range of blocks, in the order of the chain. */
export async function readWorkerEvents(
  client: ChainClient,
  { address, programId, identity, fromBlock, toBlock }: WorkerEventsFilter,
): Promise<WorkerEvent[]> {
  const topics = [SIGNATURES, programId ?? null, identity === undefined ? null : pad(identity)];
  const raw = await requestAllLogs(client, { address, topics, fromBlock, toBlock });
  const logs = parseEventLogs({
    abi,
    eventName: [...eventNames],
    logs: raw.map((log) => formatLog(log)),
  });
  return logs.flatMap((log): WorkerEvent[] => {
    const place = placeOf(log);
    if (place === undefined) return [];
    switch (log.eventName) {
      case "WorkerRegistered": {
        const { platformId, approvalId, challengeBlock, expiresAt, tcbStatus, evidenceRoot } =
          log.args;
        return [
          {
            name: "registered",
            ...place,
            platformId,
            approvalId,
            challengeBlock: BigInt(challengeBlock),
            expiresAt,
            tcbStatus: statusNamed(tcbStatus),
            evidenceRoot: orNull(evidenceRoot),
          },
        ];
      }
      case "WorkerReevaluated": {
        const { expiresAt, tcbStatus, number } = log.args;
        return [
          { name: "reevaluated", ...place, expiresAt, tcbStatus: statusNamed(tcbStatus), number },
        ];
      }
      case "WorkerRevoked":
        return [{ name: "revoked", ...place, by: log.args.by }];
      case "WorkerPckRevoked":
        return [{ name: "pckRevoked", ...place }];
      default:
        return [];
    }
  });
}
