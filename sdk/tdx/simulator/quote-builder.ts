import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { SimulatorError } from "../../x509/writer/errors.ts";
import { type BytesLike, littleEndian, toBytes, toFixedBytes } from "./bytes.ts";
import { type Derivation, type SigningKey, sign } from "./keys.ts";
import { encodeQeReport, type QeReportOptions } from "./qe-report.ts";
import { encodeTdReport, type TdReportOptions, type TdReportType } from "./td-report.ts";

/** Fields of the quote header. */
export interface QuoteHeaderOptions {
  /** The number in the header, whatever the layout. Default: the layout's, 4 or 5. */
  readonly version?: number;
  /** Default 2: ECDSA-256 with P-256. */
  readonly attestationKeyType?: number;
  /** Default 0x81: TDX. */
  readonly teeType?: number;
  /** Default 0, as in all real TDX quotes. */
  readonly qeSvn?: number;
  /** Default 0, as in all real TDX quotes. */
  readonly pceSvn?: number;
  /** 16 bytes. Default: Intel's quoting enclave, the only one that verifiers know. */
  readonly qeVendorId?: BytesLike;
  /** 20 bytes. Default: the QE's identifier (16 bytes, one per platform), then zero. */
  readonly userData?: BytesLike;
}

/** The certification data; it is under no signature. */
export interface CertificationDataOptions {
  /** Of the outer one. Default 6: QE report certification data. */
  readonly outerType?: number;
  /** Of the inner one. Default 5: PCK chain in PEM. */
  readonly type?: number;
  /** In place of the chain. */
  readonly bytes?: BytesLike;
}

export interface QuoteOptions extends TdReportOptions {
  /** The layout. Default 4. */
  readonly version?: 4 | 5;
  /** Version 4 has only TD10. Default in version 5: TD15. */
  readonly body?: TdReportType;
  readonly header?: QuoteHeaderOptions;
  readonly qeReport?: QeReportOptions;
  /** Default: the 32 bytes 00 to 1f, as in most real quotes. */
  readonly qeAuthData?: BytesLike;
  readonly certificationData?: CertificationDataOptions;
  /** Another chain, used as it is: real quotes end theirs with a NUL, as the default does. */
  readonly pckChainPem?: string;
  /** Bytes after the end of the quote. */
  readonly trailing?: BytesLike;
  /** Label of the attestation key. Default: one key per platform. */
  readonly attestationKey?: string;
  /** 64 bytes to put and to certify in place of the attestation key, on the curve or not. */
  readonly attestationPublicKey?: BytesLike;
  /** The key that signs the QE report. Default: the platform's PCK. */
  readonly pckKey?: SigningKey;
  /** Changes header and body before the attestation key signs them. */
  readonly editSigned?: (signed: Uint8Array) => Uint8Array;
  /** Changes the QE report (384 bytes) before the PCK signs it. */
  readonly editQeReport?: (qeReport: Uint8Array) => Uint8Array;
  /** Changes the whole quote, after everything else. */
  readonly edit?: (quote: Uint8Array) => Uint8Array;
}

/** What a platform brings to its quotes. */
export interface QuotingPlatform {
  readonly label: string;
  readonly pckKey: SigningKey;
  readonly pckChainPem: string;
}

const INTEL_QE_VENDOR_ID = "939a7233f79c4ca9940a0db3957f0607";
const bodyTypes = { TD10: 2, TD15: 3 } as const satisfies Record<TdReportType, number>;

/**
 * A TDX quote (Intel TDX DCAP Quoting Library API, appendix A.3 for version 4, A.4 for version 5),
 * all numbers little endian; n is the body's size, 584 or 648:
 *
 * | v4 offset | v5 offset | size | part                                              |
 * |-----------|-----------|------|---------------------------------------------------|
 * | 0         | 0         | 48   | header                                            |
 * | -         | 48        | 6    | body type u16, body size u32                      |
 * | 48        | 54        | n    | TD report                                         |
 * | 632       | 54 + n    | 4    | size of all that follows                          |
 * | 636       | 58 + n    |      | authentication data, `encodeAuthenticationData`   |
 *
 * The attestation key signs all that stands before the size.
 *
 * @throws {SimulatorError} for a field of the wrong size, or TD15 in version 4.
 */
export function buildQuote(
  derivation: Derivation,
  platform: QuotingPlatform,
  options: QuoteOptions,
): Uint8Array {
  const version = options.version ?? 4;
  const type = options.body ?? (version === 4 ? "TD10" : "TD15");
  if (version === 4 && type !== "TD10") throw new SimulatorError("body", "TD10 in version 4", type);

  const body = encodeTdReport(derivation, type, options);
  const descriptor =
    version === 4
      ? []
      : [littleEndian(bodyTypes[type], 2, "body"), littleEndian(body.length, 4, "body")];
  const header = encodeHeader(derivation, platform, version, options.header ?? {});
  const unsigned = concatBytes(header, ...descriptor, body);
  const signed = options.editSigned?.(unsigned) ?? unsigned;

  const quote = concatBytes(
    signed,
    sized(encodeAuthenticationData(derivation, platform, signed, options)),
    toBytes(options.trailing ?? "", "trailing"),
  );
  return options.edit?.(quote) ?? quote;
}

/**
 * | offset | size | field                          |
 * |--------|------|--------------------------------|
 * | 0      | 2    | version                        |
 * | 2      | 2    | attestation key type           |
 * | 4      | 4    | TEE type                       |
 * | 8      | 2    | QE SVN                         |
 * | 10     | 2    | PCE SVN                        |
 * | 12     | 16   | QE vendor id                   |
 * | 28     | 20   | user data                      |
 */
function encodeHeader(
  derivation: Derivation,
  platform: QuotingPlatform,
  version: number,
  options: QuoteHeaderOptions,
): Uint8Array {
  const userData =
    options.userData ??
    concatBytes(derivation.bytes(`platform/${platform.label}/qe-id`, 16), new Uint8Array(4));
  return concatBytes(
    littleEndian(options.version ?? version, 2, "header.version"),
    littleEndian(options.attestationKeyType ?? 2, 2, "header.attestationKeyType"),
    littleEndian(options.teeType ?? 0x81, 4, "header.teeType"),
    littleEndian(options.qeSvn ?? 0, 2, "header.qeSvn"),
    littleEndian(options.pceSvn ?? 0, 2, "header.pceSvn"),
    toFixedBytes(options.qeVendorId ?? INTEL_QE_VENDOR_ID, 16, "header.qeVendorId"),
    toFixedBytes(userData, 20, "header.userData"),
  );
}

/**
 * | offset | size | field                                                  |
 * |--------|------|--------------------------------------------------------|
 * | 0      | 64   | quote signature: r, s                                  |
 * | 64     | 64   | attestation key: x, y                                  |
 * | 128    | 6    | certification data: type u16 (6), size u32             |
 * | 134    | 384  | QE report                                              |
 * | 518    | 64   | QE report signature by the PCK: r, s                   |
 * | 582    | 2    | size of the QE authentication data, here a             |
 * | 584    | a    | QE authentication data                                 |
 * | 584+a  | 6    | certification data: type u16 (5), size u32             |
 * | 590+a  |      | PCK chain, PEM: leaf, CA, root, NUL                    |
 */
function encodeAuthenticationData(
  derivation: Derivation,
  platform: QuotingPlatform,
  signed: Uint8Array,
  options: QuoteOptions,
): Uint8Array {
  const label = options.attestationKey ?? `platform/${platform.label}/attestation-key`;
  const attestationKey = derivation.key(label);
  const attestationPublicKey = toFixedBytes(
    options.attestationPublicKey ?? attestationKey.publicKey.subarray(1),
    64,
    "attestationPublicKey",
  );
  const qeAuthData = toBytes(options.qeAuthData ?? defaultQeAuthData(), "qeAuthData");
  const report = encodeQeReport(
    derivation,
    attestationPublicKey,
    qeAuthData,
    options.qeReport ?? {},
  );
  const qeReport = options.editQeReport?.(report) ?? report;

  const { outerType = 6, type = 5, bytes } = options.certificationData ?? {};
  const chain = utf8ToBytes(options.pckChainPem ?? `${platform.pckChainPem}\0`);
  const certification = bytes === undefined ? chain : toBytes(bytes, "certificationData.bytes");
  const qeCertification = concatBytes(
    qeReport,
    sign(options.pckKey ?? platform.pckKey, qeReport),
    littleEndian(qeAuthData.length, 2, "qeAuthData"),
    qeAuthData,
    littleEndian(type, 2, "certificationData.type"),
    sized(certification),
  );
  return concatBytes(
    sign(attestationKey, signed),
    attestationPublicKey,
    littleEndian(outerType, 2, "certificationData.outerType"),
    sized(qeCertification),
  );
}

function defaultQeAuthData(): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => index);
}

function sized(bytes: Uint8Array): Uint8Array {
  return concatBytes(littleEndian(bytes.length, 4, "size"), bytes);
}
