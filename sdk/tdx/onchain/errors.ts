import { ChainsealError, type ErrorDetails } from "../../errors.ts";
import { type TdxErrorCode, tdxErrors } from "../errors.ts";
import { chainErrors, contractErrors } from "./error-table.ts";

/** Every way in which a verdict or an upload on chain can fail, with what to do about it. */
export const onchainErrors = { ...tdxErrors, ...contractErrors, ...chainErrors } as const;

export type OnchainErrorCode =
  | TdxErrorCode
  | keyof typeof contractErrors
  | keyof typeof chainErrors;

/**
 * Thrown by what asks a chain. The contract's refusals have the codes of `TdxError`, wherever both
 * make the same check. It never carries an RPC address, which may hold a key.
 */
export class OnchainError extends ChainsealError {
  override readonly name: string = "OnchainError";
  declare readonly code: OnchainErrorCode;

  constructor(code: OnchainErrorCode, details: ErrorDetails = {}) {
    super(code, onchainErrors[code].summary, details);
  }
}

/** An argument that the caller got wrong, found before any request. */
export function invalidParameter(
  subject: string,
  expected: string,
  found: string | number,
): OnchainError {
  return new OnchainError("ONCHAIN_PARAMETER_INVALID", { subject, expected, found });
}
