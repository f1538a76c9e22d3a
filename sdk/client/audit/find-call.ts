import {
  type Abi,
  type ContractFunctionName,
  type DecodeFunctionDataReturnType,
  decodeFunctionData,
  type Hex,
  toFunctionSelector,
} from "viem";
import { getTransaction } from "viem/actions";
import { type ChainClient, decodingBy } from "../../tdx/onchain/contract.ts";
import { decodeRegistryError } from "../decode-error.ts";
import { RegistryError } from "../errors.ts";

/** More than any block carries today. */
const MAX_INPUT_DIGITS = 2 * 4 * 1024 * 1024;
/** Four bytes occur by chance once in 4 billion; whoever plants more is not worth the time. */
const MAX_CANDIDATES = 256;

export interface FoundCall<args> {
  readonly args: args;
  /** Whether the transaction itself was this call; else it stood inside another contract's. */
  readonly isDirect: boolean;
  readonly to: Hex | null;
}

type Decoded<abi extends Abi, name extends ContractFunctionName<abi>> = Extract<
  DecodeFunctionDataReturnType<abi>,
  { functionName: name }
>["args"];

/**
 * Finds a call in a transaction's calldata: the transaction itself, or one that another contract was
 * given to make, byte for byte, as multicalls and smart accounts take them. `accept` says whether it
 * is the call that is looked for: these bytes are anyone's.
 *
 * `undefined`: the calldata does not hold it, so the other contract put it together itself.
 */
export async function findCall<const abi extends Abi, name extends ContractFunctionName<abi>>(
  client: ChainClient,
  transactionHash: Hex,
  wanted: {
    readonly abi: abi;
    readonly functionName: name;
    readonly contract: Hex;
    readonly accept: (args: Decoded<abi, name>) => boolean;
  },
): Promise<FoundCall<Decoded<abi, name>> | undefined> {
  const decoding = decodingBy(decodeRegistryError);
  const { input, to } = await decoding(getTransaction(client, { hash: transactionHash }));
  const { abi, functionName, contract, accept } = wanted;
  const item = abi.find((entry) => entry.type === "function" && entry.name === functionName);
  if (item?.type !== "function") return undefined;
  const selector = toFunctionSelector(item).slice(2);
  const digits = input.slice(2).toLowerCase();
  if (digits.length > MAX_INPUT_DIGITS) return undefined;
  let candidates = 0;
  for (let at = digits.indexOf(selector); at >= 0; at = digits.indexOf(selector, at + 1)) {
    if (at % 2 !== 0) continue;
    if (++candidates > MAX_CANDIDATES) return undefined;
    try {
      const data: Hex = `0x${digits.slice(at)}`;
      const decoded = decodeFunctionData({ abi: [item], data });
      // The item is the one of this name, so these are its arguments.
      const args = decoded.args as Decoded<abi, name>;
      if (!accept(args)) continue;
      const isDirect = at === 0 && to?.toLowerCase() === contract.toLowerCase();
      return { args, isDirect, to };
    } catch {
      // Four bytes that are no selector.
    }
  }
  return undefined;
}

/** For calldata that cannot be read back. */
export function unreadable(part: string, transactionHash: Hex, to: Hex | null): RegistryError {
  return new RegistryError("AUDIT_CALLDATA_UNREADABLE", {
    subject: part,
    expected: "the call, whole, in the transaction's calldata",
    found: `transaction ${transactionHash} to ${to ?? "a new contract"}`,
  });
}
