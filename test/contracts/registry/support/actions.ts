import {
  type Address,
  decodeErrorResult,
  encodeFunctionData,
  type Hex,
  isHex,
  keccak256,
  size,
  toHex,
} from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { workerRegistryAbi } from "../../../../sdk/client/abi.ts";
import { tdxAttestationAbi } from "../../../../sdk/tdx/onchain/abi.ts";
import {
  type BuiltEvidence,
  collateralUploads,
  uploadCalldata,
} from "../../../../sdk/tdx/onchain/index.ts";
import type { CollateralOptions, Platform } from "../../../../sdk/tdx/simulator/index.ts";
import { authorityAbi, escrowAbi, gateAbi, marketAbi } from "./abis.ts";
import { measurementsOf, type Policy, policyDefaults, type World } from "./world.ts";

export const DAY = 86_400;
export const GAS = 16_000_000n;

/** Accepted statuses as the policy's bits. */
export const bits = (...statuses: readonly number[]): number =>
  statuses.reduce((sum, status) => sum | (1 << status), 0);

export const Tcb = {
  UpToDate: 1,
  SWHardeningNeeded: 2,
  ConfigurationNeeded: 3,
  OutOfDate: 5,
  Revoked: 7,
} as const;

export const platformIdOf = (platform: Platform): Hex => keccak256(toHex(platform.pck.ppid));

export type Measurements = ReturnType<typeof measurementsOf>;

export interface ProgramOptions {
  readonly policy?: Partial<Policy>;
  readonly measurements?: readonly Measurements[];
  readonly platformIds?: readonly Hex[];
  readonly account?: Address;
}

let salts = 0;

/** A program beside the world's own, of the owner unless another account is given. */
export async function createProgram(world: World, options: ProgramOptions = {}): Promise<Hex> {
  const account = options.account ?? world.owner.account.address;
  salts += 1;
  const salt = keccak256(toHex(`salt ${salts}`));
  await world.registry.write.createProgram(
    [
      salt,
      { ...policyDefaults, ...options.policy },
      options.measurements ?? [measurementsOf(world.template)],
      options.platformIds ?? [platformIdOf(world.platform)],
    ],
    { account, gas: GAS },
  );
  return await world.registry.read.programIdOf([account, salt]);
}

/** The claims of a compact quote, which `reevaluate` takes in its stead. */
function claimsOf({ evidence }: BuiltEvidence) {
  const at = (offset: number, length: number): Hex =>
    `0x${evidence.quote.slice(2 + 2 * offset, 2 + 2 * (offset + length))}`;
  const number16 = (offset: number): number =>
    Buffer.from(at(offset, 2).slice(2), "hex").readUInt16LE();
  // A version 5 header is followed by type and size of the body.
  const isVersion5 = number16(0) === 5;
  const body = isVersion5 ? 54 : 48;
  const isTd15 = isVersion5 && number16(48) === 3;
  const qe = body + (isTd15 ? 648 : 584) + 128;
  return {
    teeTcbSvn: at(body, 16),
    teeTcbSvn2: at(body + (isTd15 ? 584 : 0), 16),
    mrSignerSeamHigh: at(body + 64, 32),
    mrSignerSeamLow: at(body + 96, 16),
    seamAttributes: at(body + 112, 8),
    qeMiscSelect: at(qe + 16, 4),
    qeAttributes: at(qe + 48, 16),
    qeMrSigner: at(qe + 128, 32),
    qeIsvProdId: number16(qe + 256),
    qeIsvSvn: number16(qe + 258),
  };
}

export interface Registered {
  readonly identity: PrivateKeyAccount;
  readonly request: { readonly programId: Hex };
  readonly built: BuiltEvidence;
}

export interface ReevaluateOptions {
  readonly tcbInfo?: number;
  readonly qeIdentity?: number;
  readonly gas?: bigint;
  readonly claims?: Partial<ReturnType<typeof claimsOf>>;
}

/** By a stranger, as anyone may. */
export async function reevaluate(
  world: World,
  { identity, request, built }: Registered,
  options: ReevaluateOptions = {},
) {
  const { evidence } = built;
  const { tcbInfo = evidence.tcbInfoNumber, qeIdentity = evidence.qeIdentityNumber } = options;
  return await world.registry.write.reevaluate(
    [
      request.programId,
      identity.address,
      evidence.leaf,
      { ...claimsOf(built), ...options.claims },
      tcbInfo,
      qeIdentity,
    ],
    { account: world.stranger.account, gas: options.gas ?? GAS },
  );
}

/** Uploads those parts of collateral that are newer than what the chain has. */
export async function upload(
  world: World,
  options: CollateralOptions,
  parts: readonly string[] = ["TCB info", "QE identity", "PCK CRL", "root CRL"],
): Promise<void> {
  const collateral = world.simulator.collateral(options);
  for (const one of collateralUploads(collateral)) {
    if (!parts.includes(one.part)) continue;
    const sent = world.send(world.attestation.address, uploadCalldata(one));
    const name = await sent.then(
      () => undefined,
      async (error: unknown) => (await refusal(Promise.reject(error))).name,
    );
    if (name !== undefined && name !== "CollateralNotNewer") throw new Error(name);
  }
}

export interface Refusal {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** By their selectors: the same error stands in several of these. */
const ERRORS = [
  ...workerRegistryAbi,
  ...tdxAttestationAbi,
  ...authorityAbi,
  ...gateAbi,
  ...marketAbi,
  ...escrowAbi,
].filter(
  (entry): entry is Extract<typeof entry, { readonly type: "error" }> => entry.type === "error",
);

/** The revert data in an error, wherever the layers above put it. */
function revertDataIn(error: unknown, depth = 0): Hex | undefined {
  if (typeof error !== "object" || error === null || depth > 12) return undefined;
  const { data, cause } = error as { readonly data?: unknown; readonly cause?: unknown };
  if (isHex(data) && size(data) >= 4) return data;
  return revertDataIn(data, depth + 1) ?? revertDataIn(cause, depth + 1);
}

/** What a call was refused with, by name; it fails when the call is not refused. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    () => undefined,
    (found: unknown) => found ?? new Error("refused without a reason"),
  );
  if (error === undefined) throw new Error("the call was not refused");
  const data = revertDataIn(error);
  if (data === undefined) {
    return { name: error instanceof Error ? error.message : String(error), args: [] };
  }
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: ERRORS, data });
    return { name: errorName, args };
  } catch {
    return { name: data, args: [] };
  }
}

export async function refusedWith(
  name: string,
  call: Promise<unknown>,
): Promise<readonly unknown[]> {
  const found = await refusal(call);
  if (found.name !== name) throw new Error(`expected ${name}, found ${found.name}(${found.args})`);
  return found.args;
}

/** Gas of asking whether a worker is valid, in a transaction of its own. */
export async function gasOfUse(world: World, { request, identity }: Registered): Promise<bigint> {
  const data = encodeFunctionData({
    abi: workerRegistryAbi,
    functionName: "requireWorker",
    args: [request.programId, identity.address],
  });
  const hash = await world.stranger.sendTransaction({ to: world.registry.address, data, gas: GAS });
  return (await world.client.waitForTransactionReceipt({ hash })).gasUsed;
}

/** Deploys a contract by name; the types that Hardhat generates exist only after a compilation. */
export async function deploy(
  world: World,
  name: string,
  args: readonly unknown[],
  libraries: Readonly<Record<string, Address>> = {},
): Promise<Address> {
  const contract = await world.viem.deployContract(name, [...args], { libraries });
  return contract.address;
}

/** Deploys libraries, to link with. */
export async function deployLibraries(world: World, names: readonly string[]) {
  const libraries: Record<string, Address> = {};
  for (const name of names) libraries[name] = await deploy(world, name, []);
  return libraries;
}
