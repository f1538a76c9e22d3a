import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { readPckPlatform } from "../../../sdk/tdx/pck.ts";
import { parseCertificate, parseCrl } from "../../../sdk/tdx/x509.ts";
import { MAX_CRL_LENGTH } from "../../../sdk/x509/crl.ts";
import { DerError, DerReader, readEcdsaSignature } from "../../../sdk/x509/der.ts";
import { collateralCases, collateralOf, quoteOf } from "../../support/vectors.ts";
import { forAll, mutated, spliced, withinLimits } from "./support/fuzz.ts";
import { certificatesOf } from "./support/pem.ts";
import { pckChainOf } from "./support/quote-layout.ts";
import { encodeDer } from "./support/signatures.ts";

function unique(all: readonly Uint8Array[]): Uint8Array[] {
  const byHex = new Map(all.map((der) => [Buffer.from(der).toString("hex"), der]));
  return [...byHex.values()];
}

const certificates = unique(
  collateralCases.flatMap((entry) => [
    ...certificatesOf(pckChainOf(quoteOf(entry))),
    ...certificatesOf(collateralOf(entry).tcb_info_issuer_chain),
  ]),
);
const crls = unique(
  collateralCases.flatMap((entry) => {
    const { root_ca_crl, pck_crl } = collateralOf(entry);
    return [root_ca_crl, pck_crl].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));
  }),
);

const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x17, 0x18, 0x30, 0x31, 0x80, 0xa0, 0xa3,
  0x1f, 0xff,
];

/** Trees of well-formed elements that mean nothing. */
const { der: tree } = fc.letrec<{ der: Uint8Array; content: Uint8Array }>((tie) => ({
  der: fc
    .tuple(fc.constantFrom(...TAGS), tie("content"))
    .map(([tag, content]) => encodeDer(tag, content)),
  content: fc.oneof(
    { maxDepth: 6, depthSize: "medium" },
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom("20250101000000Z", "250101000000Z", "259999999999Z")
      .map((text) => new TextEncoder().encode(text)),
    fc
      .array(tie("der"), { maxLength: 5 })
      .map((parts) => new Uint8Array(parts.flatMap((part) => [...part]))),
  ),
}));

const bytes = fc.uint8Array({ maxLength: 2_000 });

describe("generated certificates", function () {
  this.timeout(60_000);

  function tryCertificate(der: Uint8Array): void {
    const result = withinLimits(() => parseCertificate(der, "a certificate"));
    if (result instanceof Error) return;
    withinLimits(() => readPckPlatform(result, "a certificate"));
    // What is taken from one that is well-formed is what Node.js (OpenSSL) takes from it.
    const peer = new X509Certificate(der);
    assert.equal(result.notBefore, Date.parse(peer.validFrom) / 1000);
    assert.equal(result.notAfter, Date.parse(peer.validTo) / 1000);
    const serial = result.serial.toUpperCase();
    assert.equal(serial, peer.serialNumber === "00" ? "00" : peer.serialNumber);
  }

  it("the real ones are read as Node.js reads them", () => {
    assert.ok(certificates.length > 20);
    for (const der of certificates) {
      assert.ok(!(withinLimits(() => parseCertificate(der, "")) instanceof Error));
      tryCertificate(der);
    }
  });

  it("text that is not UTF-8 is refused anywhere in a name", () => {
    const locality = Buffer.from("Santa Clara");
    const [der] = certificates;
    assert.ok(der);
    for (const at of [Buffer.from(der).indexOf(locality), Buffer.from(der).lastIndexOf(locality)]) {
      assert.ok(at > 0);
      const changed = der.slice();
      changed[at] = 0x80;
      assert.ok(withinLimits(() => parseCertificate(changed, "a certificate")) instanceof Error);
    }
  });

  it("random bytes and trees", () => forAll(fc.oneof(bytes, tree), tryCertificate, 2));
  it("real ones with changes", () => forAll(mutated(certificates), tryCertificate, 4));
  it("real ones spliced", () => forAll(spliced(certificates), tryCertificate, 2));
});

describe("generated revocation lists", function () {
  this.timeout(60_000);
  const tryCrl = (der: Uint8Array) => {
    const result = withinLimits(() => parseCrl(der, "a CRL"));
    if (!(result instanceof Error)) assert.ok(result.revoked.size <= der.length);
  };

  it("the real ones are read", () => {
    assert.ok(crls.length > 10);
    for (const der of crls) assert.ok(!(withinLimits(() => parseCrl(der, "")) instanceof Error));
  });

  it("random bytes and trees", () => forAll(fc.oneof(bytes, tree), tryCrl, 2));
  it("real ones with changes", () => forAll(mutated(crls), tryCrl, 4));
  it("real ones spliced", () => forAll(spliced(crls), tryCrl, 2));

  it("the largest, with as many entries as it can hold", () => {
    const [real] = crls.filter((der) => der.length > 2_000);
    assert.ok(real !== undefined);
    const list = new DerReader(real).enter(0x30);
    const fields = new DerReader(list.read(0x30).content);
    const head = [0, 1, 2, 3, 4].map(() => fields.read().encoded);
    const [, extensions] = [fields.read().encoded, fields.read().encoded];
    const rest = [list.read().encoded, list.read().encoded];
    assert.ok(fields.done && list.done);

    const entry = (serial: number) => [
      ...[0x30, 0x15, 0x02, 0x04, 0x40, serial >> 16, (serial >> 8) & 255, serial & 255],
      ...[0x17, 0x0d, ...new TextEncoder().encode("250101000000Z")],
    ];
    const count = Math.floor((MAX_CRL_LENGTH - 1_000) / entry(0).length);
    const entries = new Uint8Array(Array.from({ length: count }, (_, i) => entry(i)).flat());
    const join = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
    const tbs = encodeDer(
      0x30,
      join([...head, encodeDer(0x30, entries), extensions ?? new Uint8Array(0)]),
    );
    const largest = encodeDer(0x30, join([tbs, ...rest]));
    assert.ok(largest.length <= MAX_CRL_LENGTH);
    const result = withinLimits(() => parseCrl(largest, "the largest CRL"));
    assert.ok(!(result instanceof Error) && result.revoked.size === count);
    withinLimits(() => parseCrl(new Uint8Array(MAX_CRL_LENGTH).fill(0x30), "nothing but 30"));
    withinLimits(() => parseCrl(new Uint8Array(50_000_000), "50 MB of zeros"));
  });
});

describe("generated DER", function () {
  this.timeout(60_000);

  it("is read to its end or refused, whatever it is read as", () => {
    const reads = fc.constantFrom<(reader: DerReader) => unknown>(
      (reader) => reader.read(),
      (reader) => reader.unsigned(),
      (reader) => reader.number(255),
      (reader) => reader.boolean(),
      (reader) => reader.oid(),
      (reader) => reader.time(),
      (reader) => reader.namedBits(),
      (reader) => reader.octetAlignedBits(),
      (reader) => reader.enter(0x30),
      (reader) => reader.enter(0x31),
    );
    forAll(
      fc.tuple(fc.oneof(bytes, tree), fc.array(reads, { maxLength: 20 })),
      ([der, steps]) => {
        const reader = new DerReader(der);
        for (const step of steps) {
          const result = withinLimits(() => step(reader), DerError);
          if (result instanceof Error) return;
        }
        withinLimits(() => reader.end(), DerError);
      },
      4,
    );
  });

  it("of signatures gives 64 bytes or is refused", () => {
    const integer = fc.uint8Array({ maxLength: 36 }).map((content) => encodeDer(0x02, content));
    const pair = fc
      .tuple(integer, integer)
      .map(([r, s]) => encodeDer(0x30, new Uint8Array([...r, ...s])));
    forAll(
      fc.oneof(pair, bytes),
      (der) => {
        const result = withinLimits(() => readEcdsaSignature(der), DerError);
        if (!(result instanceof Error)) assert.equal(result.length, 64);
      },
      4,
    );
  });
});
