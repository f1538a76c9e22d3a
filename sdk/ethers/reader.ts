import type { Provider } from "ethers";
import type { Hex } from "viem";
import { decodeRegistryError } from "../client/decode-error.ts";
import { RegistryError } from "../client/errors.ts";
import { type BlockHeader, type ChainReader, headerOf } from "../client/reader.ts";
import { ChainsealError } from "../errors.ts";
import { OnchainError } from "../tdx/onchain/errors.ts";

/** For one request; ethers' own limit is five minutes. */
const DEFAULT_TIMEOUT_MS = 30_000;

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function isRevertData(value: unknown): value is Hex {
  return typeof value === "string" && /^0x([0-9a-f]{2})*$/i.test(value);
}

/**
 * Turns whatever ethers threw on a call or a transaction of the registry into an error with a code of
 * `docs/errors.md`. Errors of Chainseal pass through; what is none of ethers' is thrown on.
 *
 * @example
 * import { decodeEthersError } from "chainseal/sdk/ethers";
 *
 * try {
 *   await market.take(job);
 * } catch (error) {
 *   const { code, found } = decodeEthersError(error); // WORKER_NOT_VALID, "... status REVOKED"
 * }
 */
export function decodeEthersError(error: unknown): RegistryError | OnchainError {
  if (error instanceof RegistryError || error instanceof OnchainError) return error;
  const code = member(error, "code");
  if (error instanceof ChainsealError || typeof code !== "string") throw error;
  if (code === "CALL_EXCEPTION") {
    const data = member(error, "data");
    return decodeRegistryError(isRevertData(data) ? data : "0x");
  }
  if (code === "BAD_DATA") return new OnchainError("CONTRACT_MISSING", { found: "no answer" });
  if (code === "TIMEOUT") return new OnchainError("CHAIN_TIMEOUT");
  if (code === "NETWORK_ERROR" || code === "SERVER_ERROR" || /^E[A-Z]+$/.test(code)) {
    return new OnchainError("CHAIN_UNREACHABLE", { found: code });
  }
  // Without ethers' own words: they name the RPC address, which may hold a key.
  return new OnchainError("CHAIN_REQUEST_FAILED", { found: code });
}

async function within<T>(timeout: number, request: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new OnchainError("CHAIN_TIMEOUT")), timeout);
  });
  try {
    return await Promise.race([request, late]);
  } catch (error) {
    throw decodeEthersError(error);
  } finally {
    clearTimeout(timer);
  }
}

interface JsonRpcLike {
  send(method: string, params: unknown[]): Promise<unknown>;
}

function isJsonRpc(provider: unknown): provider is JsonRpcLike {
  return typeof member(provider, "send") === "function";
}

/** Over JSON-RPC a call names its block by its hash (EIP-1898). */
function jsonRpcReader(provider: JsonRpcLike, timeout: number): ChainReader {
  const block = async (method: string, which: string): Promise<BlockHeader> =>
    headerOf(await within(timeout, provider.send(method, [which, false])), `block ${which}`);
  return {
    getBlock: (which) =>
      block("eth_getBlockByNumber", typeof which === "bigint" ? `0x${which.toString(16)}` : which),
    getBlockByHash: (hash) => block("eth_getBlockByHash", hash),
    async call(to, data, { hash }) {
      const answer = provider.send("eth_call", [{ to, data }, { blockHash: hash }]);
      return (await within(timeout, answer)) as Hex;
    },
  };
}

/** Other providers name a block by its number, so the block is looked at again after the call. */
function providerReader(provider: Provider, timeout: number): ChainReader {
  const block = async (which: string | bigint): Promise<BlockHeader> => {
    const found = await within(timeout, provider.getBlock(which));
    if (found === null || found.hash === null) {
      throw new RegistryError("BLOCK_UNKNOWN", {
        expected: `block ${which}`,
        found: "no such block",
      });
    }
    return { number: BigInt(found.number), hash: found.hash as Hex, timestamp: found.timestamp };
  };
  return {
    getBlock: block,
    getBlockByHash: block,
    async call(to, data, { number, hash }) {
      const answer = await within(timeout, provider.call({ to, data, blockTag: number }));
      const present = await block(number);
      if (present.hash !== hash) {
        throw new RegistryError("RPCS_DISAGREE", {
          subject: `block ${number}`,
          expected: hash,
          found: present.hash,
        });
      }
      return answer as Hex;
    },
  };
}

export function ethersReader(provider: Provider, timeout = DEFAULT_TIMEOUT_MS): ChainReader {
  return isJsonRpc(provider) ? jsonRpcReader(provider, timeout) : providerReader(provider, timeout);
}
