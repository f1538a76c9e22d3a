import {
  BaseError,
  type DecodeErrorResultReturnType,
  decodeErrorResult,
  HttpRequestError,
  isHex,
  RpcRequestError,
  TimeoutError,
  WaitForTransactionReceiptTimeoutError,
} from "viem";
import type { Hex } from "../../bytes.ts";
import { ChainsealError } from "../../errors.ts";
import { tdxAttestationAbi } from "./abi.ts";
import { type EnumNames, errorDetails } from "./error-details.ts";
import { OnchainError, type OnchainErrorCode, onchainErrors } from "./errors.ts";
import { derFaults, jsonFaults, parts } from "./parts.ts";

/** `QuoteSignatureInvalid` of the contract is QUOTE_SIGNATURE_INVALID here. */
export function errorCodeOf(errorName: string): string {
  return errorName.replace(/(?<!^)([A-Z])/g, "_$1").toUpperCase();
}

const ENUMS: EnumNames = {
  "enum Part": parts,
  "enum DerFault": derFaults,
  "enum JsonFault": jsonFaults,
};

function isKnown(code: string): code is OnchainErrorCode {
  return Object.hasOwn(onchainErrors, code);
}

type DecodedError = DecodeErrorResultReturnType<typeof tdxAttestationAbi>;

/** What a revert says that is no error of this contract: nothing, a text, or another's data. */
function unknownReason(data: Hex, decoded: DecodedError | undefined): string {
  if (data === "0x") return "no reason";
  if (decoded === undefined) return data;
  const [reason = ""] = (decoded.args ?? []) as readonly unknown[];
  return `${decoded.errorName} ${reason}`.trim();
}

/** Decodes what the contract reverted with. */
function decodeData(data: Hex): OnchainError {
  let decoded: DecodedError | undefined;
  try {
    decoded = decodeErrorResult({ abi: tdxAttestationAbi, data });
  } catch {
    // Not an error of this contract.
  }
  const code = decoded === undefined ? "" : errorCodeOf(decoded.errorName);
  if (decoded !== undefined && isKnown(code)) {
    return new OnchainError(code, errorDetails(code, decoded, ENUMS));
  }
  return new OnchainError("CALL_REVERTED", { found: unknownReason(data, decoded) });
}

/** What a node answered in place of a result, as viem throws it: its revert data, if it sent any. */
export function revertDataIn(error: BaseError): Hex | undefined {
  const holder = error.walk((one) => {
    const data: unknown = typeof one === "object" && one !== null && Reflect.get(one, "data");
    return isHex(data) || (typeof data === "object" && data !== null && "data" in data);
  });
  if (holder === null) return undefined;
  const data: unknown = Reflect.get(holder, "data");
  const inner: unknown =
    typeof data === "object" && data !== null ? Reflect.get(data, "data") : data;
  return isHex(inner) ? inner : undefined;
}

/** The operating system's word for a failed connection, such as ECONNREFUSED. */
function systemCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && typeof current === "object" && current !== null; depth++) {
    const code: unknown = Reflect.get(current, "code");
    if (typeof code === "string" && /^[A-Z_]+$/.test(code)) return code;
    current = Reflect.get(current, "cause");
  }
  return undefined;
}

/** Without its cause: a message of viem names the RPC address, which may hold a key. */
function decodeTransport(error: BaseError): OnchainError {
  const find = <T>(type: abstract new (...args: never[]) => T): T | undefined => {
    const found: unknown = error.walk((one) => one instanceof type);
    return found instanceof type ? found : undefined;
  };
  if (find(WaitForTransactionReceiptTimeoutError)) {
    return new OnchainError("TRANSACTION_NOT_INCLUDED");
  }
  if (find(TimeoutError)) return new OnchainError("CHAIN_TIMEOUT");
  const http = find(HttpRequestError);
  if (http !== undefined) {
    const found = http.status === undefined ? systemCode(http) : `HTTP status ${http.status}`;
    return new OnchainError("CHAIN_UNREACHABLE", found === undefined ? {} : { found });
  }
  const rpc = find(RpcRequestError);
  const found = rpc === undefined ? error.shortMessage : `${rpc.details} (${rpc.code})`;
  return new OnchainError("CHAIN_REQUEST_FAILED", { found: withoutAddresses(found) });
}

/** A node's words without anything that could be an endpoint's address. */
function withoutAddresses(text: string): string {
  return text.replace(/\b\w+:\/\/\S+/g, "(an address)");
}

/**
 * Turns what a call of the attestation contract failed with into an error with the code of
 * `docs/errors.md`, and with `expected`, `found` and `subject` where the contract said them.
 *
 * Takes the data of a revert as hex, or whatever a viem action threw. What it does not know becomes
 * `CALL_REVERTED` (refused by the contract) or one of the `CHAIN_…` codes (never got that far).
 * Errors of Chainseal pass through; anything else is thrown on.
 *
 * @example
 * import { decodeAttestationError } from "chainseal/sdk/tdx/onchain";
 *
 * const { code, found } = decodeAttestationError("0x3f7b…");
 */
export function decodeAttestationError(error: unknown): OnchainError {
  if (isHex(error)) return decodeData(error);
  if (error instanceof OnchainError) return error;
  if (error instanceof ChainsealError || !(error instanceof BaseError)) throw error;
  const data = revertDataIn(error);
  if (data !== undefined) return decodeData(data);
  const isNamed = (name: string) =>
    error.walk((one) => one instanceof Error && one.name === name) !== null;
  if (isNamed("AbiDecodingZeroDataError") || isNamed("ContractFunctionZeroDataError")) {
    return new OnchainError("CONTRACT_MISSING", { found: "no answer" });
  }
  const isRevert = error.walk((one) => one instanceof Error && /Revert/.test(one.name)) !== null;
  if (isRevert) return new OnchainError("CALL_REVERTED", { found: "no reason" });
  return decodeTransport(error);
}
