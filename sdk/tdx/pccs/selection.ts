import { fromHex, type Hex, toHex } from "../../bytes.ts";
import { invalidParameter } from "./errors.ts";

/** Which collateral to fetch. */
export interface CollateralSelection {
  /** Platform type, 6 bytes: from the PCK certificate, in `PckPlatform`. */
  readonly fmspc: Hex;
  /** Which CA issued the PCK certificate. */
  readonly pckCa: "platform" | "processor";
  /**
   * `standard` (Intel's default) is what Intel enforces now; `early` has a new TCB recovery as soon
   * as it is published, months before.
   */
  readonly update?: "early" | "standard";
  /**
   * One TCB recovery by its number, instead of `update`. A PCCS that only knows `update` answers
   * with another number, which is refused.
   */
  readonly tcbEvaluationDataNumber?: number;
}

const MAX_TCB_EVALUATION_DATA_NUMBER = 0xffff_ffff;

/**
 * Checks what a caller asks for; the FMSPC comes back in lower case. `update` and
 * `tcbEvaluationDataNumber` exclude each other: Intel's service answers both with 400.
 *
 * Errors: `PCCS_PARAMETER_INVALID`.
 */
export function readSelection(selection: CollateralSelection): CollateralSelection {
  const { fmspc, pckCa, update, tcbEvaluationDataNumber: number } = selection;
  const bytes = typeof fmspc === "string" ? fromHex(fmspc) : undefined;
  if (bytes?.length !== 6) throw invalidParameter("fmspc", "6 bytes in hex", String(fmspc));
  if (pckCa !== "platform" && pckCa !== "processor") {
    throw invalidParameter("pckCa", "platform or processor", String(pckCa));
  }
  if (update !== undefined && update !== "early" && update !== "standard") {
    throw invalidParameter("update", "early or standard", String(update));
  }
  if (
    number !== undefined &&
    !(Number.isInteger(number) && number >= 0 && number <= MAX_TCB_EVALUATION_DATA_NUMBER)
  ) {
    throw invalidParameter("tcbEvaluationDataNumber", "a 32-bit number", String(number));
  }
  if (update !== undefined && number !== undefined) {
    throw invalidParameter("update", "either update or tcbEvaluationDataNumber", "both");
  }
  return {
    fmspc: toHex(bytes),
    pckCa,
    ...(update === undefined ? {} : { update }),
    ...(number === undefined ? {} : { tcbEvaluationDataNumber: number }),
  };
}
