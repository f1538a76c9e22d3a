import { createPublicKey, type KeyObject, verify } from "node:crypto";

/** Where the parts of a quote are, by Intel's layout and nothing that the simulator says. */
export interface QuoteParts {
  readonly header: Uint8Array;
  readonly signed: Uint8Array;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  readonly attestationKey: Uint8Array;
  readonly outerType: number;
  readonly qeReport: Uint8Array;
  readonly qeReportSignature: Uint8Array;
  readonly qeAuthData: Uint8Array;
  readonly innerType: number;
  readonly certificationData: Uint8Array;
  /** What stands after the end that the sizes give. */
  readonly trailing: Uint8Array;
  /** Whether each inner size fills the outer one exactly. */
  readonly exact: boolean;
}

/** Cuts a quote of version 4, or of version 5 with a body of `bodySize` bytes. */
export function readQuote(quote: Uint8Array, bodyOffset = 48, bodySize = 584): QuoteParts {
  const view = new DataView(quote.buffer, quote.byteOffset, quote.byteLength);
  const bytes = (offset: number, size: number) => quote.subarray(offset, offset + size);
  const end = bodyOffset + bodySize;
  const start = end + 4;
  const authSize = view.getUint32(end, true);
  const outerSize = view.getUint32(start + 130, true);
  const authDataSize = view.getUint16(start + 582, true);
  const inner = start + 584 + authDataSize;
  const innerSize = view.getUint32(inner + 2, true);
  return {
    header: bytes(0, 48),
    signed: bytes(0, end),
    body: bytes(bodyOffset, bodySize),
    signature: bytes(start, 64),
    attestationKey: bytes(start + 64, 64),
    outerType: view.getUint16(start + 128, true),
    qeReport: bytes(start + 134, 384),
    qeReportSignature: bytes(start + 518, 64),
    qeAuthData: bytes(start + 584, authDataSize),
    innerType: view.getUint16(inner, true),
    certificationData: bytes(inner + 6, innerSize),
    trailing: quote.subarray(start + authSize),
    exact: inner + 6 + innerSize === start + authSize && outerSize === authSize - 134,
  };
}

export const v5Td15 = [54, 648] as const;
export const v5Td10 = [54, 584] as const;

/** Node's own key from a point, 64 bytes (x, y) or 65 (04, x, y). */
export function nodeKey(point: Uint8Array): KeyObject {
  const [x, y] = [point.subarray(-64, -32), point.subarray(-32)].map((coordinate) =>
    Buffer.from(coordinate).toString("base64url"),
  );
  return createPublicKey({
    key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" },
    format: "jwk",
  });
}

/** ECDSA P-256 with SHA-256 over r and s, by Node's own crypto. */
export function verifies(point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verify("sha256", message, { key: nodeKey(point), dsaEncoding: "ieee-p1363" }, signature);
}
