import { decodeBase64 } from "../../base64.ts";
import { equalBytes, toHex, toUtf8 } from "../../bytes.ts";
import type { CryptoBackend, P384Key } from "../crypto-backend.ts";
import { GpuError } from "../errors.ts";
import { canonicalize } from "./canonical.ts";
import { attributeOf, childElements, textOf, type XmlElement } from "./node.ts";
import { readXml } from "./reader.ts";

const XMLDSIG = "http://www.w3.org/2000/09/xmldsig#";
const CANONICAL_XML_11 = "http://www.w3.org/2006/12/xml-c14n11";
const ENVELOPED_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const ECDSA_SHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
const SHA384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";

const SIGNATURE_LENGTH = 96;
const DIGEST_LENGTH = 48;
const MAX_CERTIFICATES = 6;

/** What one enveloped signature says, before any of it is verified. */
export interface EnvelopedSignature {
  /** The bytes that the digest is over: the document without its signature. */
  readonly content: Uint8Array;
  /** The bytes that the signature is over: SignedInfo. */
  readonly signedInfo: Uint8Array;
  readonly digest: Uint8Array;
  /** r || s. */
  readonly value: Uint8Array;
  /** DER, as in the document: the signer first. */
  readonly certificates: readonly Uint8Array[];
}

function malformed(expected: string, found: string): GpuError {
  return new GpuError("RIM_SIGNATURE_MALFORMED", { expected, found });
}

/** The one signature, which must be a child of the root: anywhere else it could be a decoy. */
function findSignature(root: XmlElement): XmlElement {
  const found: XmlElement[] = [];
  const queue = [root];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next.local === "Signature" && next.uri === XMLDSIG) found.push(next);
    queue.push(...childElements(next));
  }
  const [signature] = found;
  if (signature === undefined) throw new GpuError("RIM_SIGNATURE_MISSING");
  if (found.length > 1 || signature.parent !== root) {
    throw new GpuError("RIM_SIGNATURE_MISPLACED", {
      expected: "one child of the root element",
      found: found.length > 1 ? `${found.length} signatures` : "one deeper inside",
    });
  }
  return signature;
}

/** The children of an element, which must be exactly these, with white space between them at most. */
function exactly(element: XmlElement, names: readonly string[]): XmlElement[] {
  const children = childElements(element);
  const isFitting =
    children.length === names.length &&
    children.every((child, index) => child.uri === XMLDSIG && child.local === names[index]) &&
    element.children.every((child) => typeof child !== "string" || /^[ \n\t]*$/.test(child));
  if (isFitting) return children;
  const found = children.map(({ local }) => local).join(", ");
  throw malformed(`${names.join(", ")} in ${element.local}`, found || "nothing");
}

/** An element that names an algorithm, without parameters. */
function expectAlgorithm(element: XmlElement, algorithm: string): void {
  const found = attributeOf(element, "Algorithm");
  if (found !== algorithm || element.attributes.length > 1 || textOf(element)?.trim() !== "") {
    throw new GpuError("RIM_SIGNATURE_ALGORITHM_UNSUPPORTED", {
      subject: element.local,
      expected: algorithm,
      found: found === algorithm ? "parameters" : (found ?? "none"),
    });
  }
}

function base64Of(element: XmlElement): Uint8Array {
  const text = textOf(element);
  if (text === undefined) throw malformed(`base64 in ${element.local}`, "elements");
  const bytes = toUtf8(text.replaceAll(/[ \t]/g, ""));
  return decodeBase64(bytes, 0, bytes.length, (found) =>
    malformed(`base64 in ${element.local}`, found),
  );
}

function bytesOf(element: XmlElement, length: number): Uint8Array {
  const bytes = base64Of(element);
  if (bytes.length === length) return bytes;
  throw malformed(`${length} bytes in ${element.local}`, `${bytes.length} bytes`);
}

/** One reference, to the whole document, by exactly these two transforms. */
function readReference(reference: XmlElement): Uint8Array {
  const uri = attributeOf(reference, "URI");
  if (uri !== "" || reference.attributes.length > 1) {
    throw new GpuError("RIM_REFERENCE_UNSUPPORTED", {
      expected: 'URI=""',
      found: uri === "" ? "more attributes" : (uri ?? "no URI"),
    });
  }
  const [transforms, method, value] = exactly(reference, [
    "Transforms",
    "DigestMethod",
    "DigestValue",
  ]) as [XmlElement, XmlElement, XmlElement];
  const [enveloped, canonical] = exactly(transforms, ["Transform", "Transform"]) as [
    XmlElement,
    XmlElement,
  ];
  expectAlgorithm(enveloped, ENVELOPED_SIGNATURE);
  expectAlgorithm(canonical, CANONICAL_XML_11);
  expectAlgorithm(method, SHA384);
  return bytesOf(value, DIGEST_LENGTH);
}

function readSignedInfo(signedInfo: XmlElement): Uint8Array {
  const references = childElements(signedInfo).filter(({ local }) => local === "Reference");
  if (references.length !== 1) {
    throw new GpuError("RIM_REFERENCE_UNSUPPORTED", {
      expected: "one reference",
      found: references.length,
    });
  }
  const [canonicalization, method, reference] = exactly(signedInfo, [
    "CanonicalizationMethod",
    "SignatureMethod",
    "Reference",
  ]) as [XmlElement, XmlElement, XmlElement];
  expectAlgorithm(canonicalization, CANONICAL_XML_11);
  expectAlgorithm(method, ECDSA_SHA384);
  return readReference(reference);
}

function readCertificates(keyInfo: XmlElement): Uint8Array[] {
  const [data] = exactly(keyInfo, ["X509Data"]) as [XmlElement];
  const { length } = childElements(data);
  if (length === 0 || length > MAX_CERTIFICATES) {
    throw malformed(`1 to ${MAX_CERTIFICATES} certificates`, String(length));
  }
  return exactly(data, Array<string>(length).fill("X509Certificate")).map(base64Of);
}

/**
 * Reads the one enveloped signature of a document (XML Signature 1.1, section 4) in the form that
 * NVIDIA's RIMs have, and no other: Canonical XML 1.1, ECDSA P-384 with SHA-384, one reference to
 * the whole document.
 *
 * Errors: `RIM_SIGNATURE_MISSING`, `RIM_SIGNATURE_MISPLACED`, `RIM_SIGNATURE_MALFORMED`,
 * `RIM_SIGNATURE_ALGORITHM_UNSUPPORTED`, `RIM_REFERENCE_UNSUPPORTED`.
 */
export function readEnvelopedSignature(root: XmlElement): EnvelopedSignature {
  const signature = findSignature(root);
  const [signedInfo, value, keyInfo] = exactly(signature, [
    "SignedInfo",
    "SignatureValue",
    "KeyInfo",
  ]) as [XmlElement, XmlElement, XmlElement];
  const signedBytes = canonicalize(signedInfo);
  return {
    content: canonicalize(root, signature),
    signedInfo: signedBytes,
    // Read from the very bytes whose signature is verified.
    digest: readSignedInfo(readXml(signedBytes)),
    value: bytesOf(value, SIGNATURE_LENGTH),
    certificates: readCertificates(keyInfo),
  };
}

/** Verifies digest and signature. Errors: `RIM_DIGEST_MISMATCH`, `RIM_SIGNATURE_INVALID`. */
export function verifyEnvelopedSignature(
  signature: EnvelopedSignature,
  key: P384Key,
  crypto: CryptoBackend,
): void {
  const digest = crypto.sha384(signature.content);
  if (!equalBytes(digest, signature.digest)) {
    throw new GpuError("RIM_DIGEST_MISMATCH", {
      expected: toHex(signature.digest),
      found: toHex(digest),
    });
  }
  if (!crypto.verifyP384(key, signature.value, signature.signedInfo)) {
    throw new GpuError("RIM_SIGNATURE_INVALID");
  }
}
