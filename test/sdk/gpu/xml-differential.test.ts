import assert from "node:assert/strict";
import { createHash, verify, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type SignatureAlgorithm, SignedXml } from "xml-crypto";
import { nobleBackend } from "../../../sdk/gpu/index.ts";
import { readXml } from "../../../sdk/gpu/xml/reader.ts";
import {
  readEnvelopedSignature,
  verifyEnvelopedSignature,
} from "../../../sdk/gpu/xml/signature.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../vectors/gpu");
const C14N_1_0 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const C14N_1_1 = "http://www.w3.org/2006/12/xml-c14n11";
const ECDSA_SHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
const SHA384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? filesIn(file) : [file];
  });
}

/** RIMs that are signed, whether they hold or not. */
const rims = filesIn(FOLDER)
  .filter((file) => /\.(xml|swidtag)$/.test(file))
  .map((file) => ({ name: path.relative(FOLDER, file), text: readFileSync(file, "utf8") }))
  .filter(({ text }) => text.includes("SignatureValue"));

class EcdsaSha384 implements SignatureAlgorithm {
  getAlgorithmName = () => ECDSA_SHA384;
  getSignature = (): string => {
    throw new Error("nothing is signed here");
  };
  verifySignature = (material: string, key: unknown, value: string): boolean =>
    verify(
      "sha384",
      Buffer.from(material),
      { key: String(key), dsaEncoding: "ieee-p1363" },
      Buffer.from(value, "base64"),
    );
}

class Sha384 {
  getAlgorithmName = () => SHA384;
  getHash = (text: string) => createHash("sha384").update(text, "utf8").digest("base64");
}

/** A library that is not ours, with the algorithms that it lacks. C14N 1.1 is 1.0 for these documents. */
function peerOf(text: string): { readonly holds: boolean; readonly signed: string | undefined } {
  const [, certificate = ""] = /X509Certificate>([^<]+)</.exec(text) ?? [];
  const der = Buffer.from(certificate, "base64");
  const { publicKey } = new X509Certificate(der);
  const peer = new SignedXml({
    publicCert: publicKey.export({ type: "spki", format: "pem" }),
    // The key is the one that the document names: chains are not what is compared.
    getCertFromKeyInfo: () => null,
  });
  const c14n = peer.CanonicalizationAlgorithms[C14N_1_0];
  assert.ok(c14n);
  peer.CanonicalizationAlgorithms[C14N_1_1 as typeof C14N_1_0] = c14n;
  Object.assign(peer.SignatureAlgorithms, { [ECDSA_SHA384]: EcdsaSha384 });
  Object.assign(peer.HashAlgorithms, { [SHA384]: Sha384 });
  const [, signature = ""] =
    /(<([\w.-]+:)?Signature[\s>][\s\S]*<\/([\w.-]+:)?Signature>)/.exec(text) ?? [];
  peer.loadSignature(signature);
  try {
    const holds = peer.checkSignature(text);
    return { holds, signed: peer.getSignedReferences()[0] };
  } catch {
    return { holds: false, signed: undefined };
  }
}

function oursOf(text: string): { readonly holds: boolean; readonly signed: string } {
  const signature = readEnvelopedSignature(readXml(Buffer.from(text)));
  const [der = new Uint8Array()] = signature.certificates;
  const jwk = new X509Certificate(der).publicKey.export({ format: "jwk" });
  const point = Buffer.concat([
    Buffer.from(jwk.x ?? "", "base64url"),
    Buffer.from(jwk.y ?? "", "base64url"),
  ]);
  const key = nobleBackend.importP384(point);
  assert.ok(key);
  const signed = Buffer.from(signature.content).toString("utf8");
  try {
    verifyEnvelopedSignature(signature, key, nobleBackend);
    return { holds: true, signed };
  } catch {
    return { holds: false, signed };
  }
}

describe("XML signatures beside xml-crypto", () => {
  it("hold and fail alike over the same canonical bytes, for every RIM of the vectors", () => {
    const held = { true: 0, false: 0 };
    for (const { name, text } of rims) {
      const ours = oursOf(text);
      const peer = peerOf(text);
      assert.equal(ours.holds, peer.holds, name);
      if (peer.signed !== undefined) assert.equal(ours.signed, peer.signed, name);
      held[`${ours.holds}`]++;
    }
    assert.ok(held.true > 20 && held.false > 0, JSON.stringify(held));
  });

  it("fail alike when a digit of a measurement is changed", () => {
    for (const { name, text } of rims.filter((rim) => oursOf(rim.text).holds).slice(0, 6)) {
      const changed = text.replace(
        /(Hash0="[0-9a-f]{20})([0-9a-f])/,
        (_, before: string, digit: string) => `${before}${digit === "0" ? "1" : "0"}`,
      );
      assert.notEqual(changed, text, name);
      assert.equal(oursOf(changed).holds, false, name);
      assert.equal(peerOf(changed).holds, false, name);
    }
  });
});
