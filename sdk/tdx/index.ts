/**
 * Verification of Intel TDX quotes: `parseQuote`, `verify` (cryptography and TCB) and `validate`
 * (policy). No Node built-in is needed; where node:crypto is there, it is used.
 */
export type { Hex } from "../bytes.ts";
export {
  Collateral,
  type CreateCollateralOptions,
  createCollateral,
  type QuoteCollateral,
} from "./collateral.ts";
export { defaultBackend, nodeBackend } from "./crypto.ts";
export type { CryptoBackend, P256Key } from "./crypto-backend.ts";
export { nobleBackend } from "./crypto-noble.ts";
export {
  type CertificateSummary,
  describePckChain,
  type PckChainDescription,
} from "./describe-chain.ts";
export type { EnclaveReport } from "./enclave-report.ts";
export { TdxError, type TdxErrorCode, tdxErrors } from "./errors.ts";
export { intelSgxRootCa } from "./intel-root.ts";
export type { PckPlatform } from "./pck.ts";
export { type PckChain, PckChainCache } from "./pck-chain.ts";
export type { CollateralPeriod } from "./period.ts";
export {
  type AcceptableTcbStatus,
  defaultPolicy,
  type MeasuredRegister,
  measuredRegisters,
  type Policy,
  parsePolicy,
} from "./policy.ts";
export type { QeIdentity, QeTcbLevel } from "./qe-identity.ts";
export { MAX_QUOTE_LENGTH, parseQuote, type Quote, type QuoteHeader } from "./quote.ts";
export type { TcbEvaluation } from "./tcb-evaluation.ts";
export type {
  MatchedLevel,
  TcbInfo,
  TcbLevel,
  TdxModule,
  TdxModuleIdentity,
  TdxModuleTcbLevel,
} from "./tcb-info.ts";
export {
  type ComponentTcbStatus,
  componentTcbStatuses,
  mergeRelaunch,
  mergeTcbStatus,
  type PlatformTcbStatus,
  platformTcbStatuses,
  type TcbStatus,
  tcbStatuses,
} from "./tcb-status.ts";
export { readTdAttributes, type TdAttribute, tdAttributeBits } from "./td-attributes.ts";
export { TD10_LENGTH, TD15_LENGTH, type TdReport } from "./td-report.ts";
export {
  type Refusal,
  type RefusalCode,
  refusals,
  type Validation,
  validate,
} from "./validate.ts";
export {
  type AuthenticatedQuote,
  type VerifiedQuote,
  type VerifyOptions,
  verify,
  verifySignatures,
} from "./verify.ts";
