import { createPublicClient, createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type Anvil, startAnvil } from "../../../cli/chain/anvil.ts";
import { type Deployment, deployChainseal } from "../../../sdk/testing/index.ts";
import { type CliRun, runCli } from "./run-cli.ts";

/** The first account of every anvil. */
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/** An account without funds or rights. */
export const STRANGER_KEY = `0x${"11".repeat(32)}` as const;

/** A local chain with Chainseal on it, and the command line pointed at it. */
export async function startCliChain() {
  const anvil: Anvil = await startAnvil({ timestamp: Math.floor(Date.now() / 1000) - 60 });
  const transport = http(anvil.url);
  const publicClient = createPublicClient({ transport, pollingInterval: 5, cacheTime: 0 });
  const account = privateKeyToAccount(KEY);
  const walletClient = createWalletClient({ account, transport, pollingInterval: 5, cacheTime: 0 });
  try {
    const chainseal: Deployment = await deployChainseal({ publicClient, walletClient });
    const at = ["--rpc", anvil.url, "--registry", chainseal.address];
    /** Writes take no block. */
    const run = (words: readonly string[], key: string = KEY): Promise<CliRun> =>
      runCli([...words, ...at], { env: { CHAINSEAL_PRIVATE_KEY: key } });
    /** Anvil's finalised block is far behind. */
    const read = (words: readonly string[]): Promise<CliRun> =>
      runCli([...words, ...at, "--block", "latest"]);
    return { anvil, publicClient, walletClient, chainseal, run, read, stop: () => anvil.stop() };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

export type CliChain = Awaited<ReturnType<typeof startCliChain>>;
