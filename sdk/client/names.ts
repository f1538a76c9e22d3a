/** `WorkerStatus` of `contracts/registry/RegistryTypes.sol`, by value. */
export const workerStatuses = [
  "VALID",
  "PROGRAM_UNKNOWN",
  "WORKER_UNKNOWN",
  "REVOKED",
  "COLLATERAL_EXPIRED",
  "ATTESTATION_TOO_OLD",
  "TCB_STATUS_NOT_ACCEPTED",
  "TCB_GRACE_PERIOD_OVER",
  "TCB_EVALUATION_NUMBER_TOO_LOW",
  "SEPT_VE_DISABLE_REQUIRED",
  "REEVALUATION_NEEDED",
  "APPROVAL_WITHDRAWN",
  "PLATFORM_REVOKED",
  "PLATFORM_NOT_ADMITTED",
  "GPU_REQUIRED",
] as const;

/** Why a worker is not valid, or `VALID`. */
export type WorkerStatus = (typeof workerStatuses)[number];

/** `Admission` of the same file, by value; no program has the first. */
export const admissions = ["NONE", "LIST", "COSIGN", "OPEN"] as const;

/** How a program chooses the machines it admits. */
export type Admission = Exclude<(typeof admissions)[number], "NONE">;

/** `ApplicationRegister` of the same file, by value. */
export const applicationRegisters = ["MRCONFIGID", "RTMR3"] as const;

/** Where a TD's measurements name the application. */
export type ApplicationRegister = (typeof applicationRegisters)[number];
