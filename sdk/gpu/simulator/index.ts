/**
 * NVIDIA's devices and services without NVIDIA's hardware, for development and tests: device
 * certificates and reports, RIMs, OCSP responses and NRAS tokens, in NVIDIA's formats.
 *
 * They have roots of their own, whose keys are functions of a seed that developers share. That is
 * safe because trust starts at the roots and nowhere else: a deployment that trusts NVIDIA's roots
 * can never trust these, and no option makes a verifier accept both.
 */
export { SimulatorError } from "../../x509/writer/errors.ts";
export type { RimSignerOptions } from "./authorities.ts";
export {
  type Authority,
  type CertificateTemplate,
  encodeName,
  issueCertificate,
  type TemplateEdit,
  toPemChain,
  type Validity,
} from "./certificates.ts";
export type { Device, DeviceOptions, ReportOptions } from "./device.ts";
export { type GoldenPart, goldenIndexes } from "./golden.ts";
export { type SigningKey, sign } from "./keys.ts";
export type { NrasOptions, SimulatedNras } from "./nras.ts";
export type { OcspOptions } from "./ocsp.ts";
export {
  encodeGpuPdis,
  encodeSwitchPdis,
  encodeVbiosVersion,
  opaqueTypes,
  status,
} from "./opaque-builder.ts";
export type { ResourceOptions, RimOptions, SimulatedRim } from "./rim.ts";
export {
  createGpuSimulator,
  type GpuSimulator,
  type GpuSimulatorOptions,
  type Hgx,
  type SimulatedCollateral,
} from "./simulator.ts";
