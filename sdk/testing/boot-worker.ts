import { type Hex, hexToBytes } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { getBlock, getChainId } from "viem/actions";
import { registerWorker } from "../client/register-worker.ts";
import { signRegistration } from "../client/registration.ts";
import type { QuoteCollateral } from "../tdx/collateral.ts";
import type { ChainClient } from "../tdx/onchain/contract.ts";
import { buildEvidence } from "../tdx/onchain/evidence.ts";
import type { Platform, QuoteOptions } from "../tdx/simulator/index.ts";
import type { TestWallet } from "./clients.ts";

/** A simulated machine that registered. */
export interface TestWorker {
  /** Its identity, with the key: it signs calls for `WorkerGate`. */
  readonly account: PrivateKeyAccount;
  readonly identity: Hex;
  /** The raw quote that it registered with. */
  readonly quote: Uint8Array;
  /** keccak256 of its machine's PPID. */
  readonly platformId: Hex;
  /** Of the registration. */
  readonly transactionHash: Hex;
}

export interface BootWorkerOptions {
  /** Default: a new key. A worker that attests again gives its own. */
  readonly account?: PrivateKeyAccount;
  /** Default: the deployment's program. */
  readonly programId?: Hex;
  /** Default: 1, the image that every simulated TD has. */
  readonly approvalId?: number;
  /** The machine. Default: the deployment's. */
  readonly platform?: Platform;
  /** What else of the TD is out of the ordinary. */
  readonly quote?: Omit<QuoteOptions, "reportData">;
}

export interface BootContext {
  readonly publicClient: ChainClient;
  readonly walletClient: TestWallet;
  readonly address: Hex;
  readonly programId: Hex;
  readonly platform: Platform;
  readonly collateral: QuoteCollateral;
}

/** Does what a worker does at boot: key, challenge, quote, registration. */
export async function bootWorker(
  context: BootContext,
  options: BootWorkerOptions = {},
): Promise<TestWorker> {
  const { publicClient, walletClient, address, collateral } = context;
  const account = options.account ?? privateKeyToAccount(generatePrivateKey());
  const programId = options.programId ?? context.programId;
  const platform = options.platform ?? context.platform;
  const { number, hash } = await getBlock(publicClient, { blockTag: "latest" });
  if (number === null || hash === null) throw new Error("the newest block is still pending");
  const { reportData, identitySignature } = await signRegistration({
    account,
    chainId: await getChainId(publicClient),
    registry: address,
    programId,
    challenge: { number, hash },
  });
  const quote = platform.quote({ ...options.quote, reportData: hexToBytes(reportData) });
  const { evidence, pckCertificate } = buildEvidence(quote, { collateral });
  const sent = await registerWorker(walletClient, {
    address,
    registration: {
      request: {
        programId,
        identity: account.address,
        challengeBlock: number,
        approvalId: options.approvalId ?? 1,
        identitySignature,
        ownerSignature: "0x",
      },
      evidence,
      pckCertificate,
    },
  });
  return Object.freeze({
    account,
    identity: account.address,
    quote,
    platformId: evidence.leaf.platformId,
    transactionHash: sent.hash,
  });
}
