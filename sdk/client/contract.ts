import type { Hex } from "viem";
import { isAddress, isHex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { invalidArgument } from "./errors.ts";
import { viemReader } from "./reader.ts";
import { type BlockOptions, openSnapshot, type Snapshot } from "./snapshot.ts";

/** Where the registry is. */
export interface RegistryParameters {
  /** Of `WorkerRegistry`, 20 bytes. */
  readonly address: Hex;
}

/** Options of every read. */
export interface ReadOptions extends BlockOptions {
  /** Asks other endpoints too, all at the same block, and answers with what a quorum says. */
  readonly agree?: {
    readonly clients: readonly ChainClient[];
    /** Of all endpoints, the first included: a majority. Default: all. */
    readonly quorum?: number;
  };
}

/** What an answer is of. */
export interface PinnedBlock {
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  /** Unix seconds. */
  readonly blockTimestamp: number;
}

export function pinnedBlock({ number, hash, timestamp }: Snapshot): PinnedBlock {
  return { blockNumber: number, blockHash: hash, blockTimestamp: timestamp };
}

export function snapshotOf(client: ChainClient, options: ReadOptions): Promise<Snapshot> {
  const { agree } = options;
  const agreement =
    agree === undefined
      ? undefined
      : { others: agree.clients.map(viemReader), quorum: agree.quorum };
  return openSnapshot(viemReader(client), options, agreement);
}

/** Errors: `CLIENT_PARAMETER_INVALID`. */
export function checkAddress(value: Hex, subject = "address"): Hex {
  if (isAddress(value, { strict: false })) return value;
  throw invalidArgument(subject, "20 bytes in hex", String(value));
}

/** Errors: `CLIENT_PARAMETER_INVALID`. */
export function checkWord(value: Hex, subject: string): Hex {
  if (isHex(value) && value.length === 66) return value;
  throw invalidArgument(subject, "32 bytes in hex", String(value));
}
