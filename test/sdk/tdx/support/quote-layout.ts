/**
 * Where the fields of a quote are, worked out apart from the parser under test. Offsets are from
 * the start of the quote; the names are those of the table above `parseQuote`.
 */
export interface QuoteLayout {
  /** End of the signed region: header, body descriptor and body. */
  readonly authLength: number;
  readonly signature: number;
  readonly attestationKey: number;
  readonly outerType: number;
  readonly outerLength: number;
  readonly qeReport: number;
  readonly qeReportSignature: number;
  readonly qeAuthLength: number;
  readonly qeAuth: number;
  readonly innerType: number;
  readonly innerLength: number;
  readonly pem: number;
  readonly end: number;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function u16(bytes: Uint8Array, offset: number): number {
  return view(bytes).getUint16(offset, true);
}

export function u32(bytes: Uint8Array, offset: number): number {
  return view(bytes).getUint32(offset, true);
}

/** The quote with a little-endian number at `offset` replaced. */
export function withU16(quote: Uint8Array, offset: number, value: number): Uint8Array {
  const changed = quote.slice();
  view(changed).setUint16(offset, value, true);
  return changed;
}

export function withU32(quote: Uint8Array, offset: number, value: number): Uint8Array {
  const changed = quote.slice();
  view(changed).setUint32(offset, value, true);
  return changed;
}

/** The quote with the bytes at `offset` overwritten. */
export function withBytes(quote: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const changed = quote.slice();
  changed.set(bytes, offset);
  return changed;
}

export function withBitFlipped(bytes: Uint8Array, offset: number, bit: number): Uint8Array {
  const changed = bytes.slice();
  view(changed).setUint8(offset, view(changed).getUint8(offset) ^ (1 << bit));
  return changed;
}

export function layoutOf(quote: Uint8Array): QuoteLayout {
  const authLength = u16(quote, 0) === 5 ? 54 + u32(quote, 50) : 632;
  const start = authLength + 4;
  const qeAuth = start + 584;
  const innerType = qeAuth + u16(quote, start + 582);
  return {
    authLength,
    signature: start,
    attestationKey: start + 64,
    outerType: start + 128,
    outerLength: start + 130,
    qeReport: start + 134,
    qeReportSignature: start + 518,
    qeAuthLength: start + 582,
    qeAuth,
    innerType,
    innerLength: innerType + 2,
    pem: innerType + 6,
    end: start + u32(quote, authLength),
  };
}

/** The quote with its field from `from` to `to` replaced, and every length around it put right. */
function withPart(quote: Uint8Array, from: number, to: number, part: Uint8Array): Uint8Array {
  const layout = layoutOf(quote);
  const changed = Buffer.concat([quote.subarray(0, from), part, quote.subarray(to, layout.end)]);
  const grown = part.length - (to - from);
  for (const offset of [layout.authLength, layout.outerLength]) {
    changed.writeUInt32LE(u32(quote, offset) + grown, offset);
  }
  return new Uint8Array(changed);
}

/** The quote with another PCK chain, and every length put right. */
export function withPckChain(quote: Uint8Array, pem: Uint8Array | string): Uint8Array {
  const { pem: from, innerLength, end } = layoutOf(quote);
  const bytes = typeof pem === "string" ? new TextEncoder().encode(pem) : pem;
  return withU32(withPart(quote, from, end, bytes), innerLength, bytes.length);
}

/** The quote with other QE authentication data, and every length put right. */
export function withQeAuthData(quote: Uint8Array, data: Uint8Array): Uint8Array {
  const { qeAuthLength, qeAuth, innerType } = layoutOf(quote);
  return withU16(withPart(quote, qeAuth, innerType, data), qeAuthLength, data.length);
}

export function pckChainOf(quote: Uint8Array): string {
  const { pem, end } = layoutOf(quote);
  return new TextDecoder().decode(quote.subarray(pem, end));
}
