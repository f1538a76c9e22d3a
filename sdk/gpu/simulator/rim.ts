import { sha384 } from "@noble/hashes/sha2.js";
import { toHexDigits, toUtf8 } from "../../bytes.ts";
import type { Architecture } from "../architecture.ts";
import { CHIPS, createRimAuthorities, type RimSignerOptions } from "./authorities.ts";
import type { Authority } from "./certificates.ts";
import { type GoldenPart, goldenIndexes, goldenValue, kindOf } from "./golden.ts";
import { type Derivation, sign } from "./keys.ts";

/** One measurement as a RIM writes it. */
export interface ResourceOptions {
  readonly index: number | string;
  readonly active?: string;
  readonly size?: number | string;
  /** Hex, or anything. */
  readonly hashes: readonly string[];
}

export interface RimOptions extends RimSignerOptions {
  readonly architecture?: Architecture;
  /** What the RIM is of. Default `driver`. */
  readonly part?: GoldenPart;
  /** The driver's or the VBIOS' version. */
  readonly version: string;
  /** What the tag says its version is; default `version`. */
  readonly colloquialVersion?: string;
  /** Another list of measurements. */
  readonly resources?: (resources: readonly ResourceOptions[]) => readonly ResourceOptions[];
  /** Changes the signed content, which must stay canonical. */
  readonly editContent?: (content: string) => string;
  /** Changes SignedInfo, as it is signed and as it is written. */
  readonly editSignedInfo?: (signedInfo: string) => string;
  /** Changes the document after it is signed. */
  readonly edit?: (xml: string) => string;
}

export interface SimulatedRim {
  readonly xml: string;
  /** Signer first, root last. */
  readonly chain: readonly Authority[];
}

const SWID = "http://standards.iso.org/iso/19770/-2/2015/schema.xsd";
const SHA384 = "http://www.w3.org/2001/04/xmlenc#sha384";
const XMLDSIG = "http://www.w3.org/2000/09/xmldsig#";
const CANONICAL = "http://www.w3.org/2006/12/xml-c14n11";
/** What is in scope at the signature, in canonical order. */
const SCOPE = `xmlns="${SWID}" xmlns:SHA384="${SHA384}" xmlns:ds="${XMLDSIG}"`;
const END = "</SoftwareIdentity>";

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** In canonical form as it stands: attributes in order, every element with an end tag. */
function resource({ index, active = "True", size = 48, hashes }: ResourceOptions): string {
  const own = `active="${active}" alternatives="${hashes.length}" index="${index}" name="Measurement_${index}" size="${size}" type="Measurement"`;
  const values = hashes
    .map((hash, i) => [`Hash${i}`, hash] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hash]) => ` SHA384:${name}="${hash}"`)
    .join("");
  return `<Resource ${own}${values}></Resource>\n`;
}

function contentOf(name: string, version: string, resources: readonly ResourceOptions[]): string {
  const tag = `<SoftwareIdentity xmlns="${SWID}" xmlns:SHA384="${SHA384}" name="${name}" tagId="chainseal-${version}" version="1.0">`;
  const meta = `<Meta colloquialVersion="${version}" edition="Simulated" product="${name}"></Meta>`;
  return `${tag}\n${meta}\n<Payload>\n${resources.map(resource).join("")}</Payload>\n${END}`;
}

function signedInfoOf(digest: Uint8Array): string {
  const method = (element: string, algorithm: string) =>
    `<ds:${element} Algorithm="${algorithm}"></ds:${element}>`;
  const transforms = [`${XMLDSIG}enveloped-signature`, CANONICAL]
    .map((algorithm) => method("Transform", algorithm))
    .join("");
  return [
    "<ds:SignedInfo>",
    method("CanonicalizationMethod", CANONICAL),
    method("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
    `<ds:Reference URI=""><ds:Transforms>${transforms}</ds:Transforms>`,
    method("DigestMethod", "http://www.w3.org/2001/04/xmldsig-more#sha384"),
    `<ds:DigestValue>${base64(digest)}</ds:DigestValue></ds:Reference></ds:SignedInfo>`,
  ].join("");
}

/**
 * Makes a RIM in NVIDIA's form: a software identification tag with an enveloped signature. It is
 * written canonically from the start, so that what is signed does not depend on a canonicaliser.
 */
export function createRimXml(derivation: Derivation, options: RimOptions): SimulatedRim {
  const { architecture = "HOPPER", part = "driver", version } = options;
  const { chain } = createRimAuthorities(derivation, options);
  const golden = goldenIndexes[kindOf(architecture)][part].map((index) => ({
    index,
    hashes: [toHexDigits(goldenValue(derivation, architecture, part, version, index))],
  }));
  const name = CHIPS[architecture].replace("_", "");
  const plain = contentOf(
    name,
    options.colloquialVersion ?? version,
    options.resources?.(golden) ?? golden,
  );
  const content = options.editContent?.(plain) ?? plain;
  const written = signedInfoOf(sha384(toUtf8(content)));
  const signedInfo = options.editSignedInfo?.(written) ?? written;
  const canonical = signedInfo.replace("<ds:SignedInfo>", `<ds:SignedInfo ${SCOPE}>`);
  const signer = chain[0] as Authority;
  const value = base64(sign(signer.key, toUtf8(canonical)));
  const certificates = chain
    .map(({ certificate }) => `<ds:X509Certificate>${base64(certificate)}</ds:X509Certificate>`)
    .join("");
  const signature = `<ds:Signature xmlns:ds="${XMLDSIG}">${signedInfo}<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>${certificates}</ds:X509Data></ds:KeyInfo></ds:Signature>`;
  const xml = `${content.slice(0, -END.length)}${signature}${END}`;
  return { xml: options.edit?.(xml) ?? xml, chain };
}
