import {
  type Account,
  type Address,
  type Client,
  createClient,
  type Hex,
  type HttpTransport,
  http,
} from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { toHex } from "../../sdk/bytes.ts";
import { deployAttestation } from "../../sdk/contracts/deploy.ts";
import { decodeAttestationError, TRANSACTION_GAS_CAP } from "../../sdk/tdx/onchain/index.ts";
import { CliError } from "../support/errors.ts";
import { type Anvil, startAnvil } from "./anvil.ts";

type LocalClient = Client<HttpTransport, undefined, Account>;

/** A throw-away chain with the attestation contract on it, whose clock stands where it is set. */
export interface LocalChain {
  readonly url: string;
  readonly client: LocalClient;
  readonly address: Address;
  /** Gas of each contract's deployment. */
  readonly deployment: Readonly<Record<string, bigint>>;
  /** Back to the state right after deployment, with the clock at `at` from then on. */
  reset(at: number): Promise<void>;
  stop(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const POLLING_MS = 5;

/** Waits for a viem action, with whatever it throws decoded. */
async function decoding<T>(action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (error) {
    throw decodeAttestationError(error);
  }
}

/** A request to the local chain that viem has no action for. */
async function request(client: LocalClient, method: string, params: unknown[]): Promise<unknown> {
  return decoding<unknown>(client.request({ method, params } as never));
}

async function connect(url: string): Promise<LocalClient> {
  const transport = http(url, { timeout: REQUEST_TIMEOUT_MS, retryCount: 0 });
  const unnamed = createClient({ transport });
  const [address] = await decoding(unnamed.request({ method: "eth_accounts" }));
  if (address === undefined) throw new CliError("CHAIN_NOT_STARTED", { found: "no account" });
  // The chain signs with its own account: no key is needed here.
  const account = { address, type: "json-rpc" } as const;
  return createClient({ account, transport, pollingInterval: POLLING_MS, cacheTime: 0 });
}

async function deploy(client: LocalClient, data: Hex): Promise<{ address: Address; gas: bigint }> {
  const { account } = client;
  const transaction = { from: account.address, data, gas: `0x${TRANSACTION_GAS_CAP.toString(16)}` };
  const hash = (await request(client, "eth_sendTransaction", [transaction])) as Hex;
  const { status, contractAddress, gasUsed } = await decoding(
    waitForTransactionReceipt(client, { hash, timeout: REQUEST_TIMEOUT_MS }),
  );
  if (status !== "success" || !contractAddress) {
    throw new CliError("CHAIN_NOT_STARTED", { found: "a contract was not deployed" });
  }
  return { address: contractAddress, gas: gasUsed };
}

/** Once in a block, the time stays in all that follow: the interval between them is none. */
async function stopClock(client: LocalClient, at: number): Promise<void> {
  await request(client, "anvil_setBlockTimestampInterval", [0]);
  await request(client, "evm_setNextBlockTimestamp", [at]);
  await request(client, "evm_mine", []);
}

async function prepare(anvil: Anvil, root: Uint8Array): Promise<LocalChain> {
  const client = await connect(anvil.url);
  const deployment: Record<string, bigint> = {};
  await request(client, "anvil_setBlockTimestampInterval", [0]);
  const address = await deployAttestation(
    toHex(root),
    client.account.address,
    async (name, data) => {
      const deployed = await deploy(client, data);
      deployment[name] = deployed.gas;
      return deployed.address;
    },
  );
  let snapshot = await request(client, "evm_snapshot", []);
  return {
    url: anvil.url,
    client,
    address,
    deployment,
    async reset(at) {
      await request(client, "evm_revert", [snapshot]);
      snapshot = await request(client, "evm_snapshot", []);
      await stopClock(client, at);
    },
    stop: () => anvil.stop(),
  };
}

export interface LocalChainOptions {
  /** The root certificate that the contract trusts, as DER. */
  readonly root: Uint8Array;
  /** Unix seconds. */
  readonly earliest: number;
  /** Default: osaka. */
  readonly hardfork?: string;
}

/**
 * Starts a local chain with the attestation contract under `root` (DER). Its clock may be set to
 * any time from `earliest` on. Errors: `CHAIN_NOT_INSTALLED`, `CHAIN_NOT_STARTED`,
 * `CONTRACTS_NOT_COMPILED`.
 */
export async function startLocalChain({
  root,
  earliest,
  hardfork,
}: LocalChainOptions): Promise<LocalChain> {
  const timestamp = Math.max(0, earliest - 1);
  const anvil = await startAnvil({ timestamp, ...(hardfork === undefined ? {} : { hardfork }) });
  try {
    return await prepare(anvil, root);
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}
