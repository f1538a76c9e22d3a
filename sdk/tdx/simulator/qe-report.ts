import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { type BytesLike, littleEndian, toFixedBytes } from "./bytes.ts";
import type { Derivation } from "./keys.ts";

/** Fields of the quoting enclave's report. */
export interface QeReportOptions {
  /** 16 bytes. Not compared with anything by Intel's rules. */
  readonly cpuSvn?: BytesLike;
  /** 4 bytes. */
  readonly miscSelect?: BytesLike;
  /** 16 bytes: flags, then XFRM. */
  readonly attributes?: BytesLike;
  /** 32 bytes. */
  readonly mrEnclave?: BytesLike;
  /** 32 bytes. Default: the one that the simulator's QE Identity names. */
  readonly mrSigner?: BytesLike;
  /** Default 2, the TD quoting enclave. */
  readonly isvProdId?: number;
  /** Default 7. */
  readonly isvSvn?: number;
  /** The second half of the report data, 32 bytes. Default zero, as in real quotes. */
  readonly reportDataTail?: BytesLike;
}

/** MRSIGNER of this simulator's quoting enclave, 32 bytes: not Intel's, and another per seed. */
export function quotingEnclaveSigner(derivation: Derivation): Uint8Array {
  return derivation.bytes("qe/mrsigner", 32);
}

/**
 * The quoting enclave's report, 384 bytes (Intel SGX ECDSA Quote Library API, Enclave Report Body):
 *
 * | offset | size | field                                                  |
 * |--------|------|--------------------------------------------------------|
 * | 0      | 16   | CPUSVN                                                 |
 * | 16     | 4    | MISCSELECT                                             |
 * | 20     | 28   | zero                                                   |
 * | 48     | 16   | ATTRIBUTES                                             |
 * | 64     | 32   | MRENCLAVE                                              |
 * | 96     | 32   | zero                                                   |
 * | 128    | 32   | MRSIGNER                                               |
 * | 160    | 96   | zero                                                   |
 * | 256    | 2    | ISVPRODID                                              |
 * | 258    | 2    | ISVSVN                                                 |
 * | 260    | 60   | zero                                                   |
 * | 320    | 32   | report data: SHA-256(attestation key, QE auth data)    |
 * | 352    | 32   | report data: zero                                      |
 */
export function encodeQeReport(
  derivation: Derivation,
  attestationKey: Uint8Array,
  qeAuthData: Uint8Array,
  options: QeReportOptions,
): Uint8Array {
  const zeros = (size: number): Uint8Array => new Uint8Array(size);
  const field = (value: BytesLike | undefined, fallback: BytesLike, size: number, name: string) =>
    toFixedBytes(value ?? fallback, size, `qeReport.${name}`);
  return concatBytes(
    field(options.cpuSvn, "0404191b04ff00060000000000000000", 16, "cpuSvn"),
    field(options.miscSelect, zeros(4), 4, "miscSelect"),
    zeros(28),
    // INIT, MODE64BIT, PROVISION_KEY; XFRM as in real quotes.
    field(options.attributes, "1500000000000000e700000000000000", 16, "attributes"),
    field(options.mrEnclave, derivation.bytes("qe/mrenclave", 32), 32, "mrEnclave"),
    zeros(32),
    field(options.mrSigner, quotingEnclaveSigner(derivation), 32, "mrSigner"),
    zeros(96),
    littleEndian(options.isvProdId ?? 2, 2, "qeReport.isvProdId"),
    littleEndian(options.isvSvn ?? 7, 2, "qeReport.isvSvn"),
    zeros(60),
    sha256(concatBytes(attestationKey, qeAuthData)),
    field(options.reportDataTail, zeros(32), 32, "reportDataTail"),
  );
}
