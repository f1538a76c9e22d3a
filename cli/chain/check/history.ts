import { type Hex, hexToBigInt, numberToHex, padHex } from "viem";
import { call, getBlock } from "viem/actions";
import { decodeAttestationError } from "../../../sdk/tdx/onchain/index.ts";
import type { RpcClient } from "../rpc.ts";
import type { Finding } from "./finding.ts";
import { runCode } from "./probe.ts";

/** The history contract (EIP-2935): the number of a block in, its hash out; 8,191 blocks. */
const HISTORY = "0x0000F90827F1C53a10cb7A02335B175320002935";

/** NUMBER to memory 0, BLOCKHASH(NUMBER - 1) to memory 32, both given back. */
const BLOCKHASH_CODE = "0x4380600052600190034060205260406000f3";

async function hashAt(client: RpcClient, number: bigint): Promise<Hex | null> {
  try {
    return (await getBlock(client, { blockNumber: number })).hash;
  } catch (error) {
    throw decodeAttestationError(error);
  }
}

async function checkBlockhash(client: RpcClient): Promise<Finding> {
  const answer = await runCode(client, BLOCKHASH_CODE as Hex);
  const number = hexToBigInt(answer.slice(0, 66) as Hex);
  const hash: Hex = `0x${answer.slice(66)}`;
  const about = { name: "BLOCKHASH", required: true } as const;
  if (number === 0n) {
    const found = "the chain has no second block yet";
    return { ...about, status: "missing", found, meaning: "ask again when it has one" };
  }
  const known = await hashAt(client, number - 1n);
  if (known !== null && known === hash) {
    return {
      ...about,
      status: "ok",
      found: `the hash of block ${number - 1n}`,
      meaning: "a quote can be bound to one of the last 256 blocks",
    };
  }
  const isZero = hash === "0x" || hexToBigInt(hash) === 0n;
  return {
    ...about,
    status: isZero ? "missing" : "differs",
    found: isZero ? "no hash" : "not the hash that the endpoint names",
    meaning: "a quote cannot be bound to a recent block",
  };
}

async function checkHistoryContract(client: RpcClient): Promise<Finding> {
  const about = { name: "block hash history (EIP-2935)", required: false } as const;
  const missing = (found: string): Finding => ({
    ...about,
    status: "missing",
    found,
    meaning: "quotes are bound to one of the last 256 blocks, no older one",
  });
  let asked: bigint;
  let data: Hex | undefined;
  try {
    const { number } = await getBlock(client, { blockTag: "latest" });
    if (number === 0n) return missing("the chain has no second block yet");
    asked = number - 1n;
    const input = padHex(numberToHex(asked), { size: 32 });
    data = (await call(client, { to: HISTORY, data: input })).data;
  } catch (error) {
    const decoded = decodeAttestationError(error);
    if (decoded.code !== "CALL_REVERTED") throw decoded;
    return missing("the contract does not answer");
  }
  if (data === undefined || data === "0x") return missing("there is no such contract");
  if (data !== (await hashAt(client, asked))) return missing("it does not hold the hash");
  return {
    ...about,
    status: "ok",
    found: `the hash of block ${asked}`,
    meaning: "a deployment may take quotes of up to 8,191 blocks' age",
  };
}

/** What binds a quote to a time on this chain. */
export async function checkHistory(client: RpcClient): Promise<Finding[]> {
  return [await checkBlockhash(client), await checkHistoryContract(client)];
}
