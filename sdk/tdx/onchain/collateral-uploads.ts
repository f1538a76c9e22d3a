import { fromHex, type Hex, toHex, toUtf8 } from "../../bytes.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { fieldOf, hexOf, type QuoteCollateral } from "../collateral.ts";
import { TdxError } from "../errors.ts";
import type { Quote } from "../quote.ts";
import { decodePemChain, parseCertificate, parseCrl } from "../x509.ts";
import { collateralDocuments } from "./collateral-documents.ts";
import { type BuiltEvidence, buildEvidence, type PckLeaf } from "./evidence.ts";
import { issuerIdOf } from "./issuer-id.ts";

/** A PCK CA or TCB signer. */
export interface IssuerUpload {
  readonly part: "PCK CA" | "TCB signer";
  readonly functionName: "uploadPckCa" | "uploadTcbSigner";
  readonly args: readonly [certificate: Hex];
  readonly issuerId: Hex;
  readonly notBefore: number;
}

export interface CrlUpload {
  readonly part: "root CRL" | "PCK CRL";
  readonly functionName: "uploadCrl";
  readonly args: readonly [crl: Hex, issuerId: Hex];
  readonly issuerId: Hex;
  readonly thisUpdate: number;
  readonly revokedCount: number;
}

export interface TcbInfoUpload {
  readonly part: "TCB info";
  readonly functionName: "uploadTcbInfo";
  readonly args: readonly [text: Hex, r: Hex, s: Hex, signerId: Hex];
  readonly fmspc: Hex;
  readonly number: number;
  readonly issueDate: number;
}

export interface QeIdentityUpload {
  readonly part: "QE identity";
  readonly functionName: "uploadQeIdentity";
  readonly args: readonly [text: Hex, r: Hex, s: Hex, signerId: Hex];
  readonly number: number;
  readonly issueDate: number;
}

export interface PckCertificateUpload {
  readonly part: "PCK certificate";
  readonly functionName: "cachePckCertificate";
  readonly args: readonly [certificate: Hex, issuerId: Hex];
  readonly leaf: PckLeaf;
}

/** One call of the attestation contract, and what says whether the chain has it already. */
export type CollateralUpload =
  | IssuerUpload
  | CrlUpload
  | TcbInfoUpload
  | QeIdentityUpload
  | PckCertificateUpload;

/** A chain of an issuer and its root, as collateral has them. */
function readChain(
  pem: string,
  subject: string,
): readonly [issuer: Certificate, root: Certificate] {
  const certificates = decodePemChain(toUtf8(pem), subject);
  const [issuer, root] = certificates;
  if (issuer === undefined || root === undefined || certificates.length !== 2) {
    const found = certificates.length;
    throw new TdxError("CHAIN_LENGTH_UNEXPECTED", { subject, expected: 2, found });
  }
  return [parseCertificate(issuer, subject), parseCertificate(root, "root")];
}

function issuerUpload(part: IssuerUpload["part"], certificate: Certificate): IssuerUpload {
  return {
    part,
    functionName: part === "PCK CA" ? "uploadPckCa" : "uploadTcbSigner",
    args: [toHex(certificate.der)],
    issuerId: issuerIdOf(certificate),
    notBefore: certificate.notBefore,
  };
}

/** One certificate of each issuer, the newest. */
function newestIssuers(
  part: IssuerUpload["part"],
  certificates: readonly Certificate[],
): IssuerUpload[] {
  const newest = new Map<Hex, IssuerUpload>();
  for (const certificate of certificates) {
    const upload = issuerUpload(part, certificate);
    const known = newest.get(upload.issuerId);
    if (known === undefined || known.notBefore < upload.notBefore) {
      newest.set(upload.issuerId, upload);
    }
  }
  return [...newest.values()];
}

function crlUpload(part: CrlUpload["part"], der: Uint8Array, issuerId: Hex): CrlUpload {
  const { thisUpdate, revoked } = parseCrl(der, part);
  return {
    part,
    functionName: "uploadCrl",
    args: [toHex(der), issuerId],
    issuerId,
    thisUpdate,
    revokedCount: revoked.size,
  };
}

function signedText(text: string, signature: Uint8Array, signer: Certificate) {
  return [
    toHex(toUtf8(text)),
    toHex(signature.subarray(0, 32)),
    toHex(signature.subarray(32)),
    issuerIdOf(signer),
  ] as const;
}

function quoteUploads({ evidence, pckCertificate, issuerId }: BuiltEvidence): CollateralUpload[] {
  return [
    {
      part: "PCK certificate",
      functionName: "cachePckCertificate",
      args: [pckCertificate, issuerId],
      leaf: evidence.leaf,
    },
  ];
}

function pckCaOfQuote({ pckCa }: BuiltEvidence): Certificate {
  return parseCertificate(fromHex(pckCa) as Uint8Array, "PCK CA");
}

/**
 * The uploads that make a chain able to judge quotes by this collateral, in the order in which each
 * finds what it needs: root CRL, PCK CA, TCB signer, PCK CRL, TCB info, QE identity; with a quote
 * also its PCK CA and PCK certificate. Nothing is verified here: the contract does that.
 *
 * Without collateral, what the quote itself brings.
 *
 * Errors: those of `buildEvidence` and `createCollateral` for what cannot be read.
 */
export function collateralUploads(
  collateral: QuoteCollateral | null,
  options: { readonly quote?: Uint8Array | Quote } = {},
): readonly CollateralUpload[] {
  const { quote } = options;
  const built =
    quote === undefined
      ? undefined
      : buildEvidence(
          quote,
          collateral === null ? { numbers: { tcbInfo: 0, qeIdentity: 0 } } : { collateral },
        );
  const ofQuote = built === undefined ? [] : [pckCaOfQuote(built)];
  const last = built === undefined ? [] : quoteUploads(built);
  if (collateral === null) return [...newestIssuers("PCK CA", ofQuote), ...last];

  const [pckCa, root] = readChain(fieldOf(collateral, "pck_crl_issuer_chain"), "PCK CA, root");
  const signerOf = (name: "tcb_info_issuer_chain" | "qe_identity_issuer_chain") =>
    readChain(fieldOf(collateral, name), "TCB signer, root")[0];
  const tcbInfoSigner = signerOf("tcb_info_issuer_chain");
  const qeIdentitySigner = signerOf("qe_identity_issuer_chain");
  const documents = collateralDocuments(collateral);
  const { tcbInfo, qeIdentity } = documents;
  return [
    crlUpload("root CRL", hexOf(collateral, "root_ca_crl"), issuerIdOf(root)),
    ...newestIssuers("PCK CA", [pckCa, ...ofQuote]),
    ...newestIssuers("TCB signer", [tcbInfoSigner, qeIdentitySigner]),
    crlUpload("PCK CRL", hexOf(collateral, "pck_crl"), issuerIdOf(pckCa)),
    {
      part: "TCB info",
      functionName: "uploadTcbInfo",
      args: signedText(documents.tcbInfoText, documents.tcbInfoSignature, tcbInfoSigner),
      fmspc: tcbInfo.fmspc,
      number: tcbInfo.tcbEvaluationDataNumber,
      issueDate: tcbInfo.issueDate,
    },
    {
      part: "QE identity",
      functionName: "uploadQeIdentity",
      args: signedText(documents.qeIdentityText, documents.qeIdentitySignature, qeIdentitySigner),
      number: qeIdentity.tcbEvaluationDataNumber,
      issueDate: qeIdentity.issueDate,
    },
    ...last,
  ];
}
