import { ChainsealError, type ErrorDetails } from "../errors.ts";

interface Entry {
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** What Intel's QVL answers in its place; `-` where it makes no such check. */
  readonly qvl: string;
  /** What the person who sees it can do. */
  readonly remedy: string;
}

const NOT_A_QUOTE =
  "Check that the file is one whole TDX quote, as it left the quoting service, and nothing else.";
const BAD_EVIDENCE = "Do not trust this evidence. Ask the machine for a fresh quote.";
const BAD_COLLATERAL = "Fetch the collateral again, from another PCCS or from Intel's PCS.";
const STALE_COLLATERAL =
  "Fetch collateral that covers the verification time, or correct the time (`at`).";
const WRONG_COLLATERAL =
  "Fetch the collateral that belongs to this quote (its FMSPC and its PCK CA).";
const REPORT_IT =
  "Intel publishes a form this version does not know. Update Chainseal, or report it.";

/**
 * Every way in which TDX evidence can fail, one code each: the single source for the error class,
 * for `docs/errors.md` and for the test that provokes each of them.
 */
export const tdxErrors = {
  // The quote as bytes (Intel TDX DCAP Quoting Library API, appendix A.3 and A.4)
  QUOTE_NOT_BYTES: {
    summary: "The quote is neither bytes nor a parsed quote",
    qvl: "-",
    remedy: "Pass the quote's bytes as a Uint8Array; decode hex or base64 first.",
  },
  QUOTE_TOO_LARGE: {
    summary: "The input is larger than any quote",
    qvl: "-",
    remedy: NOT_A_QUOTE,
  },
  QUOTE_TRUNCATED: {
    summary: "The quote ends before a field that it must have",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: NOT_A_QUOTE,
  },
  QUOTE_LENGTH_MISMATCH: {
    summary: "A length in the quote does not match what it measures",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: NOT_A_QUOTE,
  },
  QUOTE_VERSION_UNSUPPORTED: {
    summary: "The quote version is not supported",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: NOT_A_QUOTE,
  },
  QUOTE_IS_SGX: {
    summary: "This is an SGX quote, not a TDX quote",
    qvl: "STATUS_TCB_INFO_MISMATCH",
    remedy: "Ask a TD for its quote: Chainseal's workers are TDs, not SGX enclaves.",
  },
  QUOTE_TEE_TYPE_UNSUPPORTED: {
    summary: "The quote's TEE type is unknown",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: NOT_A_QUOTE,
  },
  QUOTE_ATTESTATION_KEY_TYPE_UNSUPPORTED: {
    summary: "The attestation key type is not ECDSA P-256",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: NOT_A_QUOTE,
  },
  QUOTE_QE_VENDOR_UNKNOWN: {
    summary: "The quoting enclave is not Intel's",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: BAD_EVIDENCE,
  },
  QUOTE_BODY_TYPE_UNSUPPORTED: {
    summary: "The body type of the version 5 quote is not a TD report 1.0 or 1.5",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy:
      "Type 4 is a TD report 1.5 with fields that no policy here can judge; any other is not of a TD.",
  },
  QUOTE_BODY_SIZE_MISMATCH: {
    summary: "The body size of the version 5 quote does not fit its type",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: NOT_A_QUOTE,
  },
  QUOTE_CERTIFICATION_DATA_UNSUPPORTED: {
    summary: "The type of the quote's certification data is not supported",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy:
      "Configure the quoting service to embed the PCK chain (type 5), or give `pck_certificate_chain` with the collateral.",
  },

  // Certificates (Intel SGX PCK Certificate and CRL Profile; RFC 5280)
  ROOT_MALFORMED: {
    summary: "The trusted root is not a certificate that can be trusted",
    qvl: "STATUS_TRUSTED_ROOT_CA_UNSUPPORTED_FORMAT",
    remedy: "Give the root certificate as DER or PEM; for real machines use Intel's.",
  },
  PEM_MALFORMED: {
    summary: "A certificate chain is not well-formed PEM",
    qvl: "STATUS_UNSUPPORTED_CERT_FORMAT",
    remedy: BAD_EVIDENCE,
  },
  CHAIN_LENGTH_UNEXPECTED: {
    summary: "A certificate chain has too many or too few certificates",
    qvl: "STATUS_UNSUPPORTED_CERT_FORMAT",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_MALFORMED: {
    summary: "A certificate is not strict DER of the expected form",
    qvl: "STATUS_UNSUPPORTED_CERT_FORMAT",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_EXTENSION_MISSING: {
    summary: "A certificate lacks a required extension",
    qvl: "STATUS_SGX_PCK_INVALID_EXTENSIONS",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_EXTENSION_UNSUPPORTED: {
    summary: "A certificate has a critical extension that is not understood",
    qvl: "-",
    remedy: REPORT_IT,
  },
  CERTIFICATE_SUBJECT_UNEXPECTED: {
    summary: "A certificate's common name is not the one its place in the chain asks for",
    qvl: "STATUS_SGX_PCK_INVALID",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_ISSUER_MISMATCH: {
    summary: "A certificate's issuer is not the subject, or the key, of the next one",
    qvl: "STATUS_SGX_PCK_INVALID_ISSUER",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_USAGE_FORBIDDEN: {
    summary: "A certificate is used for what its key usage or basic constraints forbid",
    qvl: "-",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_SIGNATURE_INVALID: {
    summary: "A certificate's signature does not verify under its issuer's key",
    qvl: "STATUS_SGX_PCK_INVALID_ISSUER",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_NOT_YET_VALID: {
    summary: "A certificate is not valid yet at the verification time",
    qvl: "-",
    remedy: STALE_COLLATERAL,
  },
  CERTIFICATE_EXPIRED: {
    summary: "A certificate has expired at the verification time",
    qvl: "STATUS_SGX_PCK_CERT_CHAIN_EXPIRED",
    remedy: STALE_COLLATERAL,
  },
  ROOT_UNTRUSTED: {
    summary: "A chain does not end in the trusted root certificate",
    qvl: "STATUS_SGX_PCK_CERT_CHAIN_UNTRUSTED",
    remedy:
      "Quotes of pre-production machines and of the simulator have other roots. Trust one on purpose (`root`), or not at all.",
  },
  ROOT_REVOKED: {
    summary: "The root certificate stands in its own revocation list",
    qvl: "-",
    remedy: BAD_EVIDENCE,
  },
  PCK_CA_REVOKED: {
    summary: "The PCK CA certificate is revoked",
    qvl: "STATUS_SGX_INTERMEDIATE_CA_REVOKED",
    remedy: BAD_EVIDENCE,
  },
  PCK_REVOKED: {
    summary: "The platform's PCK certificate is revoked",
    qvl: "STATUS_PCK_REVOKED",
    remedy: "Do not trust this platform: Intel revoked it, as a rule for key compromise.",
  },
  TCB_SIGNER_REVOKED: {
    summary: "The TCB signing certificate is revoked",
    qvl: "STATUS_SGX_TCB_SIGNING_CERT_REVOKED",
    remedy: BAD_COLLATERAL,
  },
  PCK_CHAIN_MISSING: {
    summary: "Neither the quote nor the collateral has the PCK certificate chain",
    qvl: "STATUS_UNSUPPORTED_CERT_FORMAT",
    remedy:
      "Configure the quoting service to embed the PCK chain (type 5), or give `pck_certificate_chain` with the collateral.",
  },
  PCK_EXTENSION_MALFORMED: {
    summary: "The SGX extension of the PCK certificate is missing, malformed or incomplete",
    qvl: "STATUS_SGX_PCK_INVALID_EXTENSIONS",
    remedy: BAD_EVIDENCE,
  },

  // Revocation lists (RFC 5280, section 5)
  CRL_MALFORMED: {
    summary: "A revocation list is missing or is not strict DER of the expected form",
    qvl: "STATUS_SGX_CRL_UNSUPPORTED_FORMAT",
    remedy: BAD_COLLATERAL,
  },
  CRL_EXTENSION_MISSING: {
    summary: "A revocation list lacks a required extension",
    qvl: "STATUS_SGX_CRL_INVALID_EXTENSIONS",
    remedy: BAD_COLLATERAL,
  },
  CRL_EXTENSION_UNSUPPORTED: {
    summary: "A revocation list is partial or has a critical extension that is not understood",
    qvl: "-",
    remedy: BAD_COLLATERAL,
  },
  CRL_ISSUER_MISMATCH: {
    summary: "A revocation list was issued by another CA than the one it is needed for",
    qvl: "STATUS_SGX_CRL_UNKNOWN_ISSUER",
    remedy: WRONG_COLLATERAL,
  },
  CRL_SIGNATURE_INVALID: {
    summary: "A revocation list's signature does not verify",
    qvl: "STATUS_SGX_CRL_INVALID_SIGNATURE",
    remedy: BAD_COLLATERAL,
  },
  CRL_NOT_YET_VALID: {
    summary: "A revocation list is dated after the verification time",
    qvl: "-",
    remedy: STALE_COLLATERAL,
  },
  CRL_EXPIRED: {
    summary: "A revocation list has expired at the verification time",
    qvl: "STATUS_SGX_CRL_EXPIRED",
    remedy: STALE_COLLATERAL,
  },

  // Collateral (Intel PCS v4 API; QuoteCollateralV3 JSON)
  COLLATERAL_MISSING: {
    summary: "The quote's signatures and chain verify, but there is no collateral to judge it by",
    qvl: "STATUS_MISSING_PARAMETERS",
    remedy: "Fetch the collateral for the quote's FMSPC: `chainseal collateral fetch`.",
  },
  COLLATERAL_MALFORMED: {
    summary: "The collateral is not QuoteCollateralV3 JSON",
    qvl: "STATUS_MISSING_PARAMETERS",
    remedy: BAD_COLLATERAL,
  },
  COLLATERAL_ROOT_MISMATCH: {
    summary: "The collateral was verified under another root than the one asked for",
    qvl: "-",
    remedy: "Create the collateral with the same `root` that you verify with.",
  },
  TCB_INFO_MALFORMED: {
    summary: "The TCB info is not the JSON that Intel specifies",
    qvl: "STATUS_SGX_TCB_INFO_UNSUPPORTED_FORMAT",
    remedy: BAD_COLLATERAL,
  },
  TCB_INFO_SIGNATURE_INVALID: {
    summary: "The TCB info's signature does not verify over its exact text",
    qvl: "STATUS_TCB_INFO_INVALID_SIGNATURE",
    remedy: BAD_COLLATERAL,
  },
  TCB_INFO_NOT_TDX: {
    summary: "The TCB info is not for TDX",
    qvl: "STATUS_TCB_INFO_MISMATCH",
    remedy: "Fetch the TDX TCB info (`/tdx/certification/v4/tcb`), not the SGX one.",
  },
  TCB_INFO_NOT_YET_VALID: {
    summary: "The TCB info is dated after the verification time",
    qvl: "-",
    remedy: STALE_COLLATERAL,
  },
  TCB_INFO_EXPIRED: {
    summary: "The TCB info has expired at the verification time",
    qvl: "STATUS_SGX_TCB_INFO_EXPIRED",
    remedy: STALE_COLLATERAL,
  },
  TCB_INFO_FMSPC_MISMATCH: {
    summary: "The TCB info is for another platform type (FMSPC)",
    qvl: "STATUS_TCB_INFO_MISMATCH",
    remedy: WRONG_COLLATERAL,
  },
  TCB_INFO_PCE_ID_MISMATCH: {
    summary: "The TCB info is for another provisioning certification enclave (PCE id)",
    qvl: "STATUS_TCB_INFO_MISMATCH",
    remedy: WRONG_COLLATERAL,
  },
  TCB_STATUS_UNKNOWN: {
    summary: "A TCB level has a status that Intel does not define for it",
    qvl: "STATUS_TCB_UNRECOGNIZED_STATUS",
    remedy: REPORT_IT,
  },
  QE_IDENTITY_MALFORMED: {
    summary: "The QE identity is not the JSON that Intel specifies",
    qvl: "STATUS_SGX_ENCLAVE_IDENTITY_UNSUPPORTED_FORMAT",
    remedy: BAD_COLLATERAL,
  },
  QE_IDENTITY_SIGNATURE_INVALID: {
    summary: "The QE identity's signature does not verify over its exact text",
    qvl: "STATUS_SGX_ENCLAVE_IDENTITY_INVALID_SIGNATURE",
    remedy: BAD_COLLATERAL,
  },
  QE_IDENTITY_NOT_TD_QE: {
    summary: "The identity is not that of the TD quoting enclave",
    qvl: "STATUS_QE_IDENTITY_MISMATCH",
    remedy: "Fetch the TD_QE identity (`/tdx/certification/v4/qe/identity`), not the SGX one.",
  },
  QE_IDENTITY_NOT_YET_VALID: {
    summary: "The QE identity is dated after the verification time",
    qvl: "-",
    remedy: STALE_COLLATERAL,
  },
  QE_IDENTITY_EXPIRED: {
    summary: "The QE identity has expired at the verification time",
    qvl: "STATUS_SGX_ENCLAVE_IDENTITY_EXPIRED",
    remedy: STALE_COLLATERAL,
  },

  // The quote against its collateral (QVL, steps 4.1.2.5)
  TDX_MODULE_IDENTITY_MISSING: {
    summary: "The TCB info does not know the quote's TDX module",
    qvl: "STATUS_TDX_MODULE_MISMATCH",
    remedy: "Fetch newer collateral; if Intel does not list the module, do not trust it.",
  },
  TDX_MODULE_SIGNER_MISMATCH: {
    summary: "The TDX module is not signed by whom the TCB info names",
    qvl: "STATUS_TDX_MODULE_MISMATCH",
    remedy: BAD_EVIDENCE,
  },
  TDX_MODULE_ATTRIBUTES_MISMATCH: {
    summary: "The SEAM attributes are not zero, or not those of the TCB info",
    qvl: "STATUS_TDX_MODULE_MISMATCH",
    remedy: BAD_EVIDENCE,
  },
  QE_REPORT_SIGNATURE_INVALID: {
    summary: "The QE report is not signed by the platform's PCK key",
    qvl: "STATUS_INVALID_QE_REPORT_SIGNATURE",
    remedy: BAD_EVIDENCE,
  },
  QE_REPORT_DATA_MISMATCH: {
    summary: "The QE report does not vouch for the attestation key",
    qvl: "STATUS_INVALID_QE_REPORT_DATA",
    remedy: BAD_EVIDENCE,
  },
  QE_MISCSELECT_MISMATCH: {
    summary: "The quoting enclave's MISCSELECT is not that of the QE identity",
    qvl: "STATUS_QE_IDENTITY_MISMATCH",
    remedy: BAD_EVIDENCE,
  },
  QE_ATTRIBUTES_MISMATCH: {
    summary: "The quoting enclave's attributes are not those of the QE identity",
    qvl: "STATUS_QE_IDENTITY_MISMATCH",
    remedy: BAD_EVIDENCE,
  },
  QE_MRSIGNER_MISMATCH: {
    summary: "The quoting enclave's signer is not that of the QE identity",
    qvl: "STATUS_QE_IDENTITY_MISMATCH",
    remedy: BAD_EVIDENCE,
  },
  QE_ISVPRODID_MISMATCH: {
    summary: "The quoting enclave's product id is not that of the QE identity",
    qvl: "STATUS_QE_IDENTITY_MISMATCH",
    remedy: BAD_EVIDENCE,
  },
  ATTESTATION_KEY_INVALID: {
    summary: "The attestation key is not a point of P-256",
    qvl: "STATUS_UNSUPPORTED_QUOTE_FORMAT",
    remedy: BAD_EVIDENCE,
  },
  QUOTE_SIGNATURE_INVALID: {
    summary: "The quote is not signed by its attestation key",
    qvl: "STATUS_INVALID_QUOTE_SIGNATURE",
    remedy: BAD_EVIDENCE,
  },
  TCB_LEVEL_NOT_SUPPORTED: {
    summary: "The platform is below every TCB level that Intel supports",
    qvl: "STATUS_TCB_NOT_SUPPORTED",
    remedy:
      "Update the machine's microcode, TDX module and BIOS, and have its PCK certificate renewed.",
  },
  TDX_MODULE_TCB_NOT_SUPPORTED: {
    summary: "The TDX module is below every TCB level that Intel supports",
    qvl: "STATUS_TCB_NOT_SUPPORTED",
    remedy: "Update the TDX module.",
  },
  QE_TCB_NOT_SUPPORTED: {
    summary: "The quoting enclave is below every TCB level that Intel supports",
    qvl: "STATUS_TCB_NOT_SUPPORTED",
    remedy: "Update the quoting enclave (the DCAP packages of the host).",
  },

  // Arguments and policy
  TIME_INVALID: {
    summary: "The verification time is not a time",
    qvl: "STATUS_INVALID_PARAMETER",
    remedy: "Give `at` as a Date or as whole seconds since 1970-01-01T00:00:00Z.",
  },
  POLICY_MALFORMED: {
    summary: "The policy is not valid",
    qvl: "-",
    remedy: "Compare the policy with docs/policy.md; unknown fields are refused on purpose.",
  },

  // Collateral over HTTP (Intel PCS v4 API)
  PCCS_URL_INVALID: {
    summary: "The PCCS address is not an http or https URL",
    qvl: "-",
    remedy: "Give the base address of the service, such as https://pccs.example:8081.",
  },
  PCCS_PARAMETER_INVALID: {
    summary: "The PCCS client cannot use an argument",
    qvl: "-",
    remedy: "Compare the argument with the options of createPccsClient and fetchCollateral.",
  },
  PCCS_UNREACHABLE: {
    summary: "The PCCS cannot be reached",
    qvl: "-",
    remedy:
      "Check the address, the network and the service. In Node, NODE_EXTRA_CA_CERTS names the CA of a service with a certificate of its own.",
  },
  PCCS_TIMEOUT: {
    summary: "The PCCS did not answer in time",
    qvl: "-",
    remedy: "Try again, give it more time (`timeout`), or name a second source.",
  },
  PCCS_STATUS: {
    summary: "The PCCS refused the request",
    qvl: "-",
    remedy:
      "404: it does not know the platform; for the root CRL, give its address (`rootCaCrlUrl`). 401 or 403: it wants a key. 5xx: try again later.",
  },
  PCCS_RESPONSE_TOO_LARGE: {
    summary: "The PCCS sent more than any collateral can be",
    qvl: "-",
    remedy: BAD_COLLATERAL,
  },
  PCCS_RESPONSE_MALFORMED: {
    summary: "The PCCS sent an answer that is not of the v4 API",
    qvl: "-",
    remedy: BAD_COLLATERAL,
  },
} as const satisfies Record<string, Entry>;

export type TdxErrorCode = keyof typeof tdxErrors;

/** Thrown for evidence that does not verify, with one stable code for each way to fail. */
export class TdxError extends ChainsealError {
  override readonly name: string = "TdxError";
  declare readonly code: TdxErrorCode;

  constructor(code: TdxErrorCode, details: ErrorDetails = {}) {
    super(code, tdxErrors[code].summary, details);
  }
}
