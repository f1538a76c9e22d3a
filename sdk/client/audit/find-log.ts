import { formatLog, type Hex, type Log } from "viem";
import type { ChainClient } from "../../tdx/onchain/contract.ts";
import { mayBeTooMany, requestLogs } from "../worker-events.ts";

/** A place in the order of a chain's logs. */
export interface LogPlace {
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

export interface FindLastLogParameters {
  readonly address: Hex;
  readonly topics: readonly (Hex | null)[];
  readonly fromBlock: bigint;
  /** The log must stand before this place. */
  readonly before: LogPlace;
}

function isBefore(log: Log, { blockNumber, logIndex }: LogPlace): boolean {
  if (log.blockNumber === null || log.logIndex === null) return false;
  if (log.blockNumber !== blockNumber) return log.blockNumber < blockNumber;
  return log.logIndex < logIndex;
}

/** The last log of a kind before a place, searched backwards; a range that a node refuses is halved. */
export async function findLastLog(
  client: ChainClient,
  { address, topics, fromBlock, before }: FindLastLogParameters,
): Promise<Log | undefined> {
  let range = before.blockNumber - fromBlock + 1n;
  for (let toBlock = before.blockNumber; toBlock >= fromBlock; ) {
    const start = toBlock - range + 1n;
    const from = start > fromBlock ? start : fromBlock;
    try {
      const logs = await requestLogs(client, { address, topics, fromBlock: from, toBlock });
      const found = logs.map((log) => formatLog(log)).filter((log) => isBefore(log, before));
      const last = found.at(-1);
      if (last !== undefined) return last;
      toBlock = from - 1n;
    } catch (error) {
      if (range <= 1n || !mayBeTooMany(error)) throw error;
      range = (range + 1n) / 2n;
    }
  }
  return undefined;
}
