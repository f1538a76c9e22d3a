import { encodeFunctionData, type Hex, hexToBytes, parseAbi, type TransactionReceipt } from "viem";
import {
  deploy,
  GAS,
  gasOfUse,
  type Registered,
  reevaluate,
} from "../../test/contracts/registry/support/actions.ts";
import { createWorld, type World } from "../../test/contracts/registry/support/world.ts";

/** A transaction, what it took, and what it was not to take. */
export interface GasRow {
  readonly what: string;
  readonly gas: number;
  readonly bar?: number;
  readonly peer?: string;
}

const PEER = "Flashtestations on Automata v1.0";
const counterAbi = parseAbi(["function increase()"]);

/**
 * The gas as if none of the random bytes in the calldata were zero: identities, challenges and
 * signatures differ from run to run, and a zero byte costs 12 less (EIP-2028).
 */
function withoutLuck(gasUsed: bigint, data: Hex, random: readonly Hex[]): number {
  const zeros = random.map((part) => hexToBytes(part).filter((byte) => byte === 0).length);
  if (!random.every((part) => data.includes(part.slice(2)))) throw new Error("not in the calldata");
  return Number(gasUsed) + 12 * zeros.reduce((sum, count) => sum + count, 0);
}

/** Half the order of P-256: a signature's s above it is brought below first, at a little more gas. */
const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

/** One registration or attestation, by its transaction; of the two kinds of signature the dearer. */
async function registering(
  world: World,
  options: Parameters<World["register"]>[0] = {},
): Promise<{ readonly gas: number; readonly made: Registered }> {
  const part = (quote: Hex, from: number, length: number): Hex =>
    `0x${quote.slice(2 + 2 * from, 2 + 2 * (from + length))}`;
  let made = await world.registration(options);
  while (BigInt(part(made.evidence.quote, 48 + 584 + 32, 32)) <= HALF_ORDER) {
    await world.mine();
    made = await world.registration(options);
  }
  const { quote } = made.evidence;
  const data = world.registerData(made);
  const receipt = await world.send(world.registry.address, data, world.stranger);
  const random = [
    made.identity.address.toLowerCase() as Hex,
    // The commitment, and the quote's signature over it.
    part(quote, 48 + 520, 32),
    part(quote, 48 + 584, 64),
    ...(made.request.identitySignature === "0x" ? [] : [made.request.identitySignature]),
  ];
  return { gas: withoutLuck(receipt.gasUsed, data, random), made };
}

/** What a guard adds to a transaction: the same call of the same contract with it and without. */
async function overhead(world: World, { identity, request }: Registered): Promise<number> {
  const args = [world.registry.address, request.programId];
  const data = encodeFunctionData({ abi: counterAbi, functionName: "increase" });
  const gasOf = async (name: string): Promise<bigint> => {
    const to = await deploy(world, name, args);
    const { provider, viem, client } = world;
    const from = identity.address;
    await provider.request({ method: "hardhat_impersonateAccount", params: [from] });
    await provider.request({ method: "hardhat_setBalance", params: [from, "0xde0b6b3a7640000"] });
    const wallet = await viem.getWalletClient(from);
    const hash = await wallet.sendTransaction({ to, data, gas: GAS });
    const receipt: TransactionReceipt = await client.waitForTransactionReceipt({ hash });
    return receipt.gasUsed;
  };
  return Number((await gasOf("GuardedCounter")) - (await gasOf("UnguardedCounter")));
}

/** Every row, on a chain of Osaka's rules with P-256 by precompile. */
export async function measureRegistryGas(): Promise<readonly GasRow[]> {
  const world = await createWorld();
  const { write, read } = world.registry;
  const { programId } = world;

  const unseen = await registering(world, { withCertificate: true });
  const cached = await registering(world);
  const { made } = cached;
  const again = await registering(world, { identity: made.identity, signer: null });
  const hash = await reevaluate(world, made);
  const { gasUsed } = await world.client.waitForTransactionReceipt({ hash });
  const { input } = await world.client.getTransaction({ hash });
  const judged = withoutLuck(gasUsed, input, [made.identity.address.toLowerCase() as Hex]);

  const gate = await overhead(world, made);
  await write.setGpuVerdicts([world.owner.account.address], { gas: GAS });
  const policy = await read.policyOf([programId]);
  await write.setPolicy([programId, { ...policy, requireGpu: true }], { gas: GAS });
  await write.setGpuValidity([programId, made.identity.address, 2 ** 32 - 1], { gas: GAS });
  const withGpu = await overhead(world, made);
  await write.revokePlatformForAll([`0x${"11".repeat(32)}`], { gas: GAS });
  const slow = await overhead(world, made);
  await registering(world, { identity: made.identity, signer: null });
  const isFastAgain = (await overhead(world, made)) === withGpu;
  if (!isFastAgain || (await gasOfUse(world, made)) === 0n) {
    throw new Error("an attestation does not confirm a worker");
  }

  return [
    {
      what: "first registration, PCK certificate not seen before",
      gas: unseen.gas,
      bar: 340_000,
      peer: `7.89M (${PEER})`,
    },
    {
      what: "first registration, PCK certificate known",
      gas: cached.gas,
      bar: 190_000,
      peer: `7.89M (${PEER})`,
    },
    { what: "re-attestation", gas: again.gas, bar: 120_000, peer: `4.41M (${PEER})` },
    { what: "reevaluation without a quote, nothing changed", gas: judged },
    { what: "`onlyWorkerOf`, added to a caller's transaction", gas: gate, bar: 10_000 },
    { what: "the same where a GPU is required", gas: withGpu, bar: 13_000 },
    {
      what: "the same after some platform was revoked, until the worker attests or is reevaluated",
      gas: slow,
    },
  ];
}
