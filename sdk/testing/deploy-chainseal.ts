import { type Hex, keccak256, numberToHex, stringToHex } from "viem";
import { getBlock, sendTransaction as sendRaw, waitForTransactionReceipt } from "viem/actions";
import { toHex } from "../bytes.ts";
import { createProgram } from "../client/create-program.ts";
import { measurementsFromQuote } from "../client/measurements.ts";
import { defaultProgramPolicy, type ProgramPolicy } from "../client/policy.ts";
import { revokeWorker } from "../client/revoke-worker.ts";
import { deployAccessManager, deployAttestation, deployRegistry } from "../contracts/deploy.ts";
import { ContractsError } from "../contracts/errors.ts";
import type { QuoteCollateral } from "../tdx/collateral.ts";
import { type ChainClient, decoding } from "../tdx/onchain/contract.ts";
import { buildEvidence } from "../tdx/onchain/evidence.ts";
import { pushCollateral } from "../tdx/onchain/push-collateral.ts";
import { TRANSACTION_GAS_CAP } from "../tdx/onchain/send-transaction.ts";
import {
  type CollateralOptions,
  createSimulator,
  type Platform,
  type Simulator,
} from "../tdx/simulator/index.ts";
import { type BootWorkerOptions, bootWorker, type TestWorker } from "./boot-worker.ts";
import { clientsOf, type TestClients, type TestWallet } from "./clients.ts";

export interface DeployChainsealOptions {
  /** How many workers to boot. Default: 1. */
  readonly workers?: number;
  /** What differs from the policy of tests: `defaultProgramPolicy` without a notice. */
  readonly policy?: Partial<ProgramPolicy>;
  /** Of the simulator's root and machines. Default: `chainseal/testing`. */
  readonly seed?: string;
  /** In blocks. Default: 256. */
  readonly maxChallengeAge?: number;
}

/** Chainseal on a development chain. */
export interface Deployment {
  /** `WorkerRegistry`: the address that contracts and reads take. */
  readonly address: Hex;
  /** `TdxAttestation`. */
  readonly attestation: Hex;
  /** `AccessManager`, whose administrator is the wallet's account. */
  readonly authority: Hex;
  /** Owned by the wallet's account; every simulated machine that boots by default is admitted. */
  readonly programId: Hex;
  readonly platformId: Hex;
  readonly workers: readonly TestWorker[];
  readonly simulator: Simulator;
  /** The machine that workers run on by default. */
  readonly platform: Platform;
  /** Boots another worker, or attests one again. */
  bootWorker(options?: BootWorkerOptions): Promise<TestWorker>;
  /** Revokes a worker, as the program's owner. */
  revoke(worker: Pick<TestWorker, "identity"> | Hex): Promise<void>;
  /** Uploads collateral of the chain's present time, such as with a platform's TCB out of date. */
  pushCollateral(options: CollateralOptions): Promise<void>;
  /** Mines a block at this time; Unix seconds, later than the last. */
  moveTo(timestamp: number): Promise<void>;
  /** Mines a block so many seconds after the last. */
  moveBy(seconds: number): Promise<void>;
}

async function deployer({ publicClient, walletClient }: Clients) {
  const { account, chain } = walletClient;
  return async (name: string, data: Hex): Promise<Hex> => {
    const hash = await decoding(
      sendRaw(walletClient, { account, chain: chain ?? null, data, gas: TRANSACTION_GAS_CAP }),
    );
    const { status, contractAddress } = await decoding(
      waitForTransactionReceipt(publicClient, { hash, timeout: 60_000 }),
    );
    if (status === "success" && contractAddress) return contractAddress;
    throw new ContractsError("DEPLOYMENT_FAILED", { subject: name, found: `transaction ${hash}` });
  };
}

interface Clients {
  readonly publicClient: ChainClient;
  readonly walletClient: TestWallet;
}

/** A request that development chains answer (Hardhat, anvil). */
async function request(client: ChainClient, method: string, params: unknown[]): Promise<void> {
  await decoding(client.request({ method, params } as never));
}

/**
 * Deploys the contracts under a simulator's root, uploads its collateral, creates a program and boots
 * workers: all that a dApp's tests need, in one call, on a chain of Hardhat's or anvil's.
 *
 * No machine is attested by this: a deployment under a simulator's root says so in its events and in
 * `isDevelopment`, and no deployment under Intel's root takes its quotes.
 *
 * Errors: `CONTRACTS_NOT_COMPILED`, `DEPLOYMENT_FAILED`, those of the actions it is made of.
 *
 * @example
 * import { network } from "hardhat";
 * import { deployChainseal } from "chainseal/testing";
 *
 * const connection = await network.create();
 * const chainseal = await deployChainseal(connection, { workers: 2 });
 * const market = await connection.viem.deployContract("JobMarket", [
 *   chainseal.address,
 *   chainseal.programId,
 * ]);
 * const [worker] = chainseal.workers;
 * await chainseal.revoke(worker);
 */
export async function deployChainseal(
  given: TestClients,
  options: DeployChainsealOptions = {},
): Promise<Deployment> {
  const clients = await clientsOf(given);
  const { publicClient, walletClient } = clients;
  const { timestamp } = await getBlock(publicClient, { blockTag: "latest" });
  const seed = options.seed ?? "chainseal/testing";
  const simulator = createSimulator({ seed, at: Number(timestamp) });
  const platform = simulator.platform();
  const deploy = await deployer(clients);
  const authority = await deployAccessManager(walletClient.account.address, deploy);
  const attestation = await deployAttestation(toHex(simulator.rootCertificate), authority, deploy);
  const { maxChallengeAge = 256 } = options;
  const address = await deployRegistry({ attestation, authority, maxChallengeAge }, deploy);

  let collateral: QuoteCollateral = simulator.collateral();
  const quote = platform.quote({ reportData: new Uint8Array(64) });
  await pushCollateral(walletClient, { address: attestation, collateral, quote });
  const { platformId } = buildEvidence(quote, { collateral }).evidence.leaf;
  const { programId } = await createProgram(walletClient, {
    address,
    salt: keccak256(stringToHex(seed)),
    policy: { ...defaultProgramPolicy, notice: 0, ...options.policy },
    measurements: [measurementsFromQuote(quote)],
    platformIds: [platformId],
  });

  const boot = (bootOptions?: BootWorkerOptions) =>
    bootWorker({ ...clients, address, programId, platform, collateral }, bootOptions);
  const moveTo = async (seconds: number) => {
    await request(publicClient, "evm_setNextBlockTimestamp", [numberToHex(seconds)]);
    await request(publicClient, "evm_mine", []);
  };
  const workers: TestWorker[] = [];
  for (let count = 0; count < (options.workers ?? 1); count++) workers.push(await boot());
  return Object.freeze({
    address,
    attestation,
    authority,
    programId,
    platformId,
    workers: Object.freeze(workers),
    simulator,
    platform,
    bootWorker: boot,
    async revoke(worker: Pick<TestWorker, "identity"> | Hex) {
      const identity = typeof worker === "string" ? worker : worker.identity;
      await revokeWorker(walletClient, { address, programId, identity });
    },
    async pushCollateral(collateralOptions: CollateralOptions) {
      const latest = await getBlock(publicClient, { blockTag: "latest" });
      const now = createSimulator({ seed, at: Number(latest.timestamp) });
      collateral = now.collateral(collateralOptions);
      await pushCollateral(walletClient, { address: attestation, collateral });
    },
    moveTo,
    async moveBy(seconds: number) {
      const latest = await getBlock(publicClient, { blockTag: "latest" });
      await moveTo(Number(latest.timestamp) + seconds);
    },
  });
}
