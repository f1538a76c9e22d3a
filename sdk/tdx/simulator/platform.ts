import { bytesToHex } from "@noble/hashes/utils.js";
import { SimulatorError } from "../../x509/writer/errors.ts";
import { basicConstraints } from "../../x509/writer/extensions.ts";
import {
  type Authorities,
  defaultPckValidity,
  endEntityUsage,
  identifiers,
  type PckCa,
  pckCrlUri,
} from "./authorities.ts";
import { type BytesLike, toBytes, toFixedBytes } from "./bytes.ts";
import { type CertificateTemplate, issueCertificate, type Validity } from "./certificates.ts";
import type { Derivation, SigningKey } from "./keys.ts";
import { names } from "./names.ts";
import {
  type PckConfiguration,
  type PckFields,
  type SgxField,
  sgxExtension,
  sgxFields,
  tcbFields,
} from "./pck-extension.ts";
import { toPemChain } from "./pem.ts";
import { buildQuote, type QuoteOptions } from "./quote-builder.ts";
import { defaultTcbLevels } from "./tcb-info.ts";

/** FMSPC of the default platform, 6 bytes as hex; Intel has none like it. */
export const defaultFmspc = "c5ea1d000000";
/** PCE-ID of the default platform, 2 bytes as hex: every real one's. */
export const defaultPceId = "0000";

/** SGX TCB components of a platform. */
const TCB_COMPONENTS = 16;

/** A machine. Two labels are two machines, with keys, PPID and serial of their own. */
export interface PlatformOptions {
  /** Default `default`. */
  readonly label?: string;
  /** Who issued the PCK certificate. Default `platform`. */
  readonly ca?: PckCa;
  /** 6 bytes. */
  readonly fmspc?: BytesLike;
  /** 2 bytes. */
  readonly pceId?: BytesLike;
  /** 16 bytes. */
  readonly ppid?: BytesLike;
  /** 16 SVNs, 0 to 255. Default: the first level of the default TCB Info. */
  readonly tcbComponents?: readonly number[];
  readonly pceSvn?: number;
  /** 16 bytes. Default: the components, which is what real certificates hold. */
  readonly cpuSvn?: BytesLike;
  /** Default 1, scalable; under the processor CA 0, standard. */
  readonly sgxType?: number;
  /** 16 bytes. Only under the platform CA, unless given. */
  readonly platformInstanceId?: BytesLike;
  /** Only under the platform CA, unless given. */
  readonly configuration?: PckConfiguration;
  /** Of the PCK certificate, at most 20 bytes. */
  readonly serial?: BytesLike;
  /** Of the PCK certificate. */
  readonly validity?: Validity;
  /** Changes the fields inside TCB: leave one out, give one twice, another order. */
  readonly editTcbFields?: (fields: readonly SgxField[]) => readonly SgxField[];
  /** The same for the fields of the SGX extension itself. */
  readonly editSgxFields?: (fields: readonly SgxField[]) => readonly SgxField[];
  /** The last word on what the PCK certificate is made from. */
  readonly editCertificate?: (template: CertificateTemplate) => CertificateTemplate;
}

export interface Platform {
  readonly label: string;
  readonly ca: PckCa;
  /** Hex, lower case. */
  readonly fmspc: string;
  /** Hex, lower case. */
  readonly pceId: string;
  /** What the PCK certificate says. */
  readonly pck: PckFields;
  /** Serial number of the PCK certificate. */
  readonly serial: Uint8Array;
  readonly pckKey: SigningKey;
  /** What the PCK certificate was made from. */
  readonly template: CertificateTemplate;
  /** DER. */
  readonly pckCertificate: Uint8Array;
  /** DER: PCK certificate, its CA, the root. */
  readonly pckChain: readonly [Uint8Array, Uint8Array, Uint8Array];
  /** The same as PEM, without the NUL that quotes put after it. */
  readonly pckChainPem: string;
  /**
   * A quote of a TD on this platform; the default one is UpToDate with the default collateral.
   *
   * @throws {SimulatorError} for a field of the wrong size.
   */
  quote(options?: QuoteOptions): Uint8Array;
}

/** Issues the platform's PCK certificate (Intel SGX PCK Certificate and CRL Profile, 1.3). */
export function createPlatform(
  derivation: Derivation,
  authorities: Authorities,
  options: PlatformOptions,
): Platform {
  const label = options.label ?? "default";
  const ca = options.ca ?? "platform";
  const authority = authorities[`${ca}Ca`];
  const pckKey = derivation.key(`platform/${label}/pck`);
  const pck = pckFields(derivation, label, ca, options);

  const tcb = tcbFields(pck);
  const fields = sgxFields(pck, options.editTcbFields?.(tcb) ?? tcb);
  const issued: CertificateTemplate = {
    ...(options.validity ?? defaultPckValidity),
    serial: serialOf(derivation, label, options.serial),
    issuer: authority.template.subject,
    subject: names.pck,
    publicKey: pckKey.publicKey,
    signer: authority.key,
    extensions: [
      ...identifiers(authority.key, pckKey, pckCrlUri(ca)),
      endEntityUsage,
      basicConstraints({ ca: false }),
      sgxExtension(options.editSgxFields?.(fields) ?? fields),
    ],
  };
  const template = options.editCertificate?.(issued) ?? issued;
  const pckCertificate = issueCertificate(template);
  const pckChain = [pckCertificate, authority.certificate, authorities.root.certificate] as const;
  const pckChainPem = toPemChain(...pckChain);

  return {
    label,
    ca,
    fmspc: bytesToHex(pck.fmspc),
    pceId: bytesToHex(pck.pceId),
    pck,
    serial: template.serial,
    pckKey,
    template,
    pckCertificate,
    pckChain,
    pckChainPem,
    quote: (quoteOptions = {}) =>
      buildQuote(derivation, { label, pckKey, pckChainPem }, quoteOptions),
  };
}

function pckFields(
  derivation: Derivation,
  label: string,
  ca: PckCa,
  options: PlatformOptions,
): PckFields {
  const own = (name: string): Uint8Array => derivation.bytes(`platform/${label}/${name}`, 16);
  const tcbComponents = options.tcbComponents ?? defaultTcbLevels[0].sgxComponents;
  if (tcbComponents.length !== TCB_COMPONENTS) {
    throw new SimulatorError("tcbComponents", `${TCB_COMPONENTS} SVNs`, tcbComponents.length);
  }
  const { platformInstanceId = ca === "platform" ? own("instance-id") : undefined } = options;
  const { configuration = ca === "platform" ? defaultConfiguration : undefined } = options;
  return {
    ppid: toFixedBytes(options.ppid ?? own("ppid"), 16, "ppid"),
    tcbComponents,
    pceSvn: options.pceSvn ?? 13,
    cpuSvn: toFixedBytes(options.cpuSvn ?? Uint8Array.from(tcbComponents), 16, "cpuSvn"),
    pceId: toFixedBytes(options.pceId ?? defaultPceId, 2, "pceId"),
    fmspc: toFixedBytes(options.fmspc ?? defaultFmspc, 6, "fmspc"),
    sgxType: options.sgxType ?? (ca === "platform" ? 1 : 0),
    ...(platformInstanceId === undefined
      ? {}
      : {
          platformInstanceId: toFixedBytes(platformInstanceId, 16, "platformInstanceId"),
        }),
    ...(configuration === undefined ? {} : { configuration }),
  };
}

const defaultConfiguration: PckConfiguration = {
  dynamicPlatform: true,
  cachedKeys: false,
  smtEnabled: true,
};

function serialOf(
  derivation: Derivation,
  label: string,
  serial: BytesLike | undefined,
): Uint8Array {
  return serial === undefined
    ? derivation.serial(`platform/${label}/pck`)
    : toBytes(serial, "serial");
}
