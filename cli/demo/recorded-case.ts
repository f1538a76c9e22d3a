import type { QuoteCollateral } from "../../sdk/tdx/index.ts";
import { packageFile } from "../support/input.ts";

/** A quote of a TDX machine and the collateral that Intel served at the time. */
const FOLDER = "test/vectors/tdx/v4-00806f050000-0b7c5579";
const COLLATERAL = "collateral-20260715-eval19.json";
/** 2026-07-15T08:03:03Z, when that collateral was in force. */
export const AT = 1_784_102_583;
/** A byte of MRTD, the measurement of the TD's initial memory. */
export const FLIPPED_BYTE = 48 + 136 + 7;

export interface RecordedCase {
  readonly quote: Uint8Array;
  readonly collateral: QuoteCollateral;
}

export async function readCase(): Promise<RecordedCase> {
  const text = new TextDecoder().decode(await packageFile(`${FOLDER}/${COLLATERAL}`));
  const collateral = JSON.parse(text) as QuoteCollateral;
  return { quote: await packageFile(`${FOLDER}/quote.bin`), collateral };
}

/** The same quote with one bit of what was measured flipped. */
export function flipBit(quote: Uint8Array): Uint8Array {
  const flipped = new Uint8Array(quote);
  flipped[FLIPPED_BYTE] = (flipped[FLIPPED_BYTE] ?? 0) ^ 1;
  return flipped;
}
