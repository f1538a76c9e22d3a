import type { Provider } from "ethers";
import type { Hex } from "viem";
import { type BlockOptions, openSnapshot, type Snapshot } from "../client/snapshot.ts";
import { ethersReader } from "./reader.ts";

/** Options of every read. */
export interface EthersReadOptions extends BlockOptions {
  /** Of `WorkerRegistry`, 20 bytes. */
  readonly address: Hex | string;
  /** Asks other providers too, all at the same block, and answers with what a quorum says. */
  readonly agree?: {
    readonly providers: readonly Provider[];
    /** Of all providers, the first included: a majority. Default: all. */
    readonly quorum?: number;
  };
  /** For one request, in milliseconds. Default: 30,000. */
  readonly timeout?: number;
}

export function snapshotOf(provider: Provider, options: EthersReadOptions): Promise<Snapshot> {
  const { agree, timeout } = options;
  const agreement =
    agree === undefined
      ? undefined
      : {
          others: agree.providers.map((one) => ethersReader(one, timeout)),
          quorum: agree.quorum,
        };
  return openSnapshot(ethersReader(provider, timeout), options, agreement);
}
