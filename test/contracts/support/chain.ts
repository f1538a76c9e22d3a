import { network } from "hardhat";
import {
  type Abi,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  isHex,
  parseAbi,
  toHex,
} from "viem";
import {
  type CollateralUpload,
  decodeAttestationError,
  type OnchainVerdict,
  type TdxEvidence,
  tdxAttestationAbi,
  uploadCalldata,
  verifyQuoteCalldata,
} from "../../../sdk/tdx/onchain/index.ts";
import { type RawVerdict, readVerdict } from "../../../sdk/tdx/onchain/verdict.ts";

/** The most gas that one transaction may have (EIP-7825). */
export const GAS_CAP = 16_777_216n;

/** Before all evidence of the tests; the roots are valid already. */
const BEGINNING = Date.parse("2022-01-01T00:00:00Z") / 1000;

export const LIBRARIES = [
  "P256Fallback",
  "Certificate",
  "CrlReader",
  "QeIdentityReader",
  "TcbInfoReader",
] as const;

/** What a transaction ended in: its gas, and the code of the error where it was refused. */
export interface Sent {
  readonly gas: number;
  /** A code of `docs/errors.md`; undefined where it was carried out. */
  readonly code?: string;
  readonly logs: readonly { readonly topics: readonly Hex[]; readonly data: Hex }[];
}

/** What a call gave, or the code of the error that it was refused with. */
export type Called = { readonly gas: number } & (
  | { readonly data: Hex }
  | { readonly code: string }
);

export interface ChainOptions {
  /** DER. */
  readonly root: Uint8Array;
  readonly hardfork?: string;
  /** Unix seconds at which the contract is deployed. */
  readonly deployedAt?: number;
  /** Default: TdxAttestation; a contract with the same libraries and constructor. */
  readonly contract?: string;
}

type Connection = Awaited<ReturnType<typeof network.create>>;

/** The data that a contract reverted with, wherever the node's error has it. */
function revertData(error: unknown): Hex | undefined {
  for (let current = error, depth = 0; depth < 6; depth++) {
    if (typeof current !== "object" || current === null) return undefined;
    const data: unknown = Reflect.get(current, "data");
    if (isHex(data)) return data;
    const inner: unknown = typeof data === "object" && data !== null && Reflect.get(data, "data");
    if (isHex(inner)) return inner;
    current = Reflect.get(current, "cause");
  }
  return undefined;
}

/** The selector of Panic(uint256): what no input may ever provoke. */
const PANIC = "0x4e487b71";

/** The code of the error that the contract reverted with. A panic, or no reason, fails the test. */
function codeIn(data: Hex): string {
  if (data.startsWith(PANIC)) throw new Error(`the contract panicked: ${data}`);
  const { code, found } = decodeAttestationError(data);
  if (code === "CALL_REVERTED") throw new Error(`the contract reverted with ${found}`);
  return code;
}

const attemptAbi = parseAbi([
  "function attempt(address target, bytes data) returns (bool isAccepted, bytes answer, uint256 gas)",
]);

/**
 * One attestation contract on a chain of its own, whose clock stands where it is put. Blocks may
 * have the same time, so that a case can be played at one second.
 */
export class AttestationChain {
  readonly provider: Connection["provider"];
  readonly address: Hex;
  /** Who sends, and is the guardian. */
  readonly from: Hex;
  /** Another account. */
  readonly stranger: Hex;
  readonly #attempt: Hex;

  private constructor(
    provider: Connection["provider"],
    addresses: { address: Hex; from: Hex; stranger: Hex; attempt: Hex },
  ) {
    this.provider = provider;
    this.address = addresses.address;
    this.from = addresses.from;
    this.stranger = addresses.stranger;
    this.#attempt = addresses.attempt;
  }

  static async create({
    root,
    hardfork = "osaka",
    deployedAt = BEGINNING,
    contract = "TdxAttestation",
  }: ChainOptions): Promise<AttestationChain> {
    const { viem, provider } = await network.create({
      override: {
        hardfork,
        allowBlocksWithSameTimestamp: true,
        initialDate: new Date((deployedAt - 10) * 1000),
      },
    });
    const [wallet, other] = await viem.getWalletClients();
    if (wallet === undefined || other === undefined) throw new Error("the chain has no accounts");
    const from = wallet.account.address;
    const libraries: Record<string, Hex> = {};
    for (const name of LIBRARIES) {
      libraries[name] = (await viem.deployContract(name)).address;
    }
    const authority = await viem.deployContract("Guardian", [from]);
    const { address } = await viem.deployContract(contract, [toHex(root), authority.address], {
      libraries,
    });
    const attempt = await viem.deployContract("Attempt");
    const stranger = other.account.address;
    return new AttestationChain(provider, { address, from, stranger, attempt: attempt.address });
  }

  /** Puts the clock to `at`, Unix seconds; it cannot go back but by `revert`. */
  async setTime(at: number): Promise<void> {
    await this.provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(at)] });
    await this.provider.request({ method: "evm_mine", params: [] });
  }

  async now(): Promise<number> {
    const block = (await this.provider.request({
      method: "eth_getBlockByNumber",
      params: ["latest", false],
    })) as { timestamp: Hex };
    return Number(block.timestamp);
  }

  async #holdTime(): Promise<void> {
    const at = await this.now();
    await this.provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(at)] });
  }

  async snapshot(): Promise<string> {
    return (await this.provider.request({ method: "evm_snapshot", params: [] })) as string;
  }

  async revert(snapshot: string): Promise<void> {
    await this.provider.request({ method: "evm_revert", params: [snapshot] });
  }

  /** Plays `act` on the state as it is now, and undoes it. */
  async undoing<T>(act: () => Promise<T>): Promise<T> {
    const snapshot = await this.snapshot();
    try {
      return await act();
    } finally {
      await this.revert(snapshot);
    }
  }

  /** Sends a transaction at the time at which the clock stands, unless it would be refused. */
  async send(data: Hex): Promise<Sent> {
    const called = await this.call(data);
    if ("code" in called) return { gas: called.gas, code: called.code, logs: [] };
    return await this.sendAs(this.from, data);
  }

  /** Sends a transaction whatever comes of it. */
  async sendAs(from: Hex, data: Hex): Promise<Sent> {
    await this.#holdTime();
    let code: string | undefined;
    try {
      await this.provider.request({
        method: "eth_sendTransaction",
        params: [{ from, to: this.address, data, gas: toHex(GAS_CAP) }],
      });
    } catch (error) {
      const reason = revertData(error);
      if (reason === undefined) throw error;
      code = codeIn(reason);
    }
    const block = (await this.provider.request({
      method: "eth_getBlockByNumber",
      params: ["latest", false],
    })) as { transactions: Hex[] };
    const receipt = (await this.provider.request({
      method: "eth_getTransactionReceipt",
      params: [block.transactions[0]],
    })) as { gasUsed: Hex; logs: Sent["logs"] };
    const gas = Number(receipt.gasUsed);
    return code === undefined ? { gas, logs: receipt.logs } : { gas, code, logs: [] };
  }

  /** Calls with as much gas as a transaction may have; anyone may be the caller. */
  async call(data: Hex): Promise<Called> {
    const result = (await this.provider.request({
      method: "eth_call",
      params: [
        {
          from: this.from,
          to: this.#attempt,
          data: encodeFunctionData({
            abi: attemptAbi,
            functionName: "attempt",
            args: [this.address, data],
          }),
          gas: toHex(GAS_CAP),
        },
        "latest",
      ],
    })) as Hex;
    const [isAccepted, answer, used] = decodeFunctionResult({
      abi: attemptAbi,
      functionName: "attempt",
      data: result,
    });
    const gas = Number(used);
    return isAccepted ? { data: answer, gas } : { code: codeIn(answer), gas };
  }

  /** What a view of the contract answers; a refusal is thrown. */
  async read<T>(functionName: string, args: readonly unknown[] = []): Promise<T> {
    const abi: Abi = tdxAttestationAbi;
    const called = await this.call(encodeFunctionData({ abi, functionName, args }));
    if ("code" in called) throw new Error(`${functionName}: ${called.code}`);
    return decodeFunctionResult({ abi, functionName, data: called.data }) as T;
  }

  /** The data of a call of the contract. */
  encode(functionName: string, args: readonly unknown[]): Hex {
    const abi: Abi = tdxAttestationAbi;
    return encodeFunctionData({ abi, functionName, args });
  }

  sendTo(functionName: string, args: readonly unknown[]): Promise<Sent> {
    return this.send(this.encode(functionName, args));
  }

  upload(upload: CollateralUpload): Promise<Sent> {
    return this.send(uploadCalldata(upload));
  }

  /** Makes all uploads; the first that is refused ends it, with its code. */
  async uploadAll(uploads: readonly CollateralUpload[]): Promise<string | undefined> {
    for (const upload of uploads) {
      const { code } = await this.upload(upload);
      if (code !== undefined) return code;
    }
    return undefined;
  }

  /** The contract's verdict, or the code of its refusal. */
  async verify(evidence: TdxEvidence): Promise<OnchainVerdict | string> {
    const called = await this.call(verifyQuoteCalldata(evidence));
    if ("code" in called) return called.code;
    const raw = decodeFunctionResult({
      abi: tdxAttestationAbi,
      functionName: "verifyQuote",
      data: called.data,
    });
    return readVerdict(raw as RawVerdict);
  }
}
