import { concatBytes } from "../../bytes.ts";
import { type SigningKey, sign } from "./keys.ts";
import { encodeOpaqueData, type OpaqueField } from "./opaque-builder.ts";

export interface ReportParts {
  /** 32 bytes. */
  readonly nonce: Uint8Array;
  readonly responderNonce: Uint8Array;
  /** One SHA-384 value for each block, from index 1 on. */
  readonly blocks: readonly Uint8Array[];
  readonly opaque: readonly OpaqueField[];
  readonly signer: SigningKey;
  /** Changes what is signed before it is signed. */
  readonly editSigned?: (signed: Uint8Array) => Uint8Array;
  /** Changes the whole report after it is signed. */
  readonly edit?: (report: Uint8Array) => Uint8Array;
}

/** A block's fields between its index and its value: DMTF, 51 bytes, digest, 48 bytes. */
const BLOCK_HEADER = Uint8Array.of(0x01, 0x33, 0x00, 0x01, 0x30, 0x00);

/** Makes a report as `parseReport` describes it. */
export function buildReport(parts: ReportParts): Uint8Array {
  const record = concatBytes(
    ...parts.blocks.flatMap((value, i) => [Uint8Array.of(i + 1), BLOCK_HEADER, value]),
  );
  const opaque = encodeOpaqueData(parts.opaque);
  const { length } = record;
  const signed = concatBytes(
    Uint8Array.of(0x11, 0xe0, 0x01, 0xff),
    parts.nonce,
    Uint8Array.of(0, 0x11, 0x60, 0, 0, parts.blocks.length),
    Uint8Array.of(length & 255, (length >> 8) & 255, length >> 16),
    record,
    parts.responderNonce,
    Uint8Array.of(opaque.length & 255, opaque.length >> 8),
    opaque,
  );
  const edited = parts.editSigned?.(signed) ?? signed;
  const report = concatBytes(edited, sign(parts.signer, edited));
  return parts.edit?.(report) ?? report;
}
