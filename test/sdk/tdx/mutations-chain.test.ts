import assert from "node:assert/strict";
import { quoteCases, quoteOf } from "../../support/vectors.ts";
import { certificatesOf, toPem } from "./support/pem.ts";
import { pckChainOf, withPckChain } from "./support/quote-layout.ts";
import { itRefuses, type Mutation, otherV4, root, v4, v5 } from "./support/specimen.ts";

const { quote } = v4;

function threeOf(pem: string): readonly [leaf: Uint8Array, ca: Uint8Array, root: Uint8Array] {
  const [leaf, ca, top] = certificatesOf(pem);
  assert.ok(leaf !== undefined && ca !== undefined && top !== undefined);
  return [leaf, ca, top];
}

const [leaf, ca] = threeOf(pckChainOf(quote));
const [otherLeaf] = threeOf(pckChainOf(otherV4.quote));
const [signer] = certificatesOf(v4.json.tcb_info_issuer_chain);
assert.ok(signer !== undefined);

type Refusal = Mutation[2];

function chain(name: string, certificates: readonly Uint8Array[], code: Refusal): Mutation {
  return [name, withPckChain(quote, toPem(...certificates)), code];
}

describe("which certificates are in the PCK chain", () => {
  itRefuses(v4, [
    chain("none", [], "CHAIN_LENGTH_UNEXPECTED"),
    chain("the leaf alone", [leaf], "CHAIN_LENGTH_UNEXPECTED"),
    chain("the root alone", [root], "CHAIN_LENGTH_UNEXPECTED"),
    chain("no root", [leaf, ca], "CHAIN_LENGTH_UNEXPECTED"),
    chain("no PCK CA", [leaf, root], "CHAIN_LENGTH_UNEXPECTED"),
    chain("no leaf", [ca, root], "CHAIN_LENGTH_UNEXPECTED"),
    chain("the leaf twice, four in all", [leaf, leaf, ca, root], "CHAIN_LENGTH_UNEXPECTED"),
    chain("the root twice, four in all", [leaf, ca, root, root], "CHAIN_LENGTH_UNEXPECTED"),
    chain("five", [leaf, ca, ca, ca, root], "PEM_MALFORMED"),
    chain("in reverse order", [root, ca, leaf], "ROOT_UNTRUSTED"),
    chain("PCK CA and root exchanged", [leaf, root, ca], "ROOT_UNTRUSTED"),
    chain("leaf and PCK CA exchanged", [ca, leaf, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
    chain("the leaf in the PCK CA's place", [leaf, leaf, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
    chain("the PCK CA in the leaf's place", [ca, ca, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
    chain("the root in the leaf's place", [root, ca, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
    chain("the root in the PCK CA's place", [leaf, root, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
    chain("the root three times", [root, root, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
    chain(
      "the TCB signer in the leaf's place",
      [signer, ca, root],
      "CERTIFICATE_SUBJECT_UNEXPECTED",
    ),
    chain(
      "the TCB signer in the PCK CA's place",
      [leaf, signer, root],
      "CERTIFICATE_SUBJECT_UNEXPECTED",
    ),
    chain("the PCK of another platform", [otherLeaf, ca, root], "QE_REPORT_SIGNATURE_INVALID"),
    [
      "the chain of another quote",
      withPckChain(quote, pckChainOf(v5.quote)),
      "QE_REPORT_SIGNATURE_INVALID",
    ],
  ]);

  for (const entry of quoteCases("test-root")) {
    const [testLeaf, testCa, testRoot] = threeOf(pckChainOf(quoteOf(entry)));
    const of = `of ${entry.name}`;
    itRefuses(v4, [
      chain(`the whole chain ${of}`, [testLeaf, testCa, testRoot], "ROOT_UNTRUSTED"),
      chain(`the root ${of}, with the same names`, [leaf, ca, testRoot], "ROOT_UNTRUSTED"),
      chain(`leaf and PCK CA ${of}`, [testLeaf, testCa, root], "CERTIFICATE_ISSUER_MISMATCH"),
      chain(`the PCK CA ${of}`, [leaf, testCa, root], "CERTIFICATE_ISSUER_MISMATCH"),
      chain(`the leaf ${of}`, [testLeaf, ca, root], "CERTIFICATE_ISSUER_MISMATCH"),
    ]);
  }
});

function malform(name: string, edit: (pem: string) => string | Uint8Array): Mutation {
  const pem = toPem(leaf, ca, root);
  const edited = edit(pem);
  assert.notEqual(edited, pem, name);
  return [name, withPckChain(quote, edited), "PEM_MALFORMED"];
}

describe("the text of the PCK chain", () => {
  const FIRST_LINE = /(?<=-----\n)[A-Za-z0-9+/]{64}/;
  itRefuses(v4, [
    malform("text before it", (pem) => `subject=CN = Intel SGX PCK Certificate\n${pem}`),
    malform("text between certificates", (pem) =>
      pem.replace("CATE-----\n-----BEGIN", "CATE-----\nissuer\n-----BEGIN"),
    ),
    malform("text after it", (pem) => `${pem}and more`),
    malform("a certificate after NUL", (pem) => `${pem}\0${toPem(leaf)}`),
    malform("NUL between certificates", (pem) => pem.replace("\n-----BEGIN", "\n\0-----BEGIN")),
    malform("a NUL before it", (pem) => `\0${pem}`),
    malform("a byte order mark", (pem) => `\ufeff${pem}`),
    malform("a form feed after it", (pem) => `${pem}\f`),
    malform("another label", (pem) => pem.replaceAll("CERTIFICATE", "X509 CERTIFICATE")),
    malform("a label in lower case", (pem) => pem.replaceAll("CERTIFICATE", "certificate")),
    malform("labels that differ", (pem) => pem.replace("END CERTIFICATE", "END PUBLIC KEY")),
    malform("four dashes", (pem) => pem.replace("-----BEGIN", "----BEGIN")),
    malform("no end", (pem) => pem.slice(0, pem.lastIndexOf("-----END"))),
    malform("no beginning", (pem) => pem.slice(pem.indexOf("\n") + 1)),
    malform("an empty certificate", (pem) => pem.replace(/(?<=BEGIN CERTIFICATE-----\n)[^-]+/, "")),
    malform("a header as in RFC 1421", (pem) => pem.replace("-----\nM", "-----\nVersion: 3\n\nM")),
    malform("a character left out", (pem) => pem.replace(FIRST_LINE, (line) => line.slice(1))),
    malform("a space in base64", (pem) => pem.replace(FIRST_LINE, (line) => ` ${line}`)),
    malform("base64url", (pem) => pem.replace("+", "-")),
    malform("padding inside", (pem) => pem.replace(FIRST_LINE, (line) => `${line.slice(0, -1)}=`)),
    malform("no padding", (pem) => pem.replace(/=+\n-----END/, "\n-----END")),
    malform("padding too long", (pem) => pem.replace("\n-----END", "====\n-----END")),
    malform("DER instead of PEM", () => new Uint8Array([...leaf, ...ca, ...root])),
    malform("hex instead of base64", () => Buffer.from(leaf).toString("hex")),
    malform("more white space than any chain", (pem) => `${pem}${" ".repeat(16_384)}`),
    malform("nothing but a minus", () => "-"),
    malform("all ff", () => new Uint8Array(100).fill(0xff)),
  ]);

  it("has no second spelling: unused bits of the last character are zero", () => {
    const bits = certificatesOf(toPem(leaf));
    assert.deepEqual(bits, [leaf]);
    const mutations = [leaf, ca, root].flatMap((der, index) => {
      const pem = toPem(der);
      const last = /([A-Za-z0-9+/])(=+)\n-----END/.exec(pem);
      if (last === null) return [];
      const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      const [whole, letter = "", padding = ""] = last;
      const other = ALPHABET.charAt(ALPHABET.indexOf(letter) ^ 1);
      const text = pem.replace(whole, whole.replace(`${letter}${padding}`, `${other}${padding}`));
      assert.deepEqual(certificatesOf(text), [der], "Node.js decodes it to the same bytes");
      const parts = [leaf, ca, root].map((each) => toPem(each)).with(index, text);
      return [parts.join("")];
    });
    assert.ok(mutations.length > 0);
    for (const pem of mutations) {
      assert.throws(() => v4.check(withPckChain(quote, pem)), { code: "PEM_MALFORMED" });
    }
  });
});

describe("the DER of the PCK chain", () => {
  const longer = (der: Uint8Array) => new Uint8Array([...der, 0]);
  /** The outer length in four bytes where two would do: BER, not DER. */
  const notShortest = (der: Uint8Array) =>
    new Uint8Array([0x30, 0x83, 0x00, ...der.subarray(2, 4), ...der.subarray(4)]);
  const indefinite = (der: Uint8Array) => new Uint8Array([0x30, 0x80, ...der.subarray(4), 0, 0]);
  itRefuses(v4, [
    chain("a byte after the leaf", [longer(leaf), ca, root], "CERTIFICATE_MALFORMED"),
    chain("a byte after the PCK CA", [leaf, longer(ca), root], "CERTIFICATE_MALFORMED"),
    chain("a byte after the root", [leaf, ca, longer(root)], "ROOT_UNTRUSTED"),
    chain("the leaf cut", [leaf.slice(0, -1), ca, root], "CERTIFICATE_MALFORMED"),
    chain("the PCK CA cut", [leaf, ca.slice(0, -1), root], "CERTIFICATE_MALFORMED"),
    chain("the root cut", [leaf, ca, root.slice(0, -1)], "ROOT_UNTRUSTED"),
    chain(
      "a length not in its shortest form",
      [notShortest(leaf), ca, root],
      "CERTIFICATE_MALFORMED",
    ),
    chain("an indefinite length", [indefinite(leaf), ca, root], "CERTIFICATE_MALFORMED"),
    chain("one zero byte for the leaf", [Uint8Array.of(0), ca, root], "CERTIFICATE_MALFORMED"),
    chain("a leaf of 9 KB of zeros", [new Uint8Array(9_000), ca, root], "CERTIFICATE_MALFORMED"),
    chain(
      "a leaf of nested sequences",
      [new Uint8Array(8_000).map((_, i) => (i % 2 === 0 ? 0x30 : 0x7f)), ca, root],
      "CERTIFICATE_MALFORMED",
    ),
  ]);
});
