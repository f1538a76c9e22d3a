import { concatHex, decodeAbiParameters, type Hex, numberToHex, size } from "viem";
import { call } from "viem/actions";
import { decodeAttestationError } from "../../../sdk/tdx/onchain/index.ts";
import type { RpcClient } from "../rpc.ts";

/** What a call of a precompile gave, from inside the chain's virtual machine. */
export interface Probed {
  readonly success: boolean;
  /** What the call itself took, without the instructions around it. */
  readonly gas: number;
  readonly output: Hex;
}

const push2 = (value: number): Hex => concatHex(["0x61", numberToHex(value, { size: 2 })]);
/** Five pushes, GAS before and after, and a call of a warm address (EIP-2929). */
const AROUND = 5 * 3 + 2 * 2 + 100;

/**
 * Creation code that calls `address` with `input` and gives back, in place of code: success, gas,
 * length and bytes of the output. Nothing is deployed: a call without a recipient runs it.
 */
function probeCode(address: Hex, input: Hex, outputLength: number): Hex {
  const inputLength = size(input);
  const result = Math.ceil(inputLength / 32) * 32;
  const output = result + 96;
  const end = output + outputLength;
  const store = (offset: number): Hex => concatHex([push2(offset), "0x52"]);
  const body = (codeLength: number): Hex =>
    concatHex([
      // CODECOPY(0, codeLength, inputLength); then memory is made as large as it will be.
      ...[push2(inputLength), push2(codeLength), "0x6000", "0x39"],
      ...["0x6000", store(end)],
      "0x5a",
      ...[push2(outputLength), push2(output), push2(inputLength), "0x6000"],
      ...["0x73", address, "0x5a", "0xfa"],
      "0x5a",
      // [g0, success, g1] -> memory: success, g0 - g1, RETURNDATASIZE.
      ...["0x90", store(result), "0x90", "0x03", store(result + 32), "0x3d", store(result + 64)],
      ...[push2(end - result), push2(result), "0xf3"],
    ] as Hex[]);
  const code = body(0);
  return concatHex([body(size(code)), input]);
}

/** Runs creation code in a call and gives what it returns. Errors: the `CHAIN_…` codes. */
export async function runCode(client: RpcClient, data: Hex): Promise<Hex> {
  try {
    return (await call(client, { data })).data ?? "0x";
  } catch (error) {
    throw decodeAttestationError(error);
  }
}

/** Calls a precompile and measures it. */
export async function probe(
  client: RpcClient,
  address: Hex,
  input: Hex,
  outputLength: number,
): Promise<Probed> {
  const answer = await runCode(client, probeCode(address, input, outputLength));
  const head = answer.slice(0, 2 + 3 * 64) as Hex;
  const [success, gas, length] = decodeAbiParameters(
    [{ type: "bool" }, { type: "uint256" }, { type: "uint256" }],
    head,
  );
  const kept = Math.min(Number(length), outputLength);
  const start = 2 + 3 * 64;
  return {
    success,
    gas: Number(gas) - AROUND,
    output: `0x${answer.slice(start, start + 2 * kept)}`,
  };
}
