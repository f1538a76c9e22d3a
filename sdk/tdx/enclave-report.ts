import { readU16 } from "../bytes.ts";

export const ENCLAVE_REPORT_LENGTH = 384;

/**
 * The quoting enclave's own SGX report, as views of its 384 bytes.
 *
 * | offset | length | field      |
 * | -----: | -----: | ---------- |
 * |      0 |     16 | cpuSvn     |
 * |     16 |      4 | miscSelect |
 * |     48 |     16 | attributes |
 * |     64 |     32 | mrEnclave  |
 * |    128 |     32 | mrSigner   |
 * |    256 |      2 | isvProdId  |
 * |    258 |      2 | isvSvn     |
 * |    320 |     64 | reportData |
 *
 * Intel SGX Developer Reference, `sgx_report_body_t`.
 */
export interface EnclaveReport {
  readonly bytes: Uint8Array;
  readonly miscSelect: Uint8Array;
  readonly attributes: Uint8Array;
  readonly mrEnclave: Uint8Array;
  readonly mrSigner: Uint8Array;
  readonly isvProdId: number;
  readonly isvSvn: number;
  readonly reportData: Uint8Array;
}

/** Reads a report of `ENCLAVE_REPORT_LENGTH` bytes; the caller has checked the length. */
export function readEnclaveReport(bytes: Uint8Array): EnclaveReport {
  return {
    bytes,
    miscSelect: bytes.subarray(16, 20),
    attributes: bytes.subarray(48, 64),
    mrEnclave: bytes.subarray(64, 96),
    mrSigner: bytes.subarray(128, 160),
    isvProdId: readU16(bytes, 256),
    isvSvn: readU16(bytes, 258),
    reportData: bytes.subarray(320, 384),
  };
}
