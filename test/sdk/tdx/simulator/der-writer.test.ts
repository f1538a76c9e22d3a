import assert from "node:assert/strict";
import { der, SimulatorError } from "../../../../sdk/tdx/simulator/index.ts";
import { hex } from "./der-reader.ts";

describe("DER writer", () => {
  const cases: readonly [string, Uint8Array, string][] = [
    ["an integer of one byte", der.integer(0), "020100"],
    ["the largest of one byte", der.integer(127), "02017f"],
    ["an integer whose high bit is set", der.integer(128), "02020080"],
    ["255", der.integer(255), "020200ff"],
    ["256", der.integer(256), "02020100"],
    ["a negative integer", der.integer(-1), "0201ff"],
    ["the least of one byte", der.integer(-128), "020180"],
    ["the first below it", der.integer(-129), "0202ff7f"],
    ["a bigint", der.integer(2n ** 64n), "0209010000000000000000"],
    ["bytes, unsigned", der.integer(Uint8Array.of(0x95, 0x6f)), "020300956f"],
    ["bytes with leading zeros", der.integer(Uint8Array.of(0, 0, 7)), "020107"],
    ["no bytes", der.integer(new Uint8Array()), "020100"],
    ["an enumerated", der.enumerated(1), "0a0101"],
    ["true", der.boolean(true), "0101ff"],
    ["false", der.boolean(false), "010100"],
    ["bits", der.bitString(Uint8Array.of(0x06), 1), "03020106"],
    ["no bits", der.bitString(new Uint8Array()), "030100"],
    ["octets", der.octetString(Uint8Array.of(1, 2)), "04020102"],
    ["UTF-8", der.utf8String("é"), "0c02c3a9"],
    ["a printable string", der.printableString("US"), "13025553"],
    ["id-ecPublicKey", der.objectIdentifier("1.2.840.10045.2.1"), "06072a8648ce3d0201"],
    ["the SGX extension", der.objectIdentifier("1.2.840.113741.1.13.1"), "06092a864886f84d010d01"],
    ["an arc of 128", der.objectIdentifier("2.5.128"), "0603558100"],
    ["a first arc above 79", der.objectIdentifier("2.999"), "06028837"],
    ["the last UTCTime", der.time(2_524_607_999), "170d3439313233313233353935395a"],
    ["the first GeneralizedTime", der.time(2_524_608_000), "180f32303530303130313030303030305a"],
    ["1949", der.time(-631_152_001), "180f31393439313233313233353935395a"],
    ["1950", der.time(-631_152_000), "170d3530303130313030303030305a"],
    ["a sequence", der.sequence(der.integer(1), der.integer(2)), "3006020101020102"],
    ["an explicit tag", der.explicit(3, der.integer(2)), "a303020102"],
    ["an implicit tag", der.implicit(0, Uint8Array.of(9)), "800109"],
  ];
  for (const [title, written, expected] of cases) {
    it(`writes ${title}`, () => assert.equal(hex(written), expected));
  }

  it("writes each length in its shortest form", () => {
    const prefix = (size: number) => hex(der.octetString(new Uint8Array(size)).subarray(0, 5));
    assert.ok(prefix(127).startsWith("047f00"));
    assert.ok(prefix(128).startsWith("048180"));
    assert.ok(prefix(255).startsWith("0481ff"));
    assert.ok(prefix(256).startsWith("04820100"));
    assert.ok(prefix(65_536).startsWith("0483010000"));
  });

  it("sorts a set, and leaves a sequence alone", () => {
    const [one, two] = [der.integer(1), der.integer(2)];
    assert.equal(hex(der.setOf(two, one)), "3106020101020102");
    assert.equal(hex(der.sequence(two, one)), "3006020102020101");
    assert.equal(hex(der.setOf(der.octetString(Uint8Array.of(1)), one)), "3106020101040101");
  });

  it("refuses what has no canonical form", () => {
    assert.throws(() => der.bitString(Uint8Array.of(0x07), 1), SimulatorError);
    assert.throws(() => der.bitString(Uint8Array.of(0), 8), SimulatorError);
    assert.throws(() => der.printableString("a@b"), SimulatorError);
    assert.throws(() => der.objectIdentifier("1"), SimulatorError);
    assert.throws(() => der.objectIdentifier("1.2.x"), SimulatorError);
    assert.throws(() => der.time(1.5), SimulatorError);
  });
});
