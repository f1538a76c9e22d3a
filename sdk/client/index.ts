/**
 * The registry of workers and programs, through viem. Reads are of one finalised block that is not
 * too old, and may be asked of several endpoints; writes find a refusal before anything is sent;
 * every refusal has a code of `docs/errors.md`. Actions take a viem client first and one object of
 * options.
 */
export { workerRegistryAbi } from "./abi.ts";
export {
  type AcceptAdvisoryParameters,
  type AcceptAdvisoryReturnType,
  acceptAdvisory,
} from "./accept-advisory.ts";
export {
  type AcceptOwnershipParameters,
  type AcceptOwnershipReturnType,
  acceptOwnership,
} from "./accept-ownership.ts";
export {
  type ApplyPolicyParameters,
  type ApplyPolicyReturnType,
  applyPolicy,
} from "./apply-policy.ts";
export {
  type ApproveMeasurementsParameters,
  type ApproveMeasurementsReturnType,
  approveMeasurements,
} from "./approve-measurements.ts";
export {
  type AuditWorkerParameters,
  type AuditWorkerReturnType,
  auditWorker,
} from "./audit/audit-worker.ts";
export type { CollateralSource } from "./audit/collateral-at.ts";
export type { AuditStep } from "./audit/step.ts";
export {
  type CarryWorkerCallParameters,
  type CarryWorkerCallReturnType,
  carryWorkerCall,
} from "./carry-worker-call.ts";
export type { PinnedBlock, ReadOptions, RegistryParameters } from "./contract.ts";
export {
  type CreateProgramParameters,
  type CreateProgramReturnType,
  createProgram,
} from "./create-program.ts";
export { decodeRegistryError } from "./decode-error.ts";
export {
  type DelistPlatformParameters,
  type DelistPlatformReturnType,
  delistPlatform,
} from "./delist-platform.ts";
export { type Deployment, deployments } from "./deployments.ts";
export { gateErrors, registryErrors } from "./error-table.ts";
export { RegistryError, type RegistryErrorCode } from "./errors.ts";
export {
  type GetApprovalParameters,
  type GetApprovalReturnType,
  getApproval,
} from "./get-approval.ts";
export {
  type GetApprovalsParameters,
  type GetApprovalsReturnType,
  getApprovals,
} from "./get-approvals.ts";
export {
  type GetCollateralStatusParameters,
  type GetCollateralStatusReturnType,
  getCollateralStatus,
} from "./get-collateral-status.ts";
export {
  type GetPlatformParameters,
  type GetPlatformReturnType,
  getPlatform,
} from "./get-platform.ts";
export { type GetProgramParameters, type GetProgramReturnType, getProgram } from "./get-program.ts";
export { type GetWorkerParameters, type GetWorkerReturnType, getWorker } from "./get-worker.ts";
export {
  type GetWorkerStatusesParameters,
  type GetWorkerStatusesReturnType,
  getWorkerStatuses,
} from "./get-worker-statuses.ts";
export {
  type IsWorkerValidParameters,
  type IsWorkerValidReturnType,
  isWorkerValid,
} from "./is-worker-valid.ts";
export {
  type ListPlatformsParameters,
  type ListPlatformsReturnType,
  listPlatforms,
} from "./list-platforms.ts";
export {
  type Measurements,
  type MeasurementsFromQuoteOptions,
  measurementsFromQuote,
} from "./measurements.ts";
export {
  type Admission,
  type ApplicationRegister,
  type WorkerStatus,
  workerStatuses,
} from "./names.ts";
export { defaultProgramPolicy, type ProgramPolicy } from "./policy.ts";
export {
  type ProposeOwnerParameters,
  type ProposeOwnerReturnType,
  proposeOwner,
} from "./propose-owner.ts";
export type { BlockTag } from "./reader.ts";
export type { CollateralStatus, DocumentStatus, EvaluationStatus } from "./reads/collateral.ts";
export type { Approval, Approvals, PlatformRecord, Program } from "./reads/program.ts";
export type {
  WorkerQuestion,
  WorkerRecord,
  WorkerStatuses,
  WorkerValidity,
} from "./reads/worker.ts";
export {
  type ReevaluateWorkerParameters,
  type ReevaluateWorkerReturnType,
  reevaluateWorker,
} from "./reevaluate-worker.ts";
export {
  type RefuseAdvisoryParameters,
  type RefuseAdvisoryReturnType,
  refuseAdvisory,
} from "./refuse-advisory.ts";
export {
  type RegisterWorkerParameters,
  type RegisterWorkerReturnType,
  registerWorker,
} from "./register-worker.ts";
export {
  type Registration,
  type RegistrationRequest,
  type SignedRegistration,
  type SignRegistrationParameters,
  signRegistration,
} from "./registration.ts";
export {
  type AttestationRole,
  attestationRoles,
  type CommitmentOptions,
  reportDataCommitment,
} from "./report-data.ts";
export {
  type RevokePlatformParameters,
  type RevokePlatformReturnType,
  revokePlatform,
} from "./revoke-platform.ts";
export {
  type RevokeWorkerParameters,
  type RevokeWorkerReturnType,
  revokeWorker,
} from "./revoke-worker.ts";
export { type SetPolicyParameters, type SetPolicyReturnType, setPolicy } from "./set-policy.ts";
export {
  type SignedWorkerCall,
  type SignWorkerCallParameters,
  type SignWorkerCallReturnType,
  signWorkerCall,
} from "./sign-worker-call.ts";
export { DEFAULT_MAX_STALENESS } from "./snapshot.ts";
export { type TcbClaims, tcbClaimsOf } from "./tcb-claims.ts";
export { admitTypes, registrationTypes, registryDomain, workerCallTypes } from "./typed-data.ts";
export {
  type WatchWorkersParameters,
  type WatchWorkersReturnType,
  watchWorkers,
} from "./watch-workers.ts";
export {
  type WithdrawApprovalParameters,
  type WithdrawApprovalReturnType,
  withdrawApproval,
} from "./withdraw-approval.ts";
export {
  type EventPlace,
  readWorkerEvents,
  type WorkerEvent,
  type WorkerEventsFilter,
  type WorkerPckRevokedEvent,
  type WorkerReevaluatedEvent,
  type WorkerRegisteredEvent,
  type WorkerRevokedEvent,
} from "./worker-events.ts";
export { workerGateAbi } from "./worker-gate-abi.ts";
