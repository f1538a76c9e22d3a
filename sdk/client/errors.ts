import { ChainsealError, type ErrorDetails } from "../errors.ts";
import { auditErrors, clientErrors, gateErrors, registryErrors } from "./error-table.ts";

/** Every way in which the registry, a gate or this client refuses, with what to do about it. */
export const allRegistryErrors = {
  ...registryErrors,
  ...gateErrors,
  ...clientErrors,
  ...auditErrors,
} as const;

export type RegistryErrorCode = keyof typeof allRegistryErrors;

/**
 * Thrown by what reads and writes the registry. What the attestation contract refuses inside a
 * registration, and what goes wrong on the way to the chain, is an `OnchainError`.
 */
export class RegistryError extends ChainsealError {
  override readonly name: string = "RegistryError";
  declare readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, details: ErrorDetails = {}) {
    super(code, allRegistryErrors[code].summary, details);
  }
}

/** An argument that the caller got wrong, found before any request. */
export function invalidArgument(
  subject: string,
  expected: string,
  found: string | number,
): RegistryError {
  return new RegistryError("CLIENT_PARAMETER_INVALID", { subject, expected, found });
}
