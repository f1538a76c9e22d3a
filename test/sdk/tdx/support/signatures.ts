/** Order of the P-256 group (SP 800-186, 3.2.1.3). */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** Big-endian, 32 bytes. */
export function bytes32(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

/** The other signature (r, n - s) of the same message under the same key: ECDSA has two. */
export function twinOf(signature: Uint8Array): Uint8Array {
  const s = toNumber(signature.subarray(32, 64));
  return new Uint8Array([...signature.subarray(0, 32), ...bytes32(P256_ORDER - s)]);
}

/** One DER element with its header, of less than 16 MB. */
export function encodeDer(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const octets = [length >> 16, (length >> 8) & 255, length & 255];
  while (octets[0] === 0 && octets.length > 1) octets.shift();
  const header = length < 0x80 ? octets : [0x80 + octets.length, ...octets];
  const element = new Uint8Array(1 + header.length + length);
  element.set([tag, ...header]);
  element.set(content, 1 + header.length);
  return element;
}

function encodeInteger(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
  const content = Buffer.from(hex, "hex");
  return encodeDer(0x02, (content[0] ?? 0) >= 0x80 ? new Uint8Array([0, ...content]) : content);
}

function contentOf(element: Uint8Array): Uint8Array {
  const first = element[1] ?? 0;
  return element.subarray(first < 0x80 ? 2 : 2 + (first - 0x80));
}

function elementsOf(content: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let rest = content; rest.length > 0; ) {
    const first = rest[1] ?? 0;
    const count = first < 0x80 ? 0 : first - 0x80;
    let length = first < 0x80 ? first : 0;
    for (const byte of rest.subarray(2, 2 + count)) length = length * 256 + byte;
    elements.push(rest.subarray(0, 2 + count + length));
    rest = rest.subarray(2 + count + length);
  }
  return elements;
}

/** A certificate or CRL with the twin of its signature in the signature's place. */
export function withTwinSignature(der: Uint8Array): Uint8Array {
  const [tbs, algorithm, signature] = elementsOf(contentOf(der));
  if (tbs === undefined || algorithm === undefined || signature === undefined) {
    throw new Error("not a certificate or CRL");
  }
  const pair = contentOf(contentOf(signature).subarray(1));
  const [r, s] = elementsOf(pair).map((element) => toNumber(contentOf(element)));
  if (r === undefined || s === undefined) throw new Error("not a signature");
  const twin = encodeDer(
    0x30,
    new Uint8Array([...encodeInteger(r), ...encodeInteger(P256_ORDER - s)]),
  );
  const bits = encodeDer(0x03, new Uint8Array([0, ...twin]));
  return encodeDer(0x30, new Uint8Array([...tbs, ...algorithm, ...bits]));
}
