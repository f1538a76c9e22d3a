import { ChainsealError, type ErrorDetails } from "../errors.ts";

/** What can be wrong with compiled contracts. */
export const contractsErrors = {
  CONTRACTS_NOT_COMPILED: {
    summary: "The contracts could not be compiled or found",
    remedy: "In a checkout run `npm run build`; a built package brings them along.",
  },
  DEPLOYMENT_FAILED: {
    summary: "A contract was not deployed",
    remedy: "Check that the account has funds and that the chain takes transactions of 16.7M gas.",
  },
} as const;

export type ContractsErrorCode = keyof typeof contractsErrors;

/** Thrown by what deploys contracts. */
export class ContractsError extends ChainsealError {
  override readonly name: string = "ContractsError";
  declare readonly code: ContractsErrorCode;

  constructor(code: ContractsErrorCode, details: ErrorDetails = {}) {
    super(code, contractsErrors[code].summary, details);
  }
}
