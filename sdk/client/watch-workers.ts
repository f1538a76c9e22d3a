import type { Hex } from "viem";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { checkAddress, checkWord, type RegistryParameters } from "./contract.ts";
import { invalidArgument } from "./errors.ts";
import { type BlockHeader, type BlockTag, viemReader } from "./reader.ts";
import { readWorkerEvents, type WorkerEvent } from "./worker-events.ts";

export interface WatchWorkersParameters extends RegistryParameters {
  /** Default: of every program. */
  readonly programId?: Hex;
  /** Default: every worker. */
  readonly identity?: Hex;
  /** Back-fills from this block on. Default: only what is new. */
  readonly fromBlock?: bigint;
  /**
   * Up to which block is watched. Default: `finalized`, of which nothing is taken back. With `latest`
   * or `safe`, events of a reorganised block are given back through `onRemoved`.
   */
  readonly blockTag?: BlockTag;
  /** In the order of the chain; each once. */
  readonly onEvents: (events: readonly WorkerEvent[]) => void;
  /** Events that are not on the chain after all, the newest first. */
  readonly onRemoved?: (events: readonly WorkerEvent[]) => void;
  /** What a poll failed with. Watching goes on. */
  readonly onError?: (error: unknown) => void;
  /** In milliseconds. Default: 4000. */
  readonly pollingInterval?: number;
}

export type WatchWorkersReturnType = () => void;

/** How many polled blocks are kept to find where a reorganisation began. */
const MAX_CHECKPOINTS = 512;

/** Where a poll ended, and what it found after the one before. */
interface Checkpoint {
  readonly block: BlockHeader;
  readonly events: readonly WorkerEvent[];
}

class Watch {
  readonly #client: ChainClient;
  readonly #parameters: WatchWorkersParameters;
  /** The oldest first. */
  #checkpoints: Checkpoint[] = [];
  #next: bigint | undefined;
  /** Where the oldest checkpoint's events begin. */
  #start = 0n;

  constructor(client: ChainClient, parameters: WatchWorkersParameters) {
    this.#client = client;
    this.#parameters = parameters;
    this.#next = parameters.fromBlock;
  }

  /** Goes back behind every checkpoint that is no longer on the chain. */
  async #rewind(head: BlockHeader): Promise<void> {
    const reader = viemReader(this.#client);
    const removed: WorkerEvent[] = [];
    for (let last = this.#checkpoints.at(-1); last !== undefined; last = this.#checkpoints.at(-1)) {
      const { number, hash } = last.block;
      if (number <= head.number && (await reader.getBlock(number)).hash === hash) break;
      this.#checkpoints.pop();
      removed.push(...[...last.events].reverse());
      const before = this.#checkpoints.at(-1);
      // Its first block: where the checkpoint before ended, or where the watch began.
      this.#next = before === undefined ? this.#start : before.block.number + 1n;
    }
    if (removed.length > 0) this.#parameters.onRemoved?.(removed);
  }

  async poll(isStopped: () => boolean): Promise<void> {
    const { blockTag = "finalized", onEvents } = this.#parameters;
    const reader = viemReader(this.#client);
    const head = await reader.getBlock(blockTag);
    if (this.#next === undefined) {
      this.#start = head.number;
      this.#next = head.number + 1n;
      this.#checkpoints.push({ block: head, events: [] });
    } else if (this.#checkpoints.length === 0) {
      this.#start = this.#next;
    }
    await this.#rewind(head);
    if (this.#next > head.number || isStopped()) return;
    const { address, programId, identity } = this.#parameters;
    const events = await readWorkerEvents(this.#client, {
      address,
      programId,
      identity,
      fromBlock: this.#next,
      toBlock: head.number,
    });
    // If the head went away meanwhile, these events may be of two chains: the next poll asks again.
    if ((await reader.getBlock(head.number)).hash !== head.hash || isStopped()) return;
    this.#checkpoints.push({ block: head, events });
    if (this.#checkpoints.length > MAX_CHECKPOINTS) this.#forget();
    this.#next = head.number + 1n;
    if (events.length > 0) onEvents(events);
  }

  /** A reorganisation reaches no further back than so many polls. */
  #forget(): void {
    const [first, second, ...rest] = this.#checkpoints;
    if (first === undefined || second === undefined) return;
    this.#start = first.block.number + 1n;
    this.#checkpoints = [second, ...rest];
  }
}

/**
 * Tells of workers as they are registered, judged again and revoked, from a block of the past on if
 * wanted. Returns what ends the watch.
 *
 * With `latest`, a reorganisation is noticed by the hashes of the blocks that were polled: all events
 * since the last common one are given back through `onRemoved`, and those of the new chain follow.
 *
 * Errors: `CLIENT_PARAMETER_INVALID`; all others go to `onError`.
 *
 * @example
 * import { watchWorkers } from "chainseal/sdk/client";
 *
 * const unwatch = watchWorkers(client, {
 *   address,
 *   programId,
 *   fromBlock: deployedAt,
 *   onEvents: (events) => {
 *     for (const { name, identity } of events) console.log(name, identity);
 *   },
 *   onError: console.error,
 * });
 */
export function watchWorkers(
  client: ChainClient,
  parameters: WatchWorkersParameters,
): WatchWorkersReturnType {
  const { programId, identity, pollingInterval = 4_000, onError } = parameters;
  checkAddress(parameters.address);
  if (programId !== undefined) checkWord(programId, "programId");
  if (identity !== undefined) checkAddress(identity, "identity");
  if (!(pollingInterval >= 1)) {
    throw invalidArgument("pollingInterval", "milliseconds", pollingInterval);
  }
  const watch = new Watch(client, parameters);
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async (): Promise<void> => {
    try {
      await watch.poll(() => isStopped);
    } catch (error) {
      if (!isStopped) onError?.(error);
    }
    if (!isStopped) timer = setTimeout(start, pollingInterval);
  };
  const start = (): void => {
    run().catch((error: unknown) => onError?.(error));
  };
  start();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
