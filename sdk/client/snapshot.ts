import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
} from "viem";
import { type Agreement, agree } from "./agreement.ts";
import { decodeRegistryError } from "./decode-error.ts";
import { invalidArgument, RegistryError } from "./errors.ts";
import type { BlockHeader, BlockTag, ChainReader } from "./reader.ts";

/** In seconds. Ethereum finalises a block in about 13 minutes. */
export const DEFAULT_MAX_STALENESS = 30 * 60;

/** At which block to read, and how old it may be. */
export interface BlockOptions {
  /** Default: `finalized`, which no reorganisation takes back. */
  readonly blockTag?: BlockTag;
  /** A block of the past instead. Its age is then held against `maxStaleness` only if that is given. */
  readonly blockNumber?: bigint;
  /** How old the block may be, in seconds. Default: 1800. */
  readonly maxStaleness?: number;
  /** Unix seconds that age is counted from. Default: the clock. */
  readonly now?: number;
}

type AnyView<abi extends Abi> = ContractFunctionName<abi, "pure" | "view">;
type AnyArgs<abi extends Abi, name extends AnyView<abi>> = ContractFunctionArgs<
  abi,
  "pure" | "view",
  name
>;

interface ViewCall<abi extends Abi, name extends AnyView<abi>, args extends AnyArgs<abi, name>> {
  readonly abi: abi;
  readonly address: Hex;
  readonly functionName: name;
  readonly args: args;
}

/** One block of a chain; all that is read through it is of that block. */
export interface Snapshot extends BlockHeader {
  read<const abi extends Abi, name extends AnyView<abi>, const args extends AnyArgs<abi, name>>(
    call: ViewCall<abi, name, args>,
  ): Promise<ContractFunctionReturnType<abi, "pure" | "view", name, args>>;
}

function checkFresh({ timestamp, number }: BlockHeader, options: BlockOptions): void {
  const { maxStaleness = DEFAULT_MAX_STALENESS, blockNumber } = options;
  if (!(maxStaleness >= 0)) throw invalidArgument("maxStaleness", "seconds", maxStaleness);
  if (blockNumber !== undefined && options.maxStaleness === undefined) return;
  const age = (options.now ?? Math.floor(Date.now() / 1000)) - timestamp;
  if (age <= maxStaleness) return;
  throw new RegistryError("STALE_BLOCK", {
    subject: `block ${number}`,
    expected: `at most ${maxStaleness} s old`,
    found: `${age} s old`,
  });
}

/**
 * Chooses the block that is read at. Errors: `STALE_BLOCK`, `BLOCK_UNKNOWN`, `RPCS_DISAGREE`,
 * `CHAIN_…`.
 */
export async function openSnapshot(
  reader: ChainReader,
  options: BlockOptions,
  agreement?: Agreement,
): Promise<Snapshot> {
  const block = await reader.getBlock(options.blockNumber ?? options.blockTag ?? "finalized");
  checkFresh(block, options);
  const ask = (question: (one: ChainReader) => Promise<string>) =>
    agreement === undefined ? question(reader) : agree(reader, agreement, question);
  if (agreement !== undefined) {
    const mine = await ask(async (one) => {
      const { number, timestamp } = await one.getBlockByHash(block.hash);
      return `block ${number} at ${timestamp}`;
    });
    if (mine !== `block ${block.number} at ${block.timestamp}`) {
      throw new RegistryError("RPCS_DISAGREE", { subject: "the block", found: mine });
    }
  }
  return {
    ...block,
    async read(call) {
      // The types of the arguments are checked above; viem's own cannot follow a generic ABI.
      const { address, functionName, args } = call;
      const item = { abi: call.abi as Abi, functionName: functionName as string };
      const data = encodeFunctionData({ ...item, args: args as readonly unknown[] });
      const result = await ask((one) => one.call(address, data, block));
      try {
        return decodeFunctionResult({ ...item, data: result as Hex }) as never;
      } catch (error) {
        throw decodeRegistryError(error);
      }
    },
  };
}
