import assert from "node:assert/strict";
import {
  intelSgxRootCa,
  MAX_QUOTE_LENGTH,
  parseQuote,
  verify,
  verifySignatures,
} from "../../../sdk/tdx/index.ts";
import { u32, withQeAuthData, withU16, withU32 } from "./support/quote-layout.ts";
import { refusalOf, refusedWith } from "./support/refusal.ts";
import { itRefuses, type Mutation, type Specimen, v4, v5 } from "./support/specimen.ts";

function lengthMutations({ quote, layout }: Specimen): Mutation[] {
  const authLength = u32(quote, layout.authLength);
  const outer = u32(quote, layout.outerLength);
  const inner = u32(quote, layout.innerLength);
  const number = (name: string, offset: number, value: number, code: Mutation[2]): Mutation => [
    `${name} ${value}`,
    withU32(quote, offset, value),
    code,
  ];
  const auth = (value: number, code: Mutation[2]) =>
    number("length of the authentication data", layout.authLength, value, code);
  const certification = (value: number, code: Mutation[2]) =>
    number("length of the certification data", layout.outerLength, value, code);
  const chain = (value: number, code: Mutation[2]) =>
    number("length of the PCK chain", layout.innerLength, value, code);
  const qeAuth = (value: number, code: Mutation[2]): Mutation => [
    `length of the QE authentication data ${value}`,
    withU16(quote, layout.qeAuthLength, value),
    code,
  ];
  return [
    auth(0, "QUOTE_TRUNCATED"),
    auth(1, "QUOTE_TRUNCATED"),
    auth(133, "QUOTE_TRUNCATED"),
    auth(authLength - 1, "QUOTE_LENGTH_MISMATCH"),
    auth(authLength + 1, "QUOTE_TRUNCATED"),
    auth(0x7fffffff, "QUOTE_TRUNCATED"),
    auth(0x80000000, "QUOTE_TRUNCATED"),
    auth(0xffffffff, "QUOTE_TRUNCATED"),
    [
      "length of the authentication data one more, and a byte after the end",
      new Uint8Array([...withU32(quote, layout.authLength, authLength + 1), 0]),
      "QUOTE_LENGTH_MISMATCH",
    ],
    certification(0, "QUOTE_LENGTH_MISMATCH"),
    certification(outer - 1, "QUOTE_LENGTH_MISMATCH"),
    certification(outer + 1, "QUOTE_LENGTH_MISMATCH"),
    certification(0x7fffffff, "QUOTE_LENGTH_MISMATCH"),
    certification(0xffffffff, "QUOTE_LENGTH_MISMATCH"),
    qeAuth(0, "QUOTE_LENGTH_MISMATCH"),
    qeAuth(31, "QUOTE_LENGTH_MISMATCH"),
    qeAuth(33, "QUOTE_LENGTH_MISMATCH"),
    qeAuth(outer - 384 - 64 - 2, "QUOTE_TRUNCATED"),
    qeAuth(0xffff, "QUOTE_TRUNCATED"),
    chain(0, "QUOTE_LENGTH_MISMATCH"),
    chain(inner - 1, "QUOTE_LENGTH_MISMATCH"),
    chain(inner + 1, "QUOTE_LENGTH_MISMATCH"),
    chain(0x7fffffff, "QUOTE_LENGTH_MISMATCH"),
    chain(0xffffffff, "QUOTE_LENGTH_MISMATCH"),
    ...[0, 1, 31, 33, 1_000].map(
      (length): Mutation => [
        `QE authentication data of ${length} bytes, all lengths right`,
        withQeAuthData(quote, new Uint8Array(length)),
        "QE_REPORT_DATA_MISMATCH",
      ],
    ),
  ];
}

for (const [name, of] of [
  ["version 4", v4],
  ["version 5", v5],
] as const) {
  describe(`lengths in a quote of ${name}`, () => {
    const { quote, layout } = of;
    assert.equal(quote.length, layout.end);
    itRefuses(of, lengthMutations(of));

    it("cut at every length: QUOTE_TRUNCATED", () => {
      for (let length = 0; length < quote.length; length++) {
        const cut = quote.subarray(0, length);
        assert.equal(refusalOf(() => of.check(cut), `${length} bytes`).code, "QUOTE_TRUNCATED");
        assert.equal(refusalOf(() => parseQuote(cut), `${length} bytes`).code, "QUOTE_TRUNCATED");
      }
    });

    it("cut at every length, with the length of the authentication data put right", () => {
      for (let length = layout.signature; length < quote.length; length++) {
        const cut = withU32(
          quote.subarray(0, length),
          layout.authLength,
          length - layout.signature,
        );
        const { code } = refusalOf(() => of.check(cut), `${length} bytes`);
        assert.equal(code, length < layout.qeReport ? "QUOTE_TRUNCATED" : "QUOTE_LENGTH_MISMATCH");
      }
    });

    it("cut at every length, with that of the certification data put right too", () => {
      for (let length = layout.qeReport; length < quote.length; length++) {
        const cut = withU32(
          withU32(quote.subarray(0, length), layout.authLength, length - layout.signature),
          layout.outerLength,
          length - layout.qeReport,
        );
        const { code } = refusalOf(() => of.check(cut), `${length} bytes`);
        assert.equal(code, length < layout.pem ? "QUOTE_TRUNCATED" : "QUOTE_LENGTH_MISMATCH");
      }
    });

    it("cut at every length of the PCK chain, with every length put right", () => {
      const END = "-----END CERTIFICATE-----";
      const end = Buffer.from(quote).lastIndexOf(END) + END.length;
      for (let length = layout.pem; length < quote.length; length++) {
        const cut = withU32(
          withU32(
            withU32(quote.subarray(0, length), layout.authLength, length - layout.signature),
            layout.outerLength,
            length - layout.qeReport,
          ),
          layout.innerLength,
          length - layout.pem,
        );
        if (length >= end) {
          assert.equal(of.check(cut).status, of.entry.expected.tcb_status);
          continue;
        }
        const { code } = refusalOf(() => of.check(cut), `${length} bytes`);
        assert.ok(code === "PEM_MALFORMED" || code === "CHAIN_LENGTH_UNEXPECTED", code);
      }
    });

    it("says which field, what it needs and what there is", () => {
      const error = refusedWith("QUOTE_TRUNCATED", () => parseQuote(quote.subarray(0, 100)));
      assert.equal(error.subject, "body");
      assert.equal(error.expected, `${of === v5 ? 648 : 584} bytes`);
      assert.equal(error.found, `${of === v5 ? 46 : 52} bytes`);
    });
  });
}

describe("inputs that are no quotes", () => {
  const options = { at: v4.entry.verify_at, root: intelSgxRootCa() };
  const inputs: readonly Mutation[] = [
    ["nothing", new Uint8Array(0), "QUOTE_TRUNCATED"],
    ["one byte", Uint8Array.of(4), "QUOTE_TRUNCATED"],
    ["the header alone", v4.quote.slice(0, 48), "QUOTE_TRUNCATED"],
    ["header and body alone", v4.quote.slice(0, 632), "QUOTE_TRUNCATED"],
    ["zeros", new Uint8Array(MAX_QUOTE_LENGTH), "QUOTE_VERSION_UNSUPPORTED"],
    ["all ff", new Uint8Array(5_000).fill(0xff), "QUOTE_VERSION_UNSUPPORTED"],
    ["1 MB of zeros", new Uint8Array(1_000_000), "QUOTE_TOO_LARGE"],
    ["a byte more than is looked at", new Uint8Array(MAX_QUOTE_LENGTH + 1), "QUOTE_TOO_LARGE"],
    [
      "a quote with a byte more after it than is looked at",
      new Uint8Array([...v4.quote, ...new Uint8Array(MAX_QUOTE_LENGTH + 1 - v4.quote.length)]),
      "QUOTE_TOO_LARGE",
    ],
    [
      "a quote in hex",
      new TextEncoder().encode(Buffer.from(v4.quote).toString("hex")),
      "QUOTE_VERSION_UNSUPPORTED",
    ],
    ["a quote after a byte", new Uint8Array([0, ...v4.quote]), "QUOTE_VERSION_UNSUPPORTED"],
  ];
  itRefuses(v4, inputs);

  it("are refused alike whether there is collateral or not", () => {
    for (const [name, bytes, code] of inputs) {
      for (const act of [
        () => parseQuote(bytes),
        () => verify(bytes, null, options),
        () => verifySignatures(bytes, options),
      ]) {
        assert.equal(refusalOf(act, name).code, code, name);
      }
    }
  });
});
