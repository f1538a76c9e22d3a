import { createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import { parseQuote, type Quote } from "../../sdk/tdx/index.ts";
import { encodeDer } from "../../test/sdk/tdx/support/signatures.ts";

/** SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point's coordinates (RFC 5480). */
const SPKI_PREFIX = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex");

/** The ways to import x || y into node:crypto, each with all that can be done before it done. */
const IMPORTS = {
  JWK(point: Uint8Array): () => KeyObject {
    const coordinate = (from: number) =>
      Buffer.from(point.subarray(from, from + 32)).toString("base64url");
    const key = { kty: "EC", crv: "P-256", x: coordinate(0), y: coordinate(32) };
    return () => createPublicKey({ key, format: "jwk" });
  },
  SPKI(point: Uint8Array): () => KeyObject {
    const key = Buffer.concat([SPKI_PREFIX, point]);
    return () => createPublicKey({ key, format: "der", type: "spki" });
  },
  PEM(point: Uint8Array): () => KeyObject {
    const base64 = Buffer.concat([SPKI_PREFIX, point]).toString("base64");
    const key = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
    return () => createPublicKey(key);
  },
} as const;

export type Import = keyof typeof IMPORTS;

/** Which import is the fastest depends on the version of Node.js. */
export function fastestImport(quote: Uint8Array): Import {
  const { attestationKey } = parseQuote(quote);
  const times = (Object.keys(IMPORTS) as Import[]).map((name) => {
    const run = IMPORTS[name](attestationKey);
    for (let i = 0; i < 500; i++) run();
    const start = performance.now();
    for (let i = 0; i < 2_000; i++) run();
    return [name, performance.now() - start] as const;
  });
  return times.reduce((best, next) => (next[1] < best[1] ? next : best))[0];
}

function toDer(signature: Uint8Array): Uint8Array {
  const integer = (half: Uint8Array) => {
    const from = half.findIndex((byte) => byte !== 0);
    const digits = half.subarray(from);
    return encodeDer(0x02, Uint8Array.of(...((digits[0] ?? 0) >= 0x80 ? [0] : []), ...digits));
  };
  const pair = [integer(signature.subarray(0, 32)), integer(signature.subarray(32))];
  return encodeDer(0x30, new Uint8Array(Buffer.concat(pair)));
}

/**
 * The least that verifying a quote can cost when its PCK certificate is known and nothing else of
 * the platform is: two P-256 verifications and the import of one key, with node:crypto alone and
 * in its fastest form. Everything that can be done before is.
 */
export function signatureLimit(quote: Quote, by: Import): () => void {
  const pem = Buffer.from(quote.certificationData.data).toString("latin1");
  const end = "-----END CERTIFICATE-----";
  const pck = new X509Certificate(pem.slice(0, pem.indexOf(end) + end.length)).publicKey;
  const importKey = IMPORTS[by](quote.attestationKey);
  const qeReportSignature = toDer(quote.qeReportSignature);
  const signature = toDer(quote.signature);
  const { qeReport, signedRegion } = quote;

  return () => {
    if (
      !verify("sha256", qeReport.bytes, pck, qeReportSignature) ||
      !verify("sha256", signedRegion, importKey(), signature)
    ) {
      throw new Error("a signature does not verify");
    }
  };
}
