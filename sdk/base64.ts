const INVALID = 255;
const VALUES = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < 64; i++) {
  VALUES["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".charCodeAt(i)] = i;
}

type Malformed = (found: string) => Error;

/**
 * Decodes base64 (RFC 4648, section 4) between two offsets: the standard alphabet, broken by line
 * ends anywhere, with padding at the end only. Every text has at most one meaning; what `malformed`
 * makes is thrown for any other.
 */
export function decodeBase64(
  bytes: Uint8Array,
  from: number,
  to: number,
  malformed: Malformed,
): Uint8Array {
  const buffer = new Uint8Array(Math.ceil(((to - from) * 3) / 4));
  let length = 0;
  let word = 0;
  let digits = 0;
  let padding = 0;
  for (let offset = from; offset < to; offset++) {
    // Four digits at once, where no line ends among them: nearly always.
    while (digits === 0 && padding === 0 && offset + 4 <= to) {
      const a = VALUES[bytes[offset] as number] as number;
      const b = VALUES[bytes[offset + 1] as number] as number;
      const c = VALUES[bytes[offset + 2] as number] as number;
      const d = VALUES[bytes[offset + 3] as number] as number;
      if ((a | b | c | d) > 63) break;
      buffer[length++] = (a << 2) | (b >> 4);
      buffer[length++] = (b << 4) | (c >> 2);
      buffer[length++] = (c << 6) | d;
      offset += 4;
    }
    if (offset === to) break;
    const byte = bytes[offset] as number;
    if (byte === 0x0a || byte === 0x0d) continue;
    if (byte === 0x3d) {
      padding++;
      continue;
    }
    const value = VALUES[byte] as number;
    if (value === INVALID || padding > 0) throw malformed(`not base64 at byte ${offset}`);
    word = (word << 6) | value;
    if (++digits === 4) {
      buffer[length++] = word >> 16;
      buffer[length++] = word >> 8;
      buffer[length++] = word;
      word = 0;
      digits = 0;
    }
  }
  // The bits that padding leaves unused must be zero, or two texts would give one certificate.
  if (digits === 2 && padding === 2 && (word & 0x0f) === 0) {
    buffer[length++] = word >> 4;
  } else if (digits === 3 && padding === 1 && (word & 0x03) === 0) {
    buffer[length++] = word >> 10;
    buffer[length++] = word >> 2;
  } else if (digits !== 0 || padding !== 0) {
    throw malformed(`base64 that does not end properly at byte ${to}`);
  }
  return buffer.slice(0, length);
}
