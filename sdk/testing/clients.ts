import type { Account, Chain, Client, Transport } from "viem";
import { ContractsError } from "../contracts/errors.ts";
import type { ChainClient } from "../tdx/onchain/contract.ts";

/** A viem client with an account that pays. */
export type TestWallet = Client<Transport, Chain | undefined, Account>;

/** What `network.create()` of Hardhat gives with `@nomicfoundation/hardhat-viem`. */
export interface HardhatConnection {
  readonly viem: {
    getPublicClient(): Promise<ChainClient>;
    getWalletClients(): Promise<readonly TestWallet[]>;
  };
}

export type TestClients =
  | { readonly publicClient: ChainClient; readonly walletClient: TestWallet }
  | HardhatConnection;

export async function clientsOf(
  given: TestClients,
): Promise<{ publicClient: ChainClient; walletClient: TestWallet }> {
  if (!("viem" in given)) return given;
  const publicClient = await given.viem.getPublicClient();
  const [walletClient] = await given.viem.getWalletClients();
  if (walletClient !== undefined) return { publicClient, walletClient };
  throw new ContractsError("DEPLOYMENT_FAILED", { expected: "an account", found: "none" });
}
