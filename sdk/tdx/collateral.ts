import { equalBytes, fromHex, type Hex, toUtf8 } from "../bytes.ts";
import { type Crl, MAX_CRL_LENGTH } from "../x509/crl.ts";
import { MAX_PEM_LENGTH } from "../x509/pem.ts";
import { pckCaOf, verifyPckCaChain, verifyTcbSignerChain } from "./chain.ts";
import { defaultBackend } from "./crypto.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { TdxError, type TdxErrorCode } from "./errors.ts";
import {
  type CollateralPeriod,
  certificatePeriod,
  checkPeriod,
  crlPeriod,
  documentPeriod,
} from "./period.ts";
import { parseQeIdentity, type QeIdentity } from "./qe-identity.ts";
import { type Issuer, loadTrustedRoot, type TrustedRoot } from "./root.ts";
import { parseTcbInfo, type TcbInfo } from "./tcb-info.ts";
import { parseCrl, verifyCrl } from "./x509.ts";

/**
 * Collateral as PCCS clients pass it around (QuoteCollateralV3): PEM chains, leaf first and root
 * last; CRLs as hex of DER; the exact text that Intel signed; signatures as hex of r || s.
 */
export interface QuoteCollateral {
  readonly pck_crl_issuer_chain: string;
  readonly root_ca_crl: string;
  readonly pck_crl: string;
  readonly tcb_info_issuer_chain: string;
  readonly tcb_info: string;
  readonly tcb_info_signature: string;
  readonly qe_identity_issuer_chain: string;
  readonly qe_identity: string;
  readonly qe_identity_signature: string;
  /** For quotes that do not carry their chain themselves. */
  readonly pck_certificate_chain?: string;
}

const MAX_JSON_LENGTH = 262_144;

const MAX_LENGTHS: Readonly<Record<keyof QuoteCollateral, number>> = {
  pck_crl_issuer_chain: MAX_PEM_LENGTH,
  root_ca_crl: 2 * MAX_CRL_LENGTH,
  pck_crl: 2 * MAX_CRL_LENGTH,
  tcb_info_issuer_chain: MAX_PEM_LENGTH,
  tcb_info: MAX_JSON_LENGTH,
  tcb_info_signature: 128,
  qe_identity_issuer_chain: MAX_PEM_LENGTH,
  qe_identity: MAX_JSON_LENGTH,
  qe_identity_signature: 128,
  pck_certificate_chain: MAX_PEM_LENGTH,
};

/** A member of an object that may be anything: a getter or a Proxy may throw. */
function memberOf(json: object, name: keyof QuoteCollateral): unknown {
  try {
    return Reflect.get(json, name);
  } catch (cause) {
    throw new TdxError("COLLATERAL_MALFORMED", { subject: name, expected: "a text", cause });
  }
}

/** Half of a surrogate pair has no UTF-8: it would be signed as another character. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** The text of one member. Errors: `COLLATERAL_MALFORMED`. */
export function fieldOf(json: object, name: keyof QuoteCollateral): string {
  const value = memberOf(json, name);
  const malformed = (found: string) =>
    new TdxError("COLLATERAL_MALFORMED", { subject: name, expected: "a text", found });
  if (typeof value !== "string") throw malformed(value === undefined ? "nothing" : typeof value);
  // Hex may begin with 0x, which does not count.
  const isTooLong = value.length - (value.startsWith("0x") ? 2 : 0) > MAX_LENGTHS[name];
  if (isTooLong || !isWellFormed(value)) {
    throw malformed(isTooLong ? `${value.length} characters` : "half of a surrogate pair");
  }
  return value;
}

/** The bytes of a member that is hex. Errors: `COLLATERAL_MALFORMED`. */
export function hexOf(json: object, name: keyof QuoteCollateral, length?: number): Uint8Array {
  const bytes = fromHex(fieldOf(json, name));
  if (bytes === undefined || (length !== undefined && bytes.length !== length)) {
    throw new TdxError("COLLATERAL_MALFORMED", {
      subject: name,
      expected: length === undefined ? "hex" : `${length} bytes in hex`,
      found: bytes === undefined ? "other characters" : `${bytes.length} bytes`,
    });
  }
  return bytes;
}

function refuseRevoked(root: Crl, issuer: Issuer, code: TdxErrorCode, subject: string): void {
  const { serial } = issuer.certificate;
  if (root.revoked.has(serial)) throw new TdxError(code, { subject, found: `serial 0x${serial}` });
}

/**
 * Collateral whose every signature, issuer and revocation has been checked under one root. It is
 * immutable and does not depend on the time, so one object serves any number of quotes; `verify`
 * compares its periods with the verification time.
 */
export class Collateral {
  readonly tcbInfo: TcbInfo;
  readonly qeIdentity: QeIdentity;
  /** Which CA's platforms the PCK CRL is for. */
  readonly pckCa: "platform" | "processor";
  readonly fmspc: Hex;
  /** When each part may be used. */
  readonly periods: readonly CollateralPeriod[];
  /** From when all parts may be used, Unix seconds. */
  readonly validFrom: number;
  /** Until when all parts may be used, Unix seconds. */
  readonly validUntil: number;
  /** How many PCK certificates the PCK CRL revokes. */
  readonly revokedCount: number;

  readonly #root: TrustedRoot;
  readonly #rootCrl: Crl;
  readonly #pckCrl: Crl;
  readonly #crlIssuer: Issuer;
  readonly #pckCertificateChain: string | undefined;

  /** Use `createCollateral`. */
  constructor(json: object, root: TrustedRoot) {
    const { crypto } = root;
    this.#root = root;
    this.#crlIssuer = verifyPckCaChain(toUtf8(fieldOf(json, "pck_crl_issuer_chain")), root);
    this.#rootCrl = parseCrl(hexOf(json, "root_ca_crl"), "root CRL");
    verifyCrl(this.#rootCrl, root, "root CRL", crypto);
    refuseRevoked(this.#rootCrl, root, "ROOT_REVOKED", "root");
    refuseRevoked(this.#rootCrl, this.#crlIssuer, "PCK_CA_REVOKED", "PCK CA");
    this.#pckCrl = parseCrl(hexOf(json, "pck_crl"), "PCK CRL");
    verifyCrl(this.#pckCrl, this.#crlIssuer, "PCK CRL", crypto);

    const verifyText = (name: "tcb_info" | "qe_identity", code: TdxErrorCode) => {
      const signer = verifyTcbSignerChain(toUtf8(fieldOf(json, `${name}_issuer_chain`)), root);
      refuseRevoked(this.#rootCrl, signer, "TCB_SIGNER_REVOKED", `signer of ${name}`);
      const signature = hexOf(json, `${name}_signature`, 64);
      const text = fieldOf(json, name);
      if (!crypto.verifyP256(signer.key, signature, toUtf8(text))) {
        throw new TdxError(code, { subject: name });
      }
      return { text, signer };
    };
    const tcbInfo = verifyText("tcb_info", "TCB_INFO_SIGNATURE_INVALID");
    this.tcbInfo = parseTcbInfo(tcbInfo.text);
    const qeIdentity = verifyText("qe_identity", "QE_IDENTITY_SIGNATURE_INVALID");
    this.qeIdentity = parseQeIdentity(qeIdentity.text);

    const chain = memberOf(json, "pck_certificate_chain");
    this.#pckCertificateChain =
      chain === undefined || chain === null ? undefined : fieldOf(json, "pck_certificate_chain");
    this.fmspc = this.tcbInfo.fmspc;
    this.revokedCount = this.#pckCrl.revoked.size;
    this.pckCa = pckCaOf(this.#crlIssuer.certificate);
    this.periods = Object.freeze([
      certificatePeriod("root", root),
      crlPeriod("root CRL", this.#rootCrl),
      certificatePeriod("issuer of the PCK CRL", this.#crlIssuer),
      crlPeriod("PCK CRL", this.#pckCrl),
      certificatePeriod("signer of the TCB info", tcbInfo.signer),
      documentPeriod("TCB info", this.tcbInfo, "TCB_INFO"),
      certificatePeriod("signer of the QE identity", qeIdentity.signer),
      documentPeriod("QE identity", this.qeIdentity, "QE_IDENTITY"),
    ]);
    this.validFrom = Math.max(...this.periods.map((period) => period.from));
    this.validUntil = Math.min(...this.periods.map((period) => period.until));
    Object.freeze(this);
  }

  /** Whether this is an object that the constructor made, and not one that only looks like it. */
  static isGenuine(value: unknown): value is Collateral {
    return typeof value === "object" && value !== null && #root in value;
  }

  /** The root under which everything was verified. */
  get root(): TrustedRoot {
    return this.#root;
  }

  /** PEM, for quotes that do not carry their PCK chain. */
  get pckCertificateChain(): string | undefined {
    return this.#pckCertificateChain;
  }

  /**
   * Refuses a time outside any part's period. Errors: `CERTIFICATE_…`, `CRL_…`, `TCB_INFO_…` and
   * `QE_IDENTITY_NOT_YET_VALID` or `_EXPIRED`.
   */
  checkTime(at: number): void {
    if (at >= this.validFrom && at <= this.validUntil) return;
    for (const period of this.periods) checkPeriod(period, at);
  }

  /**
   * Refuses a PCK certificate that is revoked, or of which these CRLs say nothing.
   *
   * Errors: `CRL_ISSUER_MISMATCH`, `PCK_CA_REVOKED`, `PCK_REVOKED`.
   */
  checkRevocation(pck: Issuer, pckCa: Issuer): void {
    const expected = pckCa.certificate;
    const found = this.#crlIssuer.certificate;
    // The names alone could be anyone's: the list must be signed by the very key that signed the leaf.
    if (!sameIssuer(expected, found)) {
      throw new TdxError("CRL_ISSUER_MISMATCH", {
        subject: "PCK CRL",
        expected: expected.subject.commonName,
        found: found.subject.commonName,
      });
    }
    refuseRevoked(this.#rootCrl, pckCa, "PCK_CA_REVOKED", "PCK CA");
    const { serial } = pck.certificate;
    if (this.#pckCrl.revoked.has(serial)) {
      throw new TdxError("PCK_REVOKED", {
        subject: "PCK certificate",
        found: `serial 0x${serial}`,
      });
    }
  }
}

function sameIssuer(
  a: { readonly subject: { readonly der: Uint8Array }; readonly publicKey: Uint8Array },
  b: { readonly subject: { readonly der: Uint8Array }; readonly publicKey: Uint8Array },
): boolean {
  return equalBytes(a.subject.der, b.subject.der) && equalBytes(a.publicKey, b.publicKey);
}

export interface CreateCollateralOptions {
  /** The root certificate that everything must chain to, DER or PEM. */
  readonly root: Uint8Array | string;
  /** Default: node:crypto where there is one, else JavaScript. */
  readonly crypto?: CryptoBackend;
}

/**
 * Parses collateral and verifies all of it that does not depend on the time: chains to the root,
 * signatures of CRLs, TCB info and QE identity over their exact text, revocation of their signers.
 *
 * Errors: `COLLATERAL_MALFORMED`, and every code of `docs/errors.md` for certificates, revocation
 * lists and collateral but those about time.
 */
export function createCollateral(
  json: QuoteCollateral | object,
  options: CreateCollateralOptions,
): Collateral {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TdxError("COLLATERAL_MALFORMED", { expected: "an object", found: typeof json });
  }
  return new Collateral(json, loadTrustedRoot(options.root, options.crypto ?? defaultBackend));
}
