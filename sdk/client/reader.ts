import { type Hex, hexToBigInt, hexToNumber, isHex, numberToHex } from "viem";
import { type ChainClient, decodingBy } from "../tdx/onchain/contract.ts";
import { decodeRegistryError } from "./decode-error.ts";
import { RegistryError } from "./errors.ts";

/** Which block a read is pinned to. */
export type BlockTag = "finalized" | "safe" | "latest";

export interface BlockHeader {
  readonly number: bigint;
  readonly hash: Hex;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** What reads need of a chain, whichever library asks it. It throws errors of Chainseal. */
export interface ChainReader {
  getBlock(which: BlockTag | bigint): Promise<BlockHeader>;
  getBlockByHash(hash: Hex): Promise<BlockHeader>;
  /** The result of a call at exactly this block. */
  call(to: Hex, data: Hex, block: BlockHeader): Promise<Hex>;
}

const decoding = decodingBy(decodeRegistryError);

function isWord(value: unknown, maxLength: number): value is Hex {
  return isHex(value) && value.length > 2 && value.length <= maxLength;
}

/** What a node says of a block, read strictly. Errors: `BLOCK_UNKNOWN`. */
export function headerOf(block: unknown, asked: string): BlockHeader {
  if (typeof block !== "object" || block === null) {
    throw new RegistryError("BLOCK_UNKNOWN", { expected: asked, found: "no such block" });
  }
  const { number, hash, timestamp }: { number?: unknown; hash?: unknown; timestamp?: unknown } =
    block;
  if (!isWord(number, 18) || !isWord(hash, 66) || !isWord(timestamp, 14)) {
    throw new RegistryError("BLOCK_UNKNOWN", { expected: asked, found: "a malformed block" });
  }
  return { number: hexToBigInt(number), hash, timestamp: hexToNumber(timestamp) };
}

/** Reads through a viem client; calls name their block by its hash (EIP-1898). */
export function viemReader(client: ChainClient): ChainReader {
  return {
    async getBlock(which) {
      const block = typeof which === "bigint" ? numberToHex(which) : which;
      const answer = client.request({ method: "eth_getBlockByNumber", params: [block, false] });
      return headerOf(await decoding(answer), `block ${which}`);
    },
    async getBlockByHash(hash) {
      const answer = client.request({ method: "eth_getBlockByHash", params: [hash, false] });
      return headerOf(await decoding(answer), `block ${hash}`);
    },
    async call(to, data, { hash }) {
      const params = [{ to, data }, { blockHash: hash }] as const;
      return decoding(client.request({ method: "eth_call", params: [...params] }));
    },
  };
}
