import { encodeAbiParameters, getAbiItem, keccak256 } from "viem";
import { concatBytes, fromHex, type Hex, toHex, toUtf8 } from "../../bytes.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { Collateral, type QuoteCollateral } from "../collateral.ts";
import { TdxError } from "../errors.ts";
import { readPckPlatform } from "../pck.ts";
import { PCK_CHAIN_CERTIFICATION_DATA, parseQuote, type Quote } from "../quote.ts";
import { decodePemChain, parseCertificate } from "../x509.ts";
import { tdxAttestationAbi } from "./abi.ts";
import { collateralDocuments } from "./collateral-documents.ts";
import { invalidParameter } from "./errors.ts";
import { issuerIdOf } from "./issuer-id.ts";

/** `PckLeaf` of `contracts/attestation/TdxTypes.sol`. */
export interface PckLeaf {
  /** keccak256 of the signed part; the rest of a certificate is malleable. */
  readonly tbsHash: Hex;
  readonly issuerId: Hex;
  readonly x: Hex;
  readonly y: Hex;
  /** keccak256 of the PPID: the same for every PCK certificate of one machine. */
  readonly platformId: Hex;
  readonly sgxTcbComponents: Hex;
  readonly pceSvn: number;
  readonly fmspc: Hex;
  readonly pceId: Hex;
  readonly serial: bigint;
  /** Unix seconds, included. */
  readonly notAfter: number;
}

/** `TdxEvidence` of `contracts/attestation/TdxTypes.sol`: the argument of `verifyQuote`. */
export interface TdxEvidence {
  /**
   * Compact: signed region, quote signature (64), attestation key (64), QE report (384), its
   * signature (64), QE authentication data. No PEM and no lengths, which are under no signature.
   */
  readonly quote: Hex;
  readonly leaf: PckLeaf;
  readonly tcbInfoNumber: number;
  readonly qeIdentityNumber: number;
}

/** What a raw quote becomes for the chain. */
export interface BuiltEvidence {
  readonly evidence: TdxEvidence;
  /** DER, for `cachePckCertificate`, which a chain needs once for each PCK certificate. */
  readonly pckCertificate: Hex;
  /** DER of the PCK CA that signed it. */
  readonly pckCa: Hex;
  /** Of that PCK CA. */
  readonly issuerId: Hex;
}

/** The TCB evaluation numbers to judge by. Both are held against the minimum in force. */
export interface EvaluationNumbers {
  readonly tcbInfo: number;
  readonly qeIdentity: number;
}

export type BuildEvidenceOptions =
  | { readonly collateral: QuoteCollateral | Collateral; readonly numbers?: undefined }
  | { readonly numbers: EvaluationNumbers; readonly collateral?: undefined };

function checkNumber(value: number, subject: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  throw invalidParameter(subject, "a whole number of 16 bits", value);
}

function numbersOf({ collateral, numbers }: BuildEvidenceOptions): EvaluationNumbers {
  if (collateral === undefined) return numbers;
  const { tcbInfo, qeIdentity } = Collateral.isGenuine(collateral)
    ? collateral
    : collateralDocuments(collateral);
  return {
    tcbInfo: tcbInfo.tcbEvaluationDataNumber,
    qeIdentity: qeIdentity.tcbEvaluationDataNumber,
  };
}

/** The quote's own chain, or that of the collateral where the quote carries none. */
function chainOf(quote: Quote, { collateral }: BuildEvidenceOptions): Certificate[] {
  const { type, data } = quote.certificationData;
  const supplied = Collateral.isGenuine(collateral)
    ? collateral.pckCertificateChain
    : collateral?.pck_certificate_chain;
  if (type !== PCK_CHAIN_CERTIFICATION_DATA && supplied === undefined) {
    throw new TdxError("PCK_CHAIN_MISSING", {
      subject: "qeCertificationData.type",
      expected: PCK_CHAIN_CERTIFICATION_DATA,
      found: type,
    });
  }
  const pem = type === PCK_CHAIN_CERTIFICATION_DATA ? data : toUtf8(supplied ?? "");
  const subjects = ["PCK certificate", "PCK CA", "root"];
  const certificates = decodePemChain(pem, "PCK chain");
  if (certificates.length !== subjects.length) {
    throw new TdxError("CHAIN_LENGTH_UNEXPECTED", {
      subject: "PCK chain",
      expected: subjects.length,
      found: certificates.length,
    });
  }
  return certificates.map((der, index) => parseCertificate(der, subjects[index] ?? ""));
}

function readLeaf(pck: Certificate, issuerId: Hex): PckLeaf {
  const platform = readPckPlatform(pck, "PCK certificate");
  return Object.freeze({
    tbsHash: keccak256(pck.tbs),
    issuerId,
    x: toHex(pck.publicKey.subarray(0, 32)),
    y: toHex(pck.publicKey.subarray(32)),
    platformId: keccak256(fromHex(platform.ppid) as Uint8Array),
    sgxTcbComponents: toHex(Uint8Array.from(platform.sgxTcbComponents)),
    pceSvn: platform.pceSvn,
    fmspc: platform.fmspc,
    pceId: platform.pceId,
    serial: BigInt(`0x${pck.serial || "0"}`),
    notAfter: pck.notAfter,
  });
}

function compact(quote: Quote): Hex {
  return toHex(
    concatBytes(
      quote.signedRegion,
      quote.signature,
      quote.attestationKey,
      quote.qeReport.bytes,
      quote.qeReportSignature,
      quote.qeAuthData,
    ),
  );
}

const { inputs: VERIFY_QUOTE_INPUTS } = getAbiItem({ abi: tdxAttestationAbi, name: "verifyQuote" });
const LEAF_PARAMETER = VERIFY_QUOTE_INPUTS[0].components[1];

/** What the chain keeps of a verified leaf: the first 20 bytes of a hash over it. */
export function leafDigest(leaf: PckLeaf): Hex {
  return keccak256(encodeAbiParameters([LEAF_PARAMETER], [leaf])).slice(0, 42) as Hex;
}

/**
 * Builds what `verifyQuote` of the attestation contract takes from a raw quote. Framing, lengths and
 * PEM are checked here, as nothing signs them; bytes after the quote's end are dropped. Nothing is
 * verified: that is the contract's part.
 *
 * Errors: the `QUOTE_…`, `PEM_MALFORMED`, `CHAIN_LENGTH_UNEXPECTED`, `CERTIFICATE_…`,
 * `PCK_…` codes of `TdxError`, `COLLATERAL_MALFORMED`, `TCB_INFO_MALFORMED`,
 * `QE_IDENTITY_MALFORMED`; `ONCHAIN_PARAMETER_INVALID` for numbers that are none.
 *
 * @example
 * import { buildEvidence, verifyQuote } from "chainseal/sdk/tdx/onchain";
 *
 * const { evidence } = buildEvidence(quoteBytes, { collateral });
 * const { status } = await verifyQuote(client, { address, evidence });
 */
export function buildEvidence(
  input: Uint8Array | Quote,
  options: BuildEvidenceOptions,
): BuiltEvidence {
  const quote = parseQuote(input);
  const [pck, pckCa] = chainOf(quote, options) as [Certificate, Certificate];
  const issuerId = issuerIdOf(pckCa);
  const { tcbInfo, qeIdentity } = numbersOf(options);
  return Object.freeze({
    evidence: Object.freeze({
      quote: compact(quote),
      leaf: readLeaf(pck, issuerId),
      tcbInfoNumber: checkNumber(tcbInfo, "numbers.tcbInfo"),
      qeIdentityNumber: checkNumber(qeIdentity, "numbers.qeIdentity"),
    }),
    pckCertificate: toHex(pck.der),
    pckCa: toHex(pckCa.der),
    issuerId,
  });
}
