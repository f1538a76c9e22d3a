import type { AbiParameter } from "viem";
import type { ErrorDetails } from "../../errors.ts";
import { textInHex } from "./text-in-hex.ts";

/** Names of an enum's members by its type in an ABI, such as `enum Part`. */
export type EnumNames = Readonly<Record<string, readonly string[]>>;

/** An error of a contract, as viem decodes it. */
export interface DecodedContractError {
  readonly abiItem: { readonly inputs?: readonly AbiParameter[] };
  readonly args?: readonly unknown[] | undefined;
}

/** Errors whose wider numbers are Unix seconds. */
const OF_TIME =
  /_(NOT_YET_VALID|EXPIRED|NOT_NEWER|NOT_SHORTENED|NOT_YET_IN_FORCE|NOT_OVER|PAUSED|USED)$|^TCB_EVALUATION_NUMBER_SUPERSEDED$/;
/** Its numbers are blocks. */
const OF_BLOCKS = "CHALLENGE_NOT_NEWER";
/** The last second that a Date can hold. */
const LAST_TIME = 8_640_000_000_000n;

function textOfValue(
  code: string,
  { type, internalType }: AbiParameter,
  value: unknown,
  enums: EnumNames,
): string {
  const names = internalType === undefined ? undefined : enums[internalType];
  if (names !== undefined) return names[Number(value)] ?? `${internalType} ${value}`;
  if (type === "bytes32" || type === "bytes") return textInHex(String(value)) ?? String(value);
  const mayBeTime = OF_TIME.test(code) && code !== OF_BLOCKS;
  const isTime = mayBeTime && (type === "uint256" || type === "uint32");
  if (isTime && typeof value !== "object" && BigInt(Number(value)) <= LAST_TIME) {
    return new Date(Number(value) * 1000).toISOString().replace(".000Z", "Z");
  }
  if (type === "uint160") return `serial 0x${BigInt(String(value)).toString(16)}`;
  return String(value);
}

const NAMED = new Set(["expected", "found", "subject"]);

/**
 * What a contract's error says, in the words of `ChainsealError`: its arguments `expected`, `found`
 * and `subject` under these names, all others as part of `found`.
 */
export function errorDetails(
  code: string,
  { abiItem, args }: DecodedContractError,
  enums: EnumNames,
): ErrorDetails {
  const values = new Map(
    (abiItem.inputs ?? []).map((input, index) => [
      input.name ?? "",
      textOfValue(code, input, args?.[index], enums),
    ]),
  );
  const others = [...values].filter(([name]) => !NAMED.has(name));
  const found = [
    ...(values.has("found") ? [values.get("found")] : []),
    ...others.map(([name, value]) => `${name} ${value}`),
  ].join(", ");
  const expected = values.get("expected");
  const subject = values.get("subject");
  return {
    ...(expected === undefined ? {} : { expected }),
    ...(found === "" ? {} : { found }),
    ...(subject === undefined ? {} : { subject }),
  };
}
