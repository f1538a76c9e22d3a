import assert from "node:assert/strict";
import { createRim, type GpuErrorCode, MAX_RIM_LENGTH } from "../../../sdk/gpu/index.ts";
import { readRimContent } from "../../../sdk/gpu/rim-content.ts";
import { readXml } from "../../../sdk/gpu/xml/reader.ts";
import { refusedWith } from "./support/refusal.ts";
import { driverRim, simulator } from "./support/simulated.ts";

const root = simulator.roots.rim;
type Changes = Parameters<typeof driverRim>[0];
const create = (changes: Changes) => createRim(driverRim(changes).xml, { root });
const SIGNATURE = /<ds:Signature .*<\/ds:Signature>/;
const signatureOf = (xml: string) => SIGNATURE.exec(xml)?.[0] ?? "";

function refuses(list: readonly (readonly [what: string, code: GpuErrorCode, changes: Changes])[]) {
  for (const [what, code, changes] of list) {
    it(`refuses ${what}: ${code}`, () => void refusedWith(code, () => create(changes)));
  }
}

const resource = (edit: (text: string) => string): Changes => ({
  // The first resource in the payload.
  editContent: (text) => text.replace(/<Resource .*?<\/Resource>/, edit),
});

describe("a RIM's signed content", () => {
  it("is read from the simulator's, which is accepted", () => {
    const rim = create({});
    assert.deepEqual([rim.version, rim.product, rim.size], ["550.90.07", "GH100", 21]);
    assert.equal(rim.measurements.get(7)?.alternatives.length, 1);
  });

  refuses([
    ["no Meta", "RIM_MALFORMED", { editContent: (text) => text.replace(/<Meta .*<\/Meta>/, "") }],
    [
      "two Metas",
      "RIM_MALFORMED",
      { editContent: (text) => text.replace(/(<Meta .*<\/Meta>)/, "$1$1") },
    ],
    [
      "no version",
      "RIM_MALFORMED",
      { editContent: (text) => text.replace(/ colloquialVersion="[^"]*"/, "") },
    ],
    ["an empty version", "RIM_MALFORMED", { colloquialVersion: "" }],
    [
      "no Payload",
      "RIM_MALFORMED",
      { editContent: (text) => text.replace(/<Payload>[\s\S]*<\/Payload>/, "") },
    ],
    [
      "something else in the Payload",
      "RIM_MALFORMED",
      resource((text) => `<Other></Other>${text}`),
    ],
    ["no index", "RIM_MALFORMED", resource((text) => text.replace(/ index="\d+"/, ""))],
    [
      "an index that is no number",
      "RIM_MALFORMED",
      { resources: () => [{ index: "abc", hashes: ["00".repeat(48)] }] },
    ],
    [
      "a negative index",
      "RIM_MALFORMED",
      { resources: () => [{ index: "-1", hashes: ["00".repeat(48)] }] },
    ],
    [
      "an index beyond all",
      "RIM_MALFORMED",
      { resources: () => [{ index: 256, hashes: ["00".repeat(48)] }] },
    ],
    [
      "a size that is no number",
      "RIM_MALFORMED",
      { resources: () => [{ index: 1, size: "abc", hashes: ["00".repeat(48)] }] },
    ],
    [
      "no alternatives",
      "RIM_MALFORMED",
      resource((text) => text.replace(/ alternatives="\d+"/, "")),
    ],
    [
      "alternatives that are no number",
      "RIM_MALFORMED",
      resource((text) => text.replace(/alternatives="\d+"/, 'alternatives="xyz"')),
    ],
    ["zero alternatives", "RIM_MALFORMED", { resources: () => [{ index: 1, hashes: [] }] }],
    [
      "more alternatives than hashes",
      "RIM_MALFORMED",
      resource((text) => text.replace('alternatives="1"', 'alternatives="2"')),
    ],
    [
      "more alternatives than any RIM",
      "RIM_MALFORMED",
      { resources: () => [{ index: 1, hashes: Array(33).fill("00".repeat(48)) }] },
    ],
    [
      "a hash without its namespace",
      "RIM_MALFORMED",
      resource((text) => text.replace(/(Resource) (.*?) SHA384:Hash0=("[^"]*")/, "$1 Hash0=$3 $2")),
    ],
    [
      "a hash that is not hex",
      "RIM_MALFORMED",
      { resources: () => [{ index: 1, hashes: ["xy".repeat(48)] }] },
    ],
    [
      "a hash of another length",
      "RIM_MALFORMED",
      { resources: () => [{ index: 1, hashes: ["00".repeat(32)] }] },
    ],
    [
      "a hash with 0x",
      "RIM_MALFORMED",
      { resources: () => [{ index: 1, hashes: [`0x${"00".repeat(47)}`] }] },
    ],
    [
      "an activity that is neither",
      "RIM_MALFORMED",
      {
        resources: (list) => [{ ...list[0], index: 1, active: "true", hashes: ["00".repeat(48)] }],
      },
    ],
    [
      "an index twice",
      "RIM_INDEX_DUPLICATE",
      { resources: (list) => [...list, ...list.slice(3, 4)] },
    ],
    [
      "an index twice, though one is not active",
      "RIM_INDEX_DUPLICATE",
      {
        resources: (list) => [
          ...list,
          ...list.slice(3, 4).map((one) => ({ ...one, active: "False" })),
        ],
      },
    ],
    [
      "nothing that is active",
      "RIM_EMPTY",
      { resources: (list) => list.map((one) => ({ ...one, active: "False" })) },
    ],
    ["an empty payload", "RIM_EMPTY", { resources: () => [] }],
  ]);

  it("refuses another root element: RIM_MALFORMED", () => {
    const xml = new TextEncoder().encode("<SoftwareIdentity><Meta/><Payload/></SoftwareIdentity>");
    refusedWith("RIM_MALFORMED", () => readRimContent(readXml(xml)));
  });

  it("ignores resources that are no measurements", () => {
    const changes = resource((text) => `<Resource type="File"></Resource>${text}`);
    assert.equal(create(changes).size, 21);
  });
});

describe("a RIM's signature", () => {
  refuses([
    ["no signature", "RIM_SIGNATURE_MISSING", { edit: (xml) => xml.replace(SIGNATURE, "") }],
    [
      "a signature of another namespace",
      "RIM_SIGNATURE_MISSING",
      { edit: (xml) => xml.replaceAll("http://www.w3.org/2000/09/xmldsig#", "urn:x") },
    ],
    [
      "two signatures",
      "RIM_SIGNATURE_MISPLACED",
      { edit: (xml) => xml.replace(SIGNATURE, (one) => one + one) },
    ],
    [
      "a signature inside of the payload",
      "RIM_SIGNATURE_MISPLACED",
      {
        edit: (xml) =>
          xml.replace(SIGNATURE, "").replace("</Payload>", `${signatureOf(xml)}</Payload>`),
      },
    ],
    [
      "no value",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace(/<ds:SignatureValue>.*<\/ds:SignatureValue>/, "") },
    ],
    [
      "a value of another length",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace(/<ds:SignatureValue>.{4}/, "<ds:SignatureValue>") },
    ],
    [
      "a value that is not base64",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace("<ds:SignatureValue>", "<ds:SignatureValue>?") },
    ],
    [
      "elements in the value",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace("<ds:SignatureValue>", "<ds:SignatureValue><x/>") },
    ],
    [
      "an Object beside it",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace("</ds:Signature>", "<ds:Object/></ds:Signature>") },
    ],
    [
      "text in it",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace("</ds:Signature>", "x</ds:Signature>") },
    ],
    [
      "no certificate",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace(/<ds:X509Certificate>.*<\/ds:X509Certificate>/, "") },
    ],
    [
      "too many certificates",
      "RIM_SIGNATURE_MALFORMED",
      { edit: (xml) => xml.replace(/(<ds:X509Certificate>.*<\/ds:X509Certificate>)/, "$1$1") },
    ],
    [
      "a certificate that is not base64",
      "RIM_SIGNATURE_MALFORMED",
      {
        edit: (xml) =>
          xml.replace("<ds:X509Certificate>", "<ds:X509Certificate>--- NO CERTIFICATE ---"),
      },
    ],
    [
      "certificate bytes that are none",
      "CERTIFICATE_MALFORMED",
      {
        edit: (xml) => xml.replace(/<ds:X509Certificate>[^<]*/, "<ds:X509Certificate>aW52YWxpZA=="),
      },
    ],
    [
      "a chain of the root alone",
      "CHAIN_LENGTH_UNEXPECTED",
      {
        edit: (xml) =>
          xml.replace(
            /(<ds:X509Certificate>[^<]*<\/ds:X509Certificate>)+<\/ds:X509Data>/,
            "$1</ds:X509Data>",
          ),
      },
    ],
    [
      "a signer that is a CA",
      "CERTIFICATE_USAGE_FORBIDDEN",
      { edit: (xml) => xml.replace(/<ds:X509Certificate>[^<]*<\/ds:X509Certificate>/, "") },
    ],
    [
      "another canonicalisation",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      {
        editSignedInfo: (text) =>
          text.replace("2006/12/xml-c14n11", "TR/2001/REC-xml-c14n-20010315"),
      },
    ],
    [
      "exclusive canonicalisation",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      {
        editSignedInfo: (text) =>
          text.replaceAll(
            "http://www.w3.org/2006/12/xml-c14n11",
            "http://www.w3.org/2001/10/xml-exc-c14n#",
          ),
      },
    ],
    [
      "SHA-256",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace("xmldsig-more#sha384", "xmlenc#sha256") },
    ],
    [
      "RSA",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace("ecdsa-sha384", "rsa-sha384") },
    ],
    [
      "HMAC with the certificate as the key",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace("ecdsa-sha384", "hmac-sha384") },
    ],
    [
      "an XSLT transform",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      {
        editSignedInfo: (text) =>
          text.replace(
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
            "http://www.w3.org/TR/1999/REC-xslt-19991116",
          ),
      },
    ],
    [
      "an XPath transform in place of canonicalisation",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      {
        editSignedInfo: (text) =>
          text.replace(
            /(<ds:Transform Algorithm=")http[^"]*c14n11/,
            "$1http://www.w3.org/TR/1999/REC-xpath-19991116",
          ),
      },
    ],
    [
      "parameters of an algorithm",
      "RIM_SIGNATURE_ALGORITHM_UNSUPPORTED",
      {
        editSignedInfo: (text) =>
          text.replace(
            "</ds:SignatureMethod>",
            "<ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>",
          ),
      },
    ],
    [
      "a third transform",
      "RIM_SIGNATURE_MALFORMED",
      { editSignedInfo: (text) => text.replace(/(<ds:Transform [^>]*><\/ds:Transform>)/, "$1$1") },
    ],
    [
      "one transform",
      "RIM_SIGNATURE_MALFORMED",
      { editSignedInfo: (text) => text.replace(/<ds:Transform [^>]*><\/ds:Transform>/, "") },
    ],
    [
      "a reference to a part",
      "RIM_REFERENCE_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace('URI=""', 'URI="#x"') },
    ],
    [
      "a reference to a file",
      "RIM_REFERENCE_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace('URI=""', 'URI="file:///etc/passwd"') },
    ],
    [
      "a reference without an address",
      "RIM_REFERENCE_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace(' URI=""', "") },
    ],
    [
      "a reference with more",
      "RIM_REFERENCE_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace('URI=""', 'Type="x" URI=""') },
    ],
    [
      "two references",
      "RIM_REFERENCE_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace(/(<ds:Reference .*<\/ds:Reference>)/, "$1$1") },
    ],
    [
      "no reference",
      "RIM_REFERENCE_UNSUPPORTED",
      { editSignedInfo: (text) => text.replace(/<ds:Reference .*<\/ds:Reference>/, "") },
    ],
    [
      "a digest of another length",
      "RIM_SIGNATURE_MALFORMED",
      { editSignedInfo: (text) => text.replace(/<ds:DigestValue>.{4}/, "<ds:DigestValue>") },
    ],
    [
      "SignedInfo changed after signing",
      "RIM_SIGNATURE_INVALID",
      { edit: (xml) => xml.replace("<ds:SignedInfo>", "<ds:SignedInfo> ") },
    ],
    [
      "a signer under another CA",
      "CERTIFICATE_SIGNATURE_INVALID",
      { editSigner: () => ({ signer: simulator.key("mallory") }) },
    ],
    [
      "another signer than the certificate's",
      "RIM_SIGNATURE_INVALID",
      { editSigner: () => ({ publicKey: simulator.key("mallory").publicKey }) },
    ],
  ]);

  it("is over the document, whatever is wrapped around or put beside it", () => {
    // Wrapping: the signed document as a part of a forged one, with its signature lifted out.
    const genuine = driverRim({}).xml;
    const forged = driverRim({
      resources: (list) => list.map((one) => ({ ...one, hashes: ["ab".repeat(48)] })),
    }).xml;
    const original = genuine.replace(SIGNATURE, "");
    const wrapped = forged
      .replace(SIGNATURE, "")
      .replace(
        "</SoftwareIdentity>",
        `<Wrapper>${original}</Wrapper>${signatureOf(genuine)}</SoftwareIdentity>`,
      );
    refusedWith("RIM_DIGEST_MISMATCH", () => createRim(wrapped, { root }));
    const inside = forged
      .replace(SIGNATURE, "")
      .replace("</SoftwareIdentity>", `${genuine}</SoftwareIdentity>`);
    refusedWith("RIM_SIGNATURE_MISPLACED", () => createRim(inside, { root }));
  });

  it("does not depend on how the document is written", () => {
    const plain = driverRim({}).xml;
    const written = plain
      .replaceAll(/><\/(Resource|Meta|ds:Transform|ds:DigestMethod)>/g, "/>")
      .replaceAll('active="True"', "active = 'True'")
      .replace("<Payload>", "<!-- a comment --><Payload >")
      .replace(/<ds:SignatureValue>(.{64})/, "<ds:SignatureValue>\n$1\r\n");
    const other = createRim(`<?xml version="1.0"?>\n${written}\n`, { root });
    assert.notEqual(other.sha256, createRim(plain, { root }).sha256);
    assert.equal(other.size, 21);
  });

  it("is looked for up to a size", () => {
    const { xml } = driverRim({});
    createRim(xml.padEnd(MAX_RIM_LENGTH, "\n"), { root });
    refusedWith("RIM_TOO_LARGE", () => createRim(xml.padEnd(MAX_RIM_LENGTH + 1, "\n"), { root }));
    refusedWith("RIM_TOO_LARGE", () => createRim(new Uint8Array(10_000_000), { root }));
    refusedWith("RIM_NOT_CREATED", () => createRim(null as never, { root }));
  });
});
