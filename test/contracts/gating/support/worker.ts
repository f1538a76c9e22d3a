import { type Address, type Hex, toHex } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { workerCallTypes } from "../../../../sdk/client/typed-data.ts";
import { gateAbi } from "../../registry/support/abis.ts";
import { GAS } from "../../registry/support/actions.ts";
import type { World } from "../../registry/support/world.ts";

export interface SignedCall {
  readonly call: {
    readonly worker: Address;
    readonly data: Hex;
    readonly nonce: bigint;
    readonly deadline: bigint;
  };
  readonly signature: Hex;
}

export interface SignedCallOptions {
  readonly name: string;
  readonly gate: Address;
  readonly worker: PrivateKeyAccount;
  readonly data: Hex;
  readonly nonce?: bigint;
  readonly deadline?: bigint;
  readonly chainId?: number;
  readonly signer?: PrivateKeyAccount;
}

/** A call as a worker signs it for a relayer to carry. */
export async function signCall(world: World, o: SignedCallOptions): Promise<SignedCall> {
  const call = {
    worker: o.worker.address,
    data: o.data,
    nonce: o.nonce ?? (await noncesOf(world, o.gate, o.worker.address)),
    deadline: o.deadline ?? BigInt(world.simulator.at + 86_400),
  };
  const signature = await (o.signer ?? o.worker).signTypedData({
    domain: {
      name: o.name,
      version: "1",
      chainId: o.chainId ?? Number(world.chainId),
      verifyingContract: o.gate,
    },
    types: workerCallTypes,
    primaryType: "WorkerCall",
    message: call,
  });
  return { call, signature };
}

export async function noncesOf(world: World, gate: Address, worker: Address): Promise<bigint> {
  return await world.client.readContract({
    address: gate,
    abi: gateAbi,
    functionName: "nonces",
    args: [worker],
  });
}

/** By a stranger, as any relayer may. */
export async function carry(world: World, gate: Address, { call, signature }: SignedCall) {
  const hash = await world.stranger.writeContract({
    address: gate,
    abi: gateAbi,
    functionName: "callAs",
    args: [call, signature],
    gas: GAS,
  });
  return await world.client.waitForTransactionReceipt({ hash });
}

/** Sends a transaction from an account whose key this process holds. */
export async function sendAs(world: World, from: Address, to: Address, data: Hex, value = 0n) {
  const { provider, viem, client } = world;
  await provider.request({ method: "hardhat_impersonateAccount", params: [from] });
  await provider.request({ method: "hardhat_setBalance", params: [from, toHex(10n ** 18n)] });
  const wallet = await viem.getWalletClient(from);
  const hash = await wallet.sendTransaction({ to, data, value, gas: 1_000_000n });
  return await client.waitForTransactionReceipt({ hash });
}
