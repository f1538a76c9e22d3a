import { getBlock, getBlockNumber } from "viem/actions";
import { type ChainClient, decoding } from "../tdx/onchain/contract.ts";
import { invalidParameter, WorkerError } from "./errors.ts";
import type { Challenge } from "./events.ts";

export interface ChooseChallengeOptions {
  /** How many blocks behind the newest, so that a small reorganisation leaves it. At least 1. */
  readonly depth: number;
  /** The challenge of the worker's last registration; a new one is newer. */
  readonly after?: bigint | undefined;
  /** How many blocks old the registry takes one. */
  readonly maxAge: bigint;
}

/**
 * The block whose hash makes a quote fresh: some blocks behind the newest, but newer than the last
 * challenge.
 *
 * Errors: `CHALLENGE_NOT_YET`, `WORKER_PARAMETER_INVALID`, `CHAIN_…`.
 */
export async function chooseChallenge(
  client: ChainClient,
  { depth, after, maxAge }: ChooseChallengeOptions,
): Promise<Challenge> {
  const most = maxAge / 2n;
  if (!Number.isInteger(depth) || depth < 1 || BigInt(depth) > most) {
    // The quote, the submission and inclusion take blocks too.
    throw invalidParameter(
      "challengeDepth",
      `1 to ${most}, half of what the registry takes`,
      depth,
    );
  }
  const newest = await decoding(getBlockNumber(client, { cacheTime: 0 }));
  const behind = newest - BigInt(depth);
  const wanted = behind > 0n ? behind : 0n;
  const oldest = after === undefined ? 0n : after + 1n;
  const number = wanted > oldest ? wanted : oldest;
  // The newest block itself may be gone in a moment, and calls at it do not know its hash.
  if (number >= newest) {
    throw new WorkerError("CHALLENGE_NOT_YET", {
      expected: `a block after ${number}`,
      found: `block ${newest}`,
    });
  }
  const { hash } = await decoding(getBlock(client, { blockNumber: number }));
  return { number, hash };
}
