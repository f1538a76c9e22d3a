import { ChainsealError, type ErrorDetails } from "../errors.ts";

interface Entry {
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** What the person who sees it can do. */
  readonly remedy: string;
}

const NOT_EVIDENCE =
  "Check that the evidence is as the driver gave it: one report and its certificate chain for each device.";
const BAD_EVIDENCE = "Do not trust this evidence. Ask the machine for fresh evidence.";
const BAD_RIM = "Do not trust this RIM. Fetch it again, from NVIDIA's RIM service.";
const BAD_OCSP = "Ask NVIDIA's OCSP responder again.";
const BAD_TIME = "Fetch what covers the verification time, or correct the time (`at`).";
const BAD_TOKEN = "Do not trust this token. Verify the evidence itself, or ask NRAS again.";
const BAD_SET =
  "Ask the machine for the evidence of all of its GPUs and NVSwitches, with one nonce.";
const REPORT_IT =
  "NVIDIA publishes a form this version does not know. Update Chainseal, or report it.";

/**
 * Every way in which GPU evidence can fail, one code each: the single source for the error class,
 * for `docs/errors.md` and for the test that provokes each of them.
 */
export const gpuErrors = {
  // Evidence as it is sent
  EVIDENCE_MALFORMED: {
    summary: "The evidence is not a report with its certificate chain, or a list of such",
    remedy: NOT_EVIDENCE,
  },
  EVIDENCE_TOO_LARGE: {
    summary: "The evidence is larger than that of any machine",
    remedy: NOT_EVIDENCE,
  },

  // The report as bytes (DMTF DSP0274 1.1, GET_MEASUREMENTS and MEASUREMENTS)
  REPORT_NOT_BYTES: {
    summary: "The report is neither bytes nor a parsed report",
    remedy: "Pass the report's bytes as a Uint8Array; decode hex or base64 first.",
  },
  REPORT_TOO_LARGE: {
    summary: "The input is larger than any report",
    remedy: NOT_EVIDENCE,
  },
  REPORT_TRUNCATED: {
    summary: "The report ends before a field that it must have",
    remedy: NOT_EVIDENCE,
  },
  REPORT_REQUEST_UNSUPPORTED: {
    summary: "The report does not begin with a request for all measurements, signed, in SPDM 1.1",
    remedy: NOT_EVIDENCE,
  },
  REPORT_RESPONSE_UNSUPPORTED: {
    summary: "The report's response is not one with measurements in SPDM 1.1",
    remedy: NOT_EVIDENCE,
  },
  REPORT_MEASUREMENTS_MALFORMED: {
    summary: "The report's measurement blocks are not ascending SHA-384 values of DMTF's form",
    remedy: NOT_EVIDENCE,
  },
  REPORT_OPAQUE_MALFORMED: {
    summary: "A field of the report's opaque data has the wrong size or form, or occurs twice",
    remedy: NOT_EVIDENCE,
  },
  REPORT_OPAQUE_TYPE_UNKNOWN: {
    summary: "The report's opaque data has a field of an unknown type",
    remedy: REPORT_IT,
  },
  REPORT_OPAQUE_VERSION_UNSUPPORTED: {
    summary: "The report's opaque data has a version that is not supported",
    remedy: REPORT_IT,
  },
  REPORT_FIELD_MISSING: {
    summary: "The report lacks a field that its verification needs",
    remedy: BAD_EVIDENCE,
  },
  REPORT_TRAILING_DATA: {
    summary: "The report goes on after its signature with something other than zeros",
    remedy: NOT_EVIDENCE,
  },

  // Certificates (RFC 5280)
  ROOT_MALFORMED: {
    summary: "A trusted root is not a certificate that can be trusted",
    remedy: "Give the root certificate as DER or PEM; for real devices use NVIDIA's.",
  },
  PEM_MALFORMED: {
    summary: "A certificate chain is not well-formed PEM",
    remedy: BAD_EVIDENCE,
  },
  CHAIN_LENGTH_UNEXPECTED: {
    summary: "A certificate chain has too many or too few certificates",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_MALFORMED: {
    summary: "A certificate is not strict DER of the expected form",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_EXTENSION_MISSING: {
    summary: "A certificate lacks a required extension",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_EXTENSION_UNSUPPORTED: {
    summary: "A certificate has a critical extension that is not understood",
    remedy: REPORT_IT,
  },
  CERTIFICATE_SUBJECT_UNEXPECTED: {
    summary: "A certificate's common name is not one of a device that is known",
    remedy: REPORT_IT,
  },
  CERTIFICATE_ISSUER_MISMATCH: {
    summary: "A certificate's issuer is not the subject, or the key, of the next one",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_USAGE_FORBIDDEN: {
    summary: "A certificate is used for what its key usage or basic constraints forbid",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_SIGNATURE_INVALID: {
    summary: "A certificate's signature does not verify under its issuer's key",
    remedy: BAD_EVIDENCE,
  },
  CERTIFICATE_NOT_YET_VALID: {
    summary: "A certificate is not valid yet at the verification time",
    remedy: BAD_TIME,
  },
  CERTIFICATE_EXPIRED: {
    summary: "A certificate has expired at the verification time",
    remedy: BAD_TIME,
  },
  ROOT_UNTRUSTED: {
    summary: "A chain does not end in the trusted root certificate",
    remedy:
      "Evidence and RIMs of the simulator and of NVIDIA's debug signers have other roots. Trust one on purpose (`roots`), or not at all.",
  },

  // The report against its chain
  ARCHITECTURE_MISMATCH: {
    summary: "The report, its chain and what was said of them are not of one architecture",
    remedy: BAD_EVIDENCE,
  },
  FWID_MISSING: {
    summary: "The report names its firmware (FWID), but the leaf certificate does not",
    remedy: BAD_EVIDENCE,
  },
  FWID_MALFORMED: {
    summary: "The DICE extension of the leaf certificate is malformed",
    remedy: BAD_EVIDENCE,
  },
  FWID_MISMATCH: {
    summary: "The firmware of the report (FWID) is not that of the leaf certificate",
    remedy: BAD_EVIDENCE,
  },
  REPORT_SIGNATURE_INVALID: {
    summary: "The report is not signed by its leaf certificate's key",
    remedy: BAD_EVIDENCE,
  },
  NONCE_MISMATCH: {
    summary: "The report was made for another nonce",
    remedy: "Ask the machine for evidence made with your nonce; this may be a replay.",
  },

  // Reference values (TCG RIM information model; XML Signature, Canonical XML 1.1)
  RIM_NOT_CREATED: {
    summary: "A RIM is neither XML nor what createRim made",
    remedy: "Pass the RIM's XML, or the object that createRim returned.",
  },
  RIM_TOO_LARGE: {
    summary: "The input is larger than any RIM",
    remedy: BAD_RIM,
  },
  RIM_XML_MALFORMED: {
    summary: "The RIM is not well-formed XML",
    remedy: BAD_RIM,
  },
  RIM_XML_FORBIDDEN: {
    summary: "The RIM has a document type, an entity, a CDATA section or a processing instruction",
    remedy: BAD_RIM,
  },
  RIM_XML_TOO_COMPLEX: {
    summary: "The RIM's XML is nested more deeply, or has more parts, than any RIM",
    remedy: BAD_RIM,
  },
  RIM_SIGNATURE_MISSING: {
    summary: "The RIM has no signature",
    remedy: BAD_RIM,
  },
  RIM_SIGNATURE_MISPLACED: {
    summary: "The RIM has not exactly one signature, as a child of its root",
    remedy: BAD_RIM,
  },
  RIM_SIGNATURE_MALFORMED: {
    summary: "The RIM's signature lacks a part, or has one that it must not have",
    remedy: BAD_RIM,
  },
  RIM_SIGNATURE_ALGORITHM_UNSUPPORTED: {
    summary: "The RIM's signature names an algorithm other than NVIDIA's",
    remedy: BAD_RIM,
  },
  RIM_REFERENCE_UNSUPPORTED: {
    summary: "The RIM's signature is not over the whole document, once",
    remedy: BAD_RIM,
  },
  RIM_DIGEST_MISMATCH: {
    summary: "The RIM's content is not what was signed",
    remedy: BAD_RIM,
  },
  RIM_SIGNATURE_INVALID: {
    summary: "The RIM's signature does not verify under its signer's key",
    remedy: BAD_RIM,
  },
  RIM_MALFORMED: {
    summary: "The signed content of the RIM is not a list of measurements with a version",
    remedy: BAD_RIM,
  },
  RIM_INDEX_DUPLICATE: {
    summary: "The RIM has two measurements of one index",
    remedy: BAD_RIM,
  },
  RIM_EMPTY: {
    summary: "The RIM has no active measurement",
    remedy: BAD_RIM,
  },
  RIM_ROOT_MISMATCH: {
    summary: "The RIM was verified under another root than the one asked for",
    remedy: "Create the RIM with the same root that you verify with.",
  },
  RIM_MISSING: {
    summary: "There is no RIM to judge the device by",
    remedy: "Fetch the RIM of that id from NVIDIA's RIM service.",
  },
  RIM_VERSION_MISMATCH: {
    summary: "The RIM is for another version than the one that the device reports",
    remedy: "Fetch the RIM of exactly the driver's or the VBIOS' version.",
  },
  RIM_AMBIGUOUS: {
    summary: "Two different RIMs claim to be the one of the device",
    remedy: "Decide which one counts: a RIM's id and version do not say so, only its hash does.",
  },

  // The report against its reference values
  MEASUREMENT_INDEX_CONFLICT: {
    summary: "Driver RIM and VBIOS RIM both have an active measurement of one index",
    remedy: BAD_RIM,
  },
  MEASUREMENT_MISSING: {
    summary: "The RIMs have more active measurements than the report has blocks",
    remedy: BAD_EVIDENCE,
  },
  NVDEC0_STATUS_INVALID: {
    summary: "The state of NVDEC0, which decides on measurement 35, is neither on nor off",
    remedy: BAD_EVIDENCE,
  },
  MEASUREMENT_MISMATCH: {
    summary: "Measurements of the device are not those of its RIMs",
    remedy: "Do not trust this device: its firmware or driver is not what NVIDIA released.",
  },

  // Revocation (RFC 6960)
  OCSP_MALFORMED: {
    summary: "An OCSP response is not strict DER of the expected form",
    remedy: BAD_OCSP,
  },
  OCSP_NOT_SUCCESSFUL: {
    summary: "The OCSP responder did not answer the question",
    remedy: BAD_OCSP,
  },
  OCSP_MISSING: {
    summary: "There is no OCSP response about a certificate",
    remedy: "Ask NVIDIA's OCSP responder about each certificate but leaf and root of the device.",
  },
  OCSP_RESPONDER_UNTRUSTED: {
    summary: "An OCSP response comes from a responder that the certificate's issuer did not name",
    remedy: BAD_OCSP,
  },
  OCSP_SIGNATURE_INVALID: {
    summary: "An OCSP response's signature does not verify",
    remedy: BAD_OCSP,
  },
  OCSP_NONCE_MISMATCH: {
    summary: "An OCSP response is not the answer to this request",
    remedy: BAD_OCSP,
  },
  OCSP_NOT_YET_VALID: {
    summary: "An OCSP response is dated after the verification time",
    remedy: BAD_TIME,
  },
  OCSP_EXPIRED: {
    summary: "An OCSP response has expired at the verification time",
    remedy: BAD_TIME,
  },
  OCSP_STATUS_UNKNOWN: {
    summary: "The OCSP responder does not know a certificate",
    remedy: BAD_EVIDENCE,
  },
  DEVICE_REVOKED: {
    summary: "A certificate of the device's chain is revoked or on hold",
    remedy: "Do not trust this device.",
  },
  RIM_SIGNER_REVOKED: {
    summary: "A certificate of the RIM's chain is revoked",
    remedy: BAD_RIM,
  },

  // Several devices
  DEVICE_DUPLICATE: {
    summary: "One device appears twice",
    remedy: BAD_SET,
  },
  TOPOLOGY_INCOMPLETE: {
    summary: "A protected PCIe machine is not shown with its 8 GPUs and 4 NVSwitches",
    remedy: BAD_SET,
  },
  TOPOLOGY_MODE_MISMATCH: {
    summary: "Some GPUs have protected PCIe on and others have it off, or contradict themselves",
    remedy: BAD_SET,
  },
  TOPOLOGY_IDENTITY_MISMATCH: {
    summary: "A device's PDI is not that of its certificate",
    remedy: BAD_EVIDENCE,
  },
  TOPOLOGY_SWITCHES_MISMATCH: {
    summary: "The NVSwitches that a GPU sees are not those whose evidence is here",
    remedy: BAD_SET,
  },
  TOPOLOGY_GPUS_MISMATCH: {
    summary: "The GPUs that an NVSwitch sees are not those whose evidence is here",
    remedy: BAD_SET,
  },

  // NVIDIA Remote Attestation Service (RFC 9711, RFC 7519)
  NRAS_MALFORMED: {
    summary: "The answer is not a detached EAT bundle of JWTs",
    remedy: BAD_TOKEN,
  },
  NRAS_JWKS_MALFORMED: {
    summary: "The key set is not a JWKS",
    remedy: "Fetch the key set of NRAS again, or the copy kept with the token.",
  },
  NRAS_ALGORITHM_REFUSED: {
    summary: "A token is not signed with ES384",
    remedy: "Tokens of a local verifier are not signed by NVIDIA. Verify the evidence itself.",
  },
  NRAS_KEY_UNKNOWN: {
    summary: "A token's key is not in the key set",
    remedy: "NRAS drops keys after days: use the key set as it was when the token was made.",
  },
  NRAS_SIGNATURE_INVALID: {
    summary: "A token's signature does not verify",
    remedy: BAD_TOKEN,
  },
  NRAS_ISSUER_UNEXPECTED: {
    summary: "A token's issuer is not NRAS",
    remedy: BAD_TOKEN,
  },
  NRAS_NOT_YET_VALID: {
    summary: "A token is not valid yet at the verification time",
    remedy: BAD_TIME,
  },
  NRAS_EXPIRED: {
    summary: "A token has expired at the verification time",
    remedy: BAD_TIME,
  },
  NRAS_NONCE_MISMATCH: {
    summary: "A token was made for another nonce",
    remedy: BAD_TOKEN,
  },
  NRAS_SUBMODULES_MISMATCH: {
    summary: "The devices of the answer are not those of its overall token",
    remedy: BAD_TOKEN,
  },
  NRAS_DIGEST_MISMATCH: {
    summary: "A device's token is not the one that the overall token names",
    remedy: BAD_TOKEN,
  },

  // Arguments and policy
  TIME_INVALID: {
    summary: "The verification time is not a time",
    remedy: "Give `at` as a Date or as whole seconds since 1970-01-01T00:00:00Z.",
  },
  NONCE_INVALID: {
    summary: "The expected nonce is not 32 bytes",
    remedy: "Give `nonce` as a Uint8Array of 32 bytes, or as hex.",
  },
  POLICY_MALFORMED: {
    summary: "The policy is not valid",
    remedy: "Compare the policy with docs/gpu-policy.md; unknown fields are refused on purpose.",
  },

  // RIMs, OCSP and key sets over HTTP
  SERVICE_PARAMETER_INVALID: {
    summary: "A client of NVIDIA's services cannot use an argument",
    remedy: "Compare the argument with the options of createGpuServices.",
  },
  SERVICE_UNREACHABLE: {
    summary: "A service cannot be reached",
    remedy: "Check the address, the network and the service.",
  },
  SERVICE_TIMEOUT: {
    summary: "A service did not answer in time",
    remedy: "Try again, or give it more time (`timeout`).",
  },
  SERVICE_STATUS: {
    summary: "A service refused the request",
    remedy: "404: the RIM service does not know the id. 429 or 5xx: try again later.",
  },
  SERVICE_RESPONSE_TOO_LARGE: {
    summary: "A service sent more than any answer of its kind",
    remedy: "Check the address of the service.",
  },
  SERVICE_RESPONSE_MALFORMED: {
    summary: "A service sent an answer of another kind",
    remedy: "Check the address of the service.",
  },
} as const satisfies Record<string, Entry>;

export type GpuErrorCode = keyof typeof gpuErrors;

export function isGpuErrorCode(code: string): code is GpuErrorCode {
  return Object.hasOwn(gpuErrors, code);
}

/** Thrown for evidence that does not verify, with one stable code for each way to fail. */
export class GpuError extends ChainsealError {
  override readonly name: string = "GpuError";
  declare readonly code: GpuErrorCode;

  constructor(code: GpuErrorCode, details: ErrorDetails = {}) {
    super(code, gpuErrors[code].summary, details);
  }
}
