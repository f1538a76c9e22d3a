import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { TD10_LENGTH, TD15_LENGTH } from "../../../sdk/tdx/index.ts";
import { backends } from "./support/backends.ts";
import { withBitFlipped, withBytes } from "./support/quote-layout.ts";
import { refusalOf, refusedWith } from "./support/refusal.ts";
import { bytes32, P256_ORDER } from "./support/signatures.ts";
import { itRefuses, type Mutation, otherV4, type Specimen, v4, v5 } from "./support/specimen.ts";

/** Offset and length of each field of a TD report. */
const FIELDS: readonly [name: string, offset: number, length: number][] = [
  ["TEE_TCB_SVN", 0, 16],
  ["MRSEAM", 16, 48],
  ["MRSIGNERSEAM", 64, 48],
  ["SEAMATTRIBUTES", 112, 8],
  ["TDATTRIBUTES", 120, 8],
  ["XFAM", 128, 8],
  ["MRTD", 136, 48],
  ["MRCONFIGID", 184, 48],
  ["MROWNER", 232, 48],
  ["MROWNERCONFIG", 280, 48],
  ["RTMR0", 328, 48],
  ["RTMR1", 376, 48],
  ["RTMR2", 424, 48],
  ["RTMR3", 472, 48],
  ["REPORTDATA", 520, 64],
  ["TEE_TCB_SVN2", 584, 16],
  ["MRSERVICETD", 600, 48],
];

function bodyMutations({ quote, layout }: Specimen, bodyLength: number): Mutation[] {
  const body = layout.authLength - bodyLength;
  return FIELDS.filter(([, offset]) => offset < bodyLength).flatMap(
    ([name, offset, length]): Mutation[] => [
      [`first bit of ${name}`, withBitFlipped(quote, body + offset, 0), "QUOTE_SIGNATURE_INVALID"],
      [
        `last bit of ${name}`,
        withBitFlipped(quote, body + offset + length - 1, 7),
        "QUOTE_SIGNATURE_INVALID",
      ],
      [
        `${name} all ff`,
        withBytes(quote, body + offset, new Uint8Array(length).fill(0xff)),
        "QUOTE_SIGNATURE_INVALID",
      ],
    ],
  );
}

const HALVES: readonly [name: string, value: Uint8Array][] = [
  ["0", bytes32(0n)],
  ["1", bytes32(1n)],
  ["n - 1", bytes32(P256_ORDER - 1n)],
  ["n", bytes32(P256_ORDER)],
  ["n + 1", bytes32(P256_ORDER + 1n)],
  ["all ff", new Uint8Array(32).fill(0xff)],
];

function signatureMutations(quote: Uint8Array, offset: number, code: Mutation[2]): Mutation[] {
  const r = quote.slice(offset, offset + 32);
  const s = quote.slice(offset + 32, offset + 64);
  const pair = (name: string, ...halves: readonly Uint8Array[]): Mutation => [
    name,
    withBytes(quote, offset, new Uint8Array(halves.flatMap((half) => [...half]))),
    code,
  ];
  return [
    ...HALVES.flatMap(([name, value]) => [
      pair(`r = ${name}`, value, s),
      pair(`s = ${name}`, r, value),
      pair(`r = s = ${name}`, value, value),
    ]),
    pair("r and s exchanged", s, r),
    pair("r and s little-endian", r.toReversed(), s.toReversed()),
    pair("r = s", r, r),
  ];
}

for (const [version, of, bodyLength] of [
  ["version 4", v4, TD10_LENGTH],
  ["version 5", v5, TD15_LENGTH],
] as const) {
  describe(`signed body of a quote of ${version}`, () => {
    itRefuses(of, bodyMutations(of, bodyLength));
  });

  describe(`quote signature of ${version}`, () => {
    itRefuses(of, signatureMutations(of.quote, of.layout.signature, "QUOTE_SIGNATURE_INVALID"));
  });

  describe(`QE report signature of ${version}`, () => {
    itRefuses(
      of,
      signatureMutations(of.quote, of.layout.qeReportSignature, "QE_REPORT_SIGNATURE_INVALID"),
    );
  });
}

describe("attestation key", () => {
  const { quote, layout, check } = v4;
  const withKey = (point: Uint8Array) => withBytes(quote, layout.attestationKey, point);
  const offCurve = new Uint8Array([...bytes32(1n), ...bytes32(1n)]);

  itRefuses(v4, [
    ["zero", withKey(new Uint8Array(64)), "QE_REPORT_DATA_MISMATCH"],
    ["all ff", withKey(new Uint8Array(64).fill(0xff)), "QE_REPORT_DATA_MISMATCH"],
    ["not on the curve", withKey(offCurve), "QE_REPORT_DATA_MISMATCH"],
    [
      "of another machine",
      withKey(otherV4.quote.subarray(layout.attestationKey, layout.outerType)),
      "QE_REPORT_DATA_MISMATCH",
    ],
  ]);

  it("one's own, under which the quote is signed again: QE_REPORT_DATA_MISMATCH", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const point = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    const signature = sign("sha256", quote.subarray(0, layout.authLength), {
      key: privateKey,
      dsaEncoding: "ieee-p1363",
    });
    const forged = withBytes(withKey(point), layout.signature, signature);
    refusedWith("QE_REPORT_DATA_MISMATCH", () => check(forged));
  });

  for (const crypto of backends) {
    it(`is not imported unless it is a point of the curve (${crypto.name})`, () => {
      const real = quote.slice(layout.attestationKey, layout.outerType);
      assert.ok(crypto.importP256(real) !== undefined);
      const bad: readonly Uint8Array[] = [
        new Uint8Array(64),
        new Uint8Array(64).fill(0xff),
        offCurve,
        withBitFlipped(real, 0, 0),
        withBitFlipped(real, 63, 7),
        real.subarray(0, 63),
        new Uint8Array([...real, 0]),
        new Uint8Array([4, ...real]),
        new Uint8Array(0),
      ];
      for (const point of bad) assert.equal(crypto.importP256(point), undefined);
    });
  }
});

describe("parts of two real quotes put together", () => {
  const { quote, layout } = v4;
  assert.deepEqual(otherV4.layout.qeAuth, layout.qeAuth);
  const from = (start: number, end: number) =>
    withBytes(quote, start, otherV4.quote.subarray(start, end));

  itRefuses(v4, [
    [
      "signature of the other",
      from(layout.signature, layout.attestationKey),
      "QUOTE_SIGNATURE_INVALID",
    ],
    ["body of the other", from(0, layout.authLength), "QUOTE_SIGNATURE_INVALID"],
    [
      "authentication data of the other",
      new Uint8Array([
        ...quote.subarray(0, layout.authLength),
        ...otherV4.quote.subarray(layout.authLength),
      ]),
      "QUOTE_SIGNATURE_INVALID",
    ],
    [
      "signature and key of the other",
      from(layout.signature, layout.outerType),
      "QE_REPORT_DATA_MISMATCH",
    ],
    [
      "QE report of the other",
      from(layout.qeReport, layout.qeReportSignature),
      "QE_REPORT_SIGNATURE_INVALID",
    ],
    [
      "QE report and its signature of the other",
      from(layout.qeReport, layout.qeAuthLength),
      "QE_REPORT_SIGNATURE_INVALID",
    ],
    [
      "QE report signature in place of the quote's",
      withBytes(
        quote,
        layout.signature,
        quote.subarray(layout.qeReportSignature, layout.qeAuthLength),
      ),
      "QUOTE_SIGNATURE_INVALID",
    ],
  ]);

  it("body of version 4 with the authentication data of version 5, and back", () => {
    const mixed = (body: Specimen, auth: Specimen) =>
      new Uint8Array([
        ...body.quote.subarray(0, body.layout.authLength),
        ...auth.quote.subarray(auth.layout.authLength),
      ]);
    assert.equal(refusalOf(() => v5.check(mixed(v4, v5))).code, "QUOTE_SIGNATURE_INVALID");
    assert.equal(refusalOf(() => v4.check(mixed(v5, v4))).code, "QUOTE_SIGNATURE_INVALID");
  });
});
