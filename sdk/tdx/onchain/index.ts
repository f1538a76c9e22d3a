/**
 * TDX quotes on chain: builds what the attestation contract takes, uploads collateral, asks for
 * verdicts and decodes every error. Actions take a viem client first and one object of options.
 */
export { tdxAttestationAbi } from "./abi.ts";
export {
  type CachePckCertificateParameters,
  type CachePckCertificateReturnType,
  cachePckCertificate,
} from "./cache-pck-certificate.ts";
export { uploadCalldata, verifyQuoteCalldata } from "./calldata.ts";
export {
  type CollateralUpload,
  type CrlUpload,
  collateralUploads,
  type IssuerUpload,
  type PckCertificateUpload,
  type QeIdentityUpload,
  type TcbInfoUpload,
} from "./collateral-uploads.ts";
export type { ChainClient, ContractParameters } from "./contract.ts";
export { decodeAttestationError, errorCodeOf } from "./decode-error.ts";
export { chainErrors, contractErrors } from "./error-table.ts";
export { OnchainError, type OnchainErrorCode, onchainErrors } from "./errors.ts";
export {
  type EstimatedVerification,
  estimateVerification,
  type GasOfCall,
} from "./estimate.ts";
export {
  type BuildEvidenceOptions,
  type BuiltEvidence,
  buildEvidence,
  type EvaluationNumbers,
  leafDigest,
  type PckLeaf,
  type TdxEvidence,
} from "./evidence.ts";
export {
  type GetUploadStateParameters,
  type GetUploadStateReturnType,
  getUploadState,
  type UploadState,
} from "./get-upload-state.ts";
export { issuerIdOf } from "./issuer-id.ts";
export { type Part, parts } from "./parts.ts";
export {
  type PushCollateralParameters,
  type PushCollateralReturnType,
  type PushedPart,
  pushCollateral,
} from "./push-collateral.ts";
export { rebuildQuote } from "./rebuild-quote.ts";
export {
  type SendOptions,
  type SendTransactionParameters,
  type SentTransaction,
  sendTransaction,
  TRANSACTION_GAS_CAP,
} from "./send-transaction.ts";
export type { OnchainVerdict } from "./verdict.ts";
export {
  type VerifyQuoteParameters,
  type VerifyQuoteReturnType,
  verifyQuote,
} from "./verify-quote.ts";
