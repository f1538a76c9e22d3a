import { type Hex, toHex, toHexDigits } from "../../bytes.ts";
import { P384_SHA384, readSignatureAlgorithm } from "../../x509/algorithm.ts";
import { DerError, DerReader, readEcdsaSignature, Tag } from "../../x509/der.ts";
import { readExtensions } from "../../x509/extensions.ts";
import { readName } from "../../x509/name.ts";
import { GpuError } from "../errors.ts";

/** The largest response that is looked at: NVIDIA's have 1 KB. */
export const MAX_OCSP_LENGTH = 16_384;
const MAX_CERTIFICATES = 4;
const MAX_ANSWERS = 8;

const BASIC = "2b0601050507300101";
const NONCE = "2b0601050507300102";
const HASHES: Readonly<Record<string, "sha256" | "sha384">> = {
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
};
const NULL = 0x05;
const MAX_REASON = 10;

/** Which certificate an answer is about (RFC 6960, 4.1.1). */
export interface CertificateId {
  readonly hash: "sha256" | "sha384";
  readonly issuerNameHash: Hex;
  readonly issuerKeyHash: Hex;
  /** As in `Certificate.serial`. */
  readonly serial: string;
}

/** RFC 5280, 5.3.1. */
export const REASON_CERTIFICATE_HOLD = 6;

export interface OcspAnswer {
  readonly id: CertificateId;
  readonly status: "good" | "revoked" | "unknown";
  /** Of a revocation, where it is given. */
  readonly reason: number | undefined;
  /** Unix seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/** A parsed response. Nothing of it is verified yet. */
export interface OcspResponse {
  readonly answers: readonly OcspAnswer[];
  /** DER of the responder's name, or its key's identifier. */
  readonly responder: { readonly name?: Uint8Array; readonly keyHash?: Hex };
  readonly nonce: Hex | undefined;
  /** DER. */
  readonly certificates: readonly Uint8Array[];
  readonly signedRegion: Uint8Array;
  /** r || s. */
  readonly signature: Uint8Array;
}

const STATUSES = [
  "successful",
  "malformedRequest",
  "internalError",
  "tryLater",
  "",
  "sigRequired",
  "unauthorized",
];

function readCertificateId(reader: DerReader): CertificateId {
  const id = reader.enter(Tag.SEQUENCE);
  const algorithm = id.enter(Tag.SEQUENCE);
  const hash = HASHES[algorithm.oid()];
  if (hash === undefined) throw new DerError("a certificate id with another hash");
  if (!algorithm.done && algorithm.read(NULL).content.length > 0) throw new DerError("a NULL");
  algorithm.end();
  const issuerNameHash = toHex(id.read(Tag.OCTET_STRING).content);
  const issuerKeyHash = toHex(id.read(Tag.OCTET_STRING).content);
  const serial = toHexDigits(id.unsigned());
  id.end();
  return Object.freeze({ hash, issuerNameHash, issuerKeyHash, serial });
}

/** CertStatus: `good [0]`, `revoked [1] { time, reason [0] }`, `unknown [2]`. */
function readStatus(reader: DerReader): Pick<OcspAnswer, "status" | "reason"> {
  const { tag, content } = reader.read();
  if (tag === 0x80 && content.length === 0) return { status: "good", reason: undefined };
  if (tag === 0x82 && content.length === 0) return { status: "unknown", reason: undefined };
  if (tag !== 0xa1) throw new DerError("a status that does not exist");
  const revoked = new DerReader(content);
  revoked.time();
  if (revoked.done) return { status: "revoked", reason: undefined };
  const wrapper = revoked.enter(0xa0);
  const reason = wrapper.number(MAX_REASON, Tag.ENUMERATED);
  wrapper.end();
  revoked.end();
  return { status: "revoked", reason };
}

/** Nothing critical is understood here; the rest says nothing about the certificate. */
function skipExtensions(reader: DerReader, tag: number): ReturnType<typeof readExtensions> {
  const wrapper = reader.enter(tag);
  const extensions = readExtensions(wrapper);
  wrapper.end();
  for (const { critical } of extensions.values()) {
    if (critical) throw new DerError("a critical extension");
  }
  return extensions;
}

function readAnswer(reader: DerReader): OcspAnswer {
  const answer = reader.enter(Tag.SEQUENCE);
  const id = readCertificateId(answer);
  const status = readStatus(answer);
  const thisUpdate = answer.time();
  // Without an end an answer would be good for ever.
  const wrapper = answer.enter(0xa0);
  const nextUpdate = wrapper.time();
  wrapper.end();
  if (!answer.done) skipExtensions(answer, 0xa1);
  answer.end();
  return Object.freeze({ id, ...status, thisUpdate, nextUpdate });
}

function readResponder(reader: DerReader): OcspResponse["responder"] {
  const { tag, content } = reader.read();
  const inner = new DerReader(content);
  if (tag === 0xa1) {
    const name = readName(inner).der;
    inner.end();
    return { name };
  }
  if (tag !== 0xa2) throw new DerError("a responder without name and key");
  const keyHash = toHex(inner.read(Tag.OCTET_STRING).content);
  inner.end();
  return { keyHash };
}

/** The nonce of a response is an OCTET STRING inside the extension's own (RFC 8954, 2.1). */
function readNonce(extensions: ReturnType<typeof readExtensions>): Hex | undefined {
  const extension = extensions.get(NONCE);
  if (extension === undefined) return undefined;
  const reader = new DerReader(extension.value);
  const { content } = reader.read(Tag.OCTET_STRING);
  reader.end();
  if (content.length < 1 || content.length > 128) throw new DerError("a nonce of another length");
  return toHex(content);
}

function readBasic(der: Uint8Array): OcspResponse {
  const outer = new DerReader(der);
  const basic = outer.enter(Tag.SEQUENCE);
  outer.end();
  const tbs = basic.read(Tag.SEQUENCE);
  readSignatureAlgorithm(basic, P384_SHA384);
  const signature = readEcdsaSignature(basic.octetAlignedBits(), P384_SHA384.size);
  const certificates: Uint8Array[] = [];
  if (!basic.done) {
    const wrapper = basic.enter(0xa0);
    const list = wrapper.enter(Tag.SEQUENCE);
    wrapper.end();
    while (!list.done) {
      if (certificates.length === MAX_CERTIFICATES) throw new DerError("too many certificates");
      certificates.push(list.read(Tag.SEQUENCE).encoded);
    }
  }
  basic.end();

  const data = new DerReader(tbs.content);
  const responder = readResponder(data);
  data.time();
  const list = data.enter(Tag.SEQUENCE);
  const answers: OcspAnswer[] = [];
  do {
    if (answers.length === MAX_ANSWERS) throw new DerError("too many answers");
    answers.push(readAnswer(list));
  } while (!list.done);
  const nonce = data.done ? undefined : readNonce(skipExtensions(data, 0xa1));
  data.end();
  return Object.freeze({
    answers: Object.freeze(answers),
    responder,
    nonce,
    certificates: Object.freeze(certificates),
    signedRegion: tbs.encoded,
    signature,
  });
}

function read(der: Uint8Array): OcspResponse {
  const outer = new DerReader(der);
  const response = outer.enter(Tag.SEQUENCE);
  outer.end();
  const status = response.number(STATUSES.length - 1, Tag.ENUMERATED);
  if (status !== 0) {
    response.end();
    throw new GpuError("OCSP_NOT_SUCCESSFUL", { found: STATUSES[status] || status });
  }
  const wrapper = response.enter(0xa0);
  response.end();
  const bytes = wrapper.enter(Tag.SEQUENCE);
  wrapper.end();
  if (bytes.oid() !== BASIC) throw new DerError("a response that is not basic");
  const { content } = bytes.read(Tag.OCTET_STRING);
  bytes.end();
  return readBasic(content);
}

/**
 * Parses an OCSP response (RFC 6960, 4.2.1): basic, version 1, signed with ECDSA P-384 and SHA-384,
 * every answer with an end. The result holds a private copy.
 *
 * Errors: `OCSP_MALFORMED`, `OCSP_NOT_SUCCESSFUL`.
 */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  const malformed = (found: string) => new GpuError("OCSP_MALFORMED", { found });
  if (!(der instanceof Uint8Array)) throw malformed(typeof der);
  if (der.length > MAX_OCSP_LENGTH) throw malformed(`${der.length} bytes`);
  try {
    return read(new Uint8Array(der));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw malformed(error.message);
  }
}
