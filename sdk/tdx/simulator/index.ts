/**
 * A TDX quoting service without TDX hardware, for development and tests.
 *
 * It has a root certificate of its own and makes everything below it in Intel's formats: PCK
 * certificates, CRLs, TCB Info, QE Identity, and quotes (version 4 and 5) with the caller's report
 * data. The code that verifies Intel's evidence verifies this evidence too, given this root.
 *
 * It proves nothing about a machine. All of its keys are functions of a seed that developers share,
 * so anyone can make a quote that says anything. That is safe because trust starts at the root and
 * nowhere else: a deployment that trusts Intel's root can never trust this one, which has another
 * key, another name and other bytes, and no option makes a verifier accept both.
 *
 * `createSimulator` is where to begin. Below it, `issueCertificate`, `issueCrl` and the DER writer
 * make what no honest service would: forged intermediates, delta CRLs, doubled SGX fields.
 */

export * as der from "../../x509/writer/der-writer.ts";
export { SimulatorError } from "../../x509/writer/errors.ts";
export {
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoint,
  crlNumber,
  deltaCrlIndicator,
  type Extension,
  encodeExtension,
  extensionOids,
  type KeyUsage,
  keyUsage,
  reasonCode,
  subjectKeyIdentifier,
  withExtension,
  withoutExtension,
} from "../../x509/writer/extensions.ts";
export type {
  Authorities,
  Authority,
  AuthorityName,
  AuthorityOptions,
  PckCa,
} from "./authorities.ts";
export type { BytesLike } from "./bytes.ts";
export { type CertificateTemplate, issueCertificate, type Validity } from "./certificates.ts";
export type { CollateralOptions, TextEdit } from "./collateral.ts";
export { type CrlEntry, type CrlTemplate, issueCrl } from "./crl.ts";
export { keyIdentifier, type SigningKey, sign } from "./keys.ts";
export { encodeName, type Name, names } from "./names.ts";
export {
  encodeSgxFields,
  type PckConfiguration,
  type PckFields,
  type SgxField,
  sgxExtension,
  sgxFieldOids,
  sgxFields,
  tcbComponentOid,
  tcbFields,
} from "./pck-extension.ts";
export { toPemChain } from "./pem.ts";
export type { Platform, PlatformOptions } from "./platform.ts";
export type { QeIdentityOptions } from "./qe-identity.ts";
export type { QeReportOptions } from "./qe-report.ts";
export type {
  CertificationDataOptions,
  QuoteHeaderOptions,
  QuoteOptions,
} from "./quote-builder.ts";
export type { CrlIssuer, CrlOptions, Revoked } from "./revocation.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
export {
  defaultTcbLevels,
  defaultTdxModuleIdentities,
  type TcbInfoOptions,
  type TcbLevel,
  type TdxModule,
  type TdxModuleIdentity,
} from "./tcb-info.ts";
export type { IsvTcbLevel, TcbVerdict } from "./tcb-level.ts";
export type { TdReportOptions, TdReportType } from "./td-report.ts";
