import { network } from "hardhat";
import { RegistryError, type RegistryErrorCode } from "../../../../sdk/client/index.ts";
import type { OnchainError } from "../../../../sdk/tdx/onchain/index.ts";
import { type DeployChainsealOptions, deployChainseal } from "../../../../sdk/testing/index.ts";

/** Chainseal on an EDR chain of its own, with the clients that its tests need. */
export async function createWorld(options: DeployChainsealOptions = {}) {
  const connection = await network.create();
  const { viem, provider } = connection;
  const chainseal = await deployChainseal(connection, options);
  const client = await viem.getPublicClient();
  const [owner, stranger, other] = await viem.getWalletClients();
  if (!owner || !stranger || !other) throw new Error("too few accounts");
  const { address, programId } = chainseal;
  return {
    ...chainseal,
    program: { address, programId },
    client,
    owner,
    stranger,
    other,
    provider,
    viem,
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** For `assert.rejects`. */
export function withCode(code: RegistryErrorCode | OnchainError["code"]) {
  return (error: unknown): boolean => {
    const found: unknown =
      error instanceof RegistryError ? error.code : Reflect.get(Object(error), "code");
    if (found === code) return true;
    throw error;
  };
}
