import { createClient, encodeDeployData, encodeFunctionData, http } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { sendTransaction as sendRaw, waitForTransactionReceipt } from "viem/actions";
import {
  carryWorkerCall,
  isWorkerValid,
  RegistryError,
  revokeWorker,
  signWorkerCall,
} from "../../sdk/client/index.ts";
import { JOB_MARKET, readArtifact } from "../../sdk/contracts/artifacts.ts";
import { sendTransaction } from "../../sdk/tdx/onchain/index.ts";
import { type Deployment, deployChainseal } from "../../sdk/testing/index.ts";
import {
  direct,
  type RunningWorker,
  registerOnBoot,
  simulatorProvider,
} from "../../sdk/worker/index.ts";
import { type Anvil, startAnvil } from "../chain/anvil.ts";
import { inGas } from "../chain/report.ts";
import { isoTime } from "../support/output.ts";
import { registrationPeer } from "./peers.ts";
import type { Step, StepResult } from "./step.ts";

interface RegistrySteps {
  readonly steps: readonly Step[];
  /** Ends the worker and the chain, if they were started. */
  stop(): Promise<void>;
}

/** A development chain with a registry, a gated market and one machine, which has not booted yet. */
async function createWorld() {
  const anvil = await startAnvil({ timestamp: Math.floor(Date.now() / 1000) });
  try {
    return await prepare(anvil);
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

async function prepare(anvil: Anvil) {
  const transport = http(anvil.url, { timeout: 30_000, retryCount: 0 });
  const publicClient = createClient({ transport, pollingInterval: 20, cacheTime: 0 });
  const [address] = await publicClient.request({ method: "eth_accounts" });
  if (address === undefined) throw new Error("the chain has no account");
  const account = { address, type: "json-rpc" } as const;
  const walletClient = createClient({ account, transport, pollingInterval: 20, cacheTime: 0 });
  const chainseal = await deployChainseal({ publicClient, walletClient }, { workers: 0 });
  const { abi, bytecode } = await readArtifact(JOB_MARKET);
  const data = encodeDeployData({ abi, bytecode, args: [chainseal.address] });
  const hash = await sendRaw(walletClient, { data, chain: null });
  const { contractAddress } = await waitForTransactionReceipt(publicClient, { hash });
  if (!contractAddress) throw new Error("the market was not deployed");
  // The challenge lies some blocks behind the newest.
  await publicClient.request({ method: "anvil_mine", params: ["0x8"] } as never);
  return { anvil, publicClient, walletClient, chainseal, market: contractAddress, marketAbi: abi };
}

type World = Awaited<ReturnType<typeof createWorld>>;

/** What the steps tell each other. */
interface Journey {
  world(): Promise<World>;
  worker: RunningWorker | undefined;
  jobs: number;
}

/** Has `identity` sign a call of the market and the chain's account carry it. */
async function callMarket(
  { publicClient, walletClient, market, marketAbi }: World,
  identity: RunningWorker["identity"] | PrivateKeyAccount,
  functionName: string,
  args: readonly unknown[],
) {
  const data = encodeFunctionData({ abi: marketAbi, functionName, args });
  const account = identity as PrivateKeyAccount;
  const call = await signWorkerCall(publicClient, { address: market, account, data });
  return carryWorkerCall(walletClient, { address: market, call });
}

/** Anyone may post a job; it names the program whose workers may take it. */
async function postJob(journey: Journey, programId: Deployment["programId"]): Promise<bigint> {
  const { walletClient, market, marketAbi } = await journey.world();
  const args = [programId, "0x"];
  const data = encodeFunctionData({ abi: marketAbi, functionName: "post", args });
  await sendTransaction(walletClient, { to: market, data });
  return BigInt(journey.jobs++);
}

/** The refusal that a step expects of the gate, with the status that the registry gives. */
async function refusedBy(call: Promise<unknown>, status: string): Promise<StepResult> {
  try {
    await call;
    return { ok: false, lines: ["The gate let it in."], data: {} };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { code, message, found } = error;
    return {
      ok: code === "WORKER_NOT_VALID" && String(found).includes(status),
      lines: [`The gate refuses: ${code}, ${found}.`],
      data: { code, message, status },
    };
  }
}

const gasRow = (name: string, gas: number, note: string) =>
  `  ${name.padEnd(16)}${inGas(gas).padStart(10)} gas  ${note}`;

function workerRegistered(journey: Journey): Step {
  return {
    name: "worker-registered",
    title: "Boot a simulated TDX machine, and register it as a worker in one transaction",
    async run() {
      const { chainseal, publicClient, walletClient } = await journey.world();
      const { address: registry, programId, platform } = chainseal;
      let transaction: `0x${string}` | undefined;
      journey.worker = registerOnBoot({
        client: publicClient,
        registry,
        programId,
        approvalId: 1,
        provider: simulatorProvider({ platform }),
        submit: direct({ walletClient }),
        // A chain of one machine has no other to disagree with.
        confirmation: "latest",
        limits: { polling: 50 },
        onEvent: (event) => {
          if (event.name === "submitted") transaction = event.reference as `0x${string}`;
        },
      });
      const { validUntil, challengeBlock } = await journey.worker.ready;
      const { address: identity } = journey.worker.identity;
      const question = { address: registry, programId, identity, blockTag: "latest" } as const;
      const { valid, status } = await isWorkerValid(publicClient, question);
      const receipt = await publicClient.request({
        method: "eth_getTransactionReceipt",
        params: [transaction ?? "0x"],
      });
      const gas = Number(receipt?.gasUsed ?? 0);
      return {
        ok: valid,
        lines: [
          "A chain whose contracts trust a simulator's root: a development deployment, which says so.",
          `The machine made a key in memory, ${identity},`,
          `quoted it with the hash of block ${challengeBlock}, and sent the quote in a transaction of its own.`,
          `The registry: ${status}, until ${isoTime(validUntil)}.`,
          gasRow("Chainseal", gas, "quote verified, PCK certificate known, worker recorded"),
          gasRow(registrationPeer.name, registrationPeer.gas, registrationPeer.note),
        ],
        data: {
          identity,
          status,
          validUntil,
          gas,
          peers: { [registrationPeer.name]: registrationPeer.gas },
        },
      };
    },
  };
}

function identityOf(journey: Journey): RunningWorker["identity"] {
  if (journey.worker === undefined) throw new Error("no worker was registered");
  return journey.worker.identity;
}

function gateOpens(journey: Journey): Step {
  return {
    name: "gate-opens",
    title: "Let it into a contract that someone else wrote",
    async run() {
      const world = await journey.world();
      const identity = identityOf(journey);
      const job = await postJob(journey, world.chainseal.programId);
      const { gasUsed } = await callMarket(world, identity, "take", [job]);
      return {
        ok: true,
        lines: [
          "A job market guards its functions with `onlyWorkerOf(programId)`.",
          `The worker, which holds no gas, signed that it takes job ${job}; another account carried it.`,
          `The market let it in: ${inGas(Number(gasUsed))} gas for the whole transaction.`,
        ],
        data: { job: Number(job), worker: identity.address, gas: Number(gasUsed) },
      };
    },
  };
}

function strangerRefused(journey: Journey): Step {
  return {
    name: "stranger-refused",
    title: "Keep a stranger out",
    async run() {
      const world = await journey.world();
      const job = await postJob(journey, world.chainseal.programId);
      const stranger = privateKeyToAccount(generatePrivateKey());
      const call = callMarket(world, stranger, "take", [job]);
      const result = await refusedBy(call, "WORKER_UNKNOWN");
      const lines = [`A key that no TD made signs that it takes job ${job}.`, ...result.lines];
      return { ...result, lines };
    },
  };
}

function revokedGateShuts(journey: Journey): Step {
  return {
    name: "revoked-gate-shuts",
    title: "Revoke the worker, and see the gate shut",
    async run() {
      const world = await journey.world();
      const { address, programId } = world.chainseal;
      const identity = identityOf(journey);
      await revokeWorker(world.walletClient, { address, programId, identity: identity.address });
      const call = callMarket(world, identity, "answer", [0n, "0x00"]);
      const result = await refusedBy(call, "REVOKED");
      const lines = [
        "The program's owner revokes it. With the next block it may not even answer the job it took.",
        ...result.lines,
      ];
      return { ...result, lines };
    },
  };
}

/** The part of the journey in which a machine becomes a worker: one chain for all of its steps. */
export function createRegistrySteps(): RegistrySteps {
  let starting: Promise<World> | undefined;
  const journey: Journey = {
    world() {
      starting ??= createWorld();
      return starting;
    },
    worker: undefined,
    jobs: 0,
  };
  return {
    steps: [
      workerRegistered(journey),
      gateOpens(journey),
      strangerRefused(journey),
      revokedGateShuts(journey),
    ],
    async stop() {
      await journey.worker?.stop();
      // A chain that did not start has said so in its step, and has ended.
      const world = await starting?.catch(() => undefined);
      await world?.anvil.stop();
    },
  };
}
