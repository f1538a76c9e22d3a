import { type Command, InvalidArgumentError } from "commander";
import { type Hex, isAddress } from "viem";
import { getChainId } from "viem/actions";
import { type BlockTag, decodeRegistryError, deployments } from "../../sdk/client/index.ts";
import { ChainsealError } from "../../sdk/errors.ts";
import { decodingBy } from "../../sdk/tdx/onchain/contract.ts";
import { CliError } from "../support/errors.ts";
import { exitCodeOf } from "../support/exit-code.ts";
import { parseTimeLimit } from "../support/input.ts";
import { printJson, whileWaiting } from "../support/output.ts";
import { reportError } from "../support/report-error.ts";
import { readAccount } from "./account.ts";
import { connectRpc, type RpcClient } from "./rpc.ts";

/** Options of every command that asks the registry. */
export interface RegistryOptions {
  readonly rpc: string;
  readonly registry: Hex;
  readonly timeout: number;
  readonly json?: boolean;
}

/** Of those that only read. */
export interface ReadingOptions extends RegistryOptions {
  readonly block: BlockTag;
  readonly maxStaleness: number;
}

export function parseAddress(text: string): Hex {
  if (isAddress(text, { strict: false })) return text;
  throw new InvalidArgumentError("It is 20 bytes in hex, with 0x.");
}

/** 32 bytes: a program, a platform. */
export function parseWord(text: string): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as Hex;
  throw new InvalidArgumentError("It is 32 bytes in hex, with 0x.");
}

function parseBlockTag(text: string): BlockTag {
  if (text === "finalized" || text === "safe" || text === "latest") return text;
  throw new InvalidArgumentError("It is finalized, safe or latest.");
}

export function parseCount(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number.");
}

/** The registry that is recorded for the endpoint's chain. */
async function recordedRegistry(rpc: string, timeout: number): Promise<Hex> {
  const client = connectRpc(rpc, { timeout: timeout * 1000 });
  const chainId = await decodingBy(decodeRegistryError)(getChainId(client));
  const registry = deployments[chainId]?.registry;
  if (registry !== undefined) return registry;
  throw new CliError("USAGE", {
    expected: "--registry",
    found: `chain ${chainId}, of which no deployment is recorded`,
  });
}

export function withRegistry(command: Command): Command {
  return command
    .requiredOption("--rpc <url>", "address of the chain's RPC endpoint")
    .option("--registry <address>", "the worker registry; default: the chain's", parseAddress)
    .option("--timeout <seconds>", "for one request", parseTimeLimit, 20)
    .option("--json", "print JSON")
    .hook("preAction", async (_, action) => {
      const { registry, rpc, timeout } = action.opts<Partial<RegistryOptions>>();
      if (registry !== undefined || rpc === undefined || timeout === undefined) return;
      action.setOptionValue("registry", await recordedRegistry(rpc, timeout));
    });
}

export function withReading(command: Command): Command {
  return withRegistry(command)
    .option("--block <tag>", "finalized, safe or latest", parseBlockTag, "finalized" as const)
    .option("--max-staleness <seconds>", "how old that block may be", parseCount, 1800);
}

export function connectReader({ rpc, timeout }: RegistryOptions): RpcClient {
  return connectRpc(rpc, { timeout: timeout * 1000 });
}

export function connectWriter({ rpc, timeout }: RegistryOptions): RpcClient {
  return connectRpc(rpc, { timeout: timeout * 1000, account: readAccount() });
}

/** What reads of the client take. */
export function readingOf({ registry, block, maxStaleness }: ReadingOptions) {
  return { address: registry, blockTag: block, maxStaleness } as const;
}

/** JSON holds no bigint: as a number where it is exact, else as text. */
function toPlain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) =>
      typeof one !== "bigint"
        ? one
        : one <= BigInt(Number.MAX_SAFE_INTEGER)
          ? Number(one)
          : String(one),
    ) ?? "null",
  );
}

/**
 * Runs what asks a chain: with news when it takes long, and with its refusals as answers, not as
 * failures of the command.
 */
export async function asking<T>(
  options: RegistryOptions,
  job: Promise<T>,
  show: (result: T) => void,
): Promise<void> {
  let result: T;
  try {
    result = await whileWaiting("waiting for the chain", job);
  } catch (error) {
    if (!(error instanceof ChainsealError) || error instanceof CliError) throw error;
    reportError(error, options.json ?? false);
    process.exitCode = exitCodeOf(error);
    return;
  }
  if (options.json) printJson(toPlain(result));
  else show(result);
}
