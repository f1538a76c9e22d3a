import { size } from "viem";
import { fromHex, type Hex } from "../../bytes.ts";
import { uploadCalldata, verifyQuoteCalldata } from "./calldata.ts";
import type { BuiltEvidence } from "./evidence.ts";
import { executionGas } from "./execution-gas.ts";

/** What every transaction pays (EIP-2, Specification; Yellow Paper, appendix G). */
const TRANSACTION = 21_000;
/** For each byte of calldata, zero or not (EIP-2028, Specification). */
const CALLDATA = { zero: 4, nonZero: 16 } as const;
/**
 * The least for each byte, whatever is executed (EIP-7623, Specification): 10 a token, of which a
 * zero byte is one and any other byte four.
 */
const FLOOR = { zero: 10, nonZero: 40 } as const;

/** What one call is expected to take when sent as a transaction of its own. */
export interface GasOfCall {
  /** Calldata, in bytes. */
  readonly calldataBytes: number;
  /** 21,000 and the calldata at 4 and 16 gas a byte. */
  readonly intrinsicGas: number;
  /** The least that the transaction pays: 21,000 and the calldata at 10 and 40 gas a byte. */
  readonly floorGas: number;
  readonly executionGas: number;
  /** The larger of the floor and of intrinsic gas and execution together. */
  readonly totalGas: number;
}

export interface EstimatedVerification {
  /** A quote whose PCK certificate the chain knows, of a TCB that is up to date. */
  readonly verifyQuote: GasOfCall;
  /** The same for a TCB that is not. */
  readonly verifyQuoteOutOfDate: GasOfCall;
  /** Once for each PCK certificate, before that. */
  readonly cachePckCertificate: GasOfCall;
  /** Both for a TCB that is up to date: the first quote of a machine. */
  readonly totalGasUncached: number;
}

function gasOf(calldata: Hex, execution: number): GasOfCall {
  const bytes = fromHex(calldata) ?? new Uint8Array();
  const zeros = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  const nonZeros = bytes.length - zeros;
  const at = (price: { zero: number; nonZero: number }) =>
    TRANSACTION + price.zero * zeros + price.nonZero * nonZeros;
  const intrinsicGas = at(CALLDATA);
  const floorGas = at(FLOOR);
  return Object.freeze({
    calldataBytes: size(calldata),
    intrinsicGas,
    floorGas,
    executionGas: execution,
    totalGas: Math.max(floorGas, intrinsicGas + execution),
  });
}

/**
 * What verifying this evidence on chain is expected to take, without asking a chain: calldata
 * exactly, execution as measured on a chain with P-256 by precompile. A call from another contract
 * pays the execution alone; a rollup takes a fee for the data besides.
 *
 * @example
 * import { buildEvidence, estimateVerification } from "chainseal/sdk/tdx/onchain";
 *
 * const built = buildEvidence(quoteBytes, { collateral });
 * const { verifyQuote, totalGasUncached } = estimateVerification(built);
 */
export function estimateVerification(built: BuiltEvidence): EstimatedVerification {
  const { evidence, pckCertificate, issuerId } = built;
  const calldata = verifyQuoteCalldata(evidence);
  const verifyQuote = gasOf(calldata, executionGas.verifyQuote);
  const cachePckCertificate = gasOf(
    uploadCalldata({
      part: "PCK certificate",
      functionName: "cachePckCertificate",
      args: [pckCertificate, issuerId],
      leaf: evidence.leaf,
    }),
    executionGas.cachePckCertificate,
  );
  return Object.freeze({
    verifyQuote,
    verifyQuoteOutOfDate: gasOf(calldata, executionGas.verifyQuoteOutOfDate),
    cachePckCertificate,
    totalGasUncached: verifyQuote.totalGas + cachePckCertificate.totalGas,
  });
}
