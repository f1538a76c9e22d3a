import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { QuoteCollateral } from "../collateral.ts";
import {
  type Authorities,
  type AuthorityOptions,
  createAuthorities,
  type PckCa,
} from "./authorities.ts";
import { issueCrl } from "./crl.ts";
import { type Derivation, sign } from "./keys.ts";
import { toPemChain } from "./pem.ts";
import { defaultFmspc, defaultPceId } from "./platform.ts";
import { type QeIdentityOptions, qeIdentityText } from "./qe-identity.ts";
import { quotingEnclaveSigner } from "./qe-report.ts";
import { type CrlOptions, createCrlTemplate, type Revoked } from "./revocation.ts";
import { type TcbInfoOptions, tcbInfoText } from "./tcb-info.ts";

/** A text to sign in place of the simulator's, or a change to it. */
export type TextEdit = string | ((text: string) => string);

/** `validity` and `tcbSignerLabel` hold for the chains of this collateral only. */
export interface CollateralOptions extends AuthorityOptions {
  /** 6 bytes as hex, as it stands in the document. Default: the default platform's. */
  readonly fmspc?: string;
  /** 2 bytes as hex, as it stands in the document. Default `0000`. */
  readonly pceId?: string;
  /** Whose PCK CRL. Default `platform`. */
  readonly ca?: PckCa;
  /** Of TCB Info and QE Identity alike, unless they have their own. Default 20. */
  readonly tcbEvaluationDataNumber?: number;
  readonly tcbInfo?: TcbInfoOptions;
  readonly qeIdentity?: QeIdentityOptions;
  readonly pckCrl?: CrlOptions;
  readonly rootCrl?: CrlOptions;
  /** PCK certificates in the PCK CRL, such as `platform.serial`. */
  readonly revokedPck?: readonly Revoked[];
  /** Certificates in the root CRL, such as `simulator.serials.tcbSigner`. */
  readonly revokedCa?: readonly Revoked[];
  /** The last word on the text of the TCB Info before it is signed: JSON or not. */
  readonly tcbInfoJson?: TextEdit;
  /** The last word on the text of the QE Identity before it is signed: JSON or not. */
  readonly qeIdentityJson?: TextEdit;
}

/** Makes collateral; `base` are the authorities that hold where `options` asks for no others. */
export function createCollateral(
  derivation: Derivation,
  base: { readonly at: number; readonly authorityOptions: AuthorityOptions },
  options: CollateralOptions,
): QuoteCollateral {
  const { at } = base;
  const authorities = createAuthorities(
    derivation,
    mergeAuthorityOptions(base.authorityOptions, options),
  );
  const ca = options.ca ?? "platform";
  const tcbEvaluationDataNumber = options.tcbEvaluationDataNumber ?? 20;
  const crl = (
    issuer: "root" | PckCa,
    revoked: readonly Revoked[],
    crlOptions: CrlOptions,
  ): string =>
    bytesToHex(
      issueCrl(createCrlTemplate(derivation, authorities, issuer, at, revoked, crlOptions)),
    );

  const tcbInfo = edited(
    options.tcbInfoJson,
    tcbInfoText(
      { fmspc: options.fmspc ?? defaultFmspc, pceId: options.pceId ?? defaultPceId },
      { at, tcbEvaluationDataNumber },
      options.tcbInfo ?? {},
    ),
  );
  const mrSigner = bytesToHex(quotingEnclaveSigner(derivation));
  const qeIdentity = edited(
    options.qeIdentityJson,
    qeIdentityText({ at, tcbEvaluationDataNumber, mrSigner }, options.qeIdentity ?? {}),
  );
  const signature = (text: string): string =>
    bytesToHex(sign(authorities.tcbSigner.key, utf8ToBytes(text)));
  const signerChain = chainOf(authorities, "tcbSigner");

  return {
    pck_crl_issuer_chain: chainOf(authorities, `${ca}Ca`),
    root_ca_crl: crl("root", options.revokedCa ?? [], options.rootCrl ?? {}),
    pck_crl: crl(ca, options.revokedPck ?? [], options.pckCrl ?? {}),
    tcb_info_issuer_chain: signerChain,
    tcb_info: tcbInfo,
    tcb_info_signature: signature(tcbInfo),
    qe_identity_issuer_chain: signerChain,
    qe_identity: qeIdentity,
    qe_identity_signature: signature(qeIdentity),
  };
}

function mergeAuthorityOptions(base: AuthorityOptions, own: AuthorityOptions): AuthorityOptions {
  const tcbSignerLabel = own.tcbSignerLabel ?? base.tcbSignerLabel;
  return {
    validity: { ...base.validity, ...own.validity },
    ...(tcbSignerLabel === undefined ? {} : { tcbSignerLabel }),
  };
}

function chainOf(authorities: Authorities, name: keyof Authorities): string {
  return toPemChain(authorities[name].certificate, authorities.root.certificate);
}

function edited(edit: TextEdit | undefined, text: string): string {
  if (edit === undefined) return text;
  return typeof edit === "string" ? edit : edit(text);
}
