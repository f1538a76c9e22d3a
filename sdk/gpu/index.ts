/**
 * Verification of NVIDIA's confidential-computing evidence, of Hopper and Blackwell GPUs and LS10
 * NVSwitches: `parseEvidence`, `verify` (cryptography, measurements, revocation, topology) and
 * `validate` (policy). No Node built-in is needed; where node:crypto is there, it is used.
 */
export { type Appraisal, type AppraiseOptions, appraise } from "./appraise.ts";
export { type Architecture, architectures } from "./architecture.ts";
export { type AuthenticateOptions, type AuthenticReport, authenticate } from "./authenticate.ts";
export { defaultBackend, nodeBackend } from "./crypto.ts";
export type { CryptoBackend, P384Key } from "./crypto-backend.ts";
export { nobleBackend } from "./crypto-noble.ts";
export { type DeviceChain, DeviceChainCache, type DeviceIdentity } from "./device-chain.ts";
export { GpuError, type GpuErrorCode, gpuErrors } from "./errors.ts";
export { type GpuEvidence, MAX_DEVICES, MAX_EVIDENCE_LENGTH, parseEvidence } from "./evidence.ts";
export {
  type Comparison,
  compareMeasurements,
  type GoldenSource,
  NVDEC0_INDEX,
} from "./measurements.ts";
export {
  NRAS_ISSUER,
  type NrasAnswer,
  type NrasOpinion,
  type NrasSubmodule,
  parseNrasAnswer,
  type VerifyNrasOptions,
  verifyNras,
} from "./nras.ts";
export { nvidiaRoots, type Roots } from "./nvidia-roots.ts";
export {
  type CertificateId,
  MAX_OCSP_LENGTH,
  type OcspAnswer,
  type OcspResponse,
  parseOcspResponse,
} from "./ocsp/response.ts";
export type { OpaqueData, Status } from "./opaque-data.ts";
export { defaultPolicy, type Policy, parsePolicy } from "./policy.ts";
export { GpuReport, MAX_REPORT_LENGTH, type Measurement, parseReport } from "./report.ts";
export { OcspCache } from "./revocation.ts";
export { type CreateRimOptions, createRim, MAX_RIM_LENGTH, Rim } from "./rim.ts";
export type { GoldenMeasurement } from "./rim-content.ts";
export { type NeededRim, neededRims } from "./rim-id.ts";
export { checkTopology, type Mode, modes } from "./topology.ts";
export { type Refusal, type RefusalCode, refusals, type Validation, validate } from "./validate.ts";
export {
  type GpuCollateral,
  type VerifiedDevice,
  type VerifiedGpus,
  type VerifyOptions,
  verify,
} from "./verify.ts";
export type { ChainLink } from "./x509.ts";
