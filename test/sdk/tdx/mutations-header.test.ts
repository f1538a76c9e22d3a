import { parseQuote } from "../../../sdk/tdx/index.ts";
import { withBitFlipped, withU16, withU32 } from "./support/quote-layout.ts";
import { refusedWith } from "./support/refusal.ts";
import { itRefuses, type Mutation, type Specimen, v4, v5 } from "./support/specimen.ts";

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

function headerMutations({ quote, layout }: Specimen): Mutation[] {
  return [
    ...[0, 1, 2, 3, 6, 0x0400, 0xffff].map(
      (version): Mutation => [
        `version ${version}`,
        withU16(quote, 0, version),
        "QUOTE_VERSION_UNSUPPORTED",
      ],
    ),
    ...[0, 1, 3, 0x0200, 0xffff].map(
      (type): Mutation => [
        `attestation key type ${type}`,
        withU16(quote, 2, type),
        "QUOTE_ATTESTATION_KEY_TYPE_UNSUPPORTED",
      ],
    ),
    ["TEE type 0 (SGX) with a TD report", withU32(quote, 4, 0), "QUOTE_IS_SGX"],
    [
      "version 3 and TEE type 0 with a TD report",
      withU32(withU16(quote, 0, 3), 4, 0),
      "QUOTE_IS_SGX",
    ],
    ...[1, 0x80, 0x82, 0x8100, 0x81000000, 0xffffffff].map(
      (type): Mutation => [
        `TEE type 0x${type.toString(16)}`,
        withU32(quote, 4, type),
        "QUOTE_TEE_TYPE_UNSUPPORTED",
      ],
    ),
    ...range(12, 28).map(
      (offset): Mutation => [
        `byte ${offset - 12} of the QE vendor id`,
        withBitFlipped(quote, offset, offset % 8),
        "QUOTE_QE_VENDOR_UNKNOWN",
      ],
    ),
    ...[...range(8, 12), ...range(28, 48)].map(
      (offset): Mutation => [
        `header byte ${offset} (reserved or user data)`,
        withBitFlipped(quote, offset, offset % 8),
        "QUOTE_SIGNATURE_INVALID",
      ],
    ),
    [
      "nothing but zeros in the signed region",
      new Uint8Array([...quote].fill(0, 0, layout.authLength)),
      "QUOTE_VERSION_UNSUPPORTED",
    ],
  ];
}

describe("header of a version 4 quote", () => {
  itRefuses(v4, headerMutations(v4));
  itRefuses(v4, [
    [
      "version 5 over the body of version 4",
      withU16(v4.quote, 0, 5),
      "QUOTE_BODY_TYPE_UNSUPPORTED",
    ],
  ]);
});

describe("header and body descriptor of a version 5 quote", () => {
  const { quote } = v5;
  itRefuses(v5, headerMutations(v5));
  itRefuses(v5, [
    ["version 4 over the body of version 5", withU16(quote, 0, 4), "QUOTE_TRUNCATED"],
    ...[0, 1, 4, 5, 0x0300, 0xffff].map(
      (type): Mutation => [
        `body type ${type}`,
        withU16(quote, 48, type),
        "QUOTE_BODY_TYPE_UNSUPPORTED",
      ],
    ),
    ["body type 2 of 648 bytes", withU16(quote, 48, 2), "QUOTE_BODY_SIZE_MISMATCH"],
    ["body type 2 of 584 bytes", withU32(withU16(quote, 48, 2), 50, 584), "QUOTE_TRUNCATED"],
    ...[0, 1, 384, 584, 647, 649, 885, 0x7fffffff, 0xffffffff].map(
      (size): Mutation => [
        `body size ${size}`,
        withU32(quote, 50, size),
        "QUOTE_BODY_SIZE_MISMATCH",
      ],
    ),
  ]);

  it("body type 2 with a whole body of 584 bytes: its signature is over another", () => {
    const td10 = withU32(withU16(quote, 48, 2), 50, 584);
    const cut = new Uint8Array([...td10.subarray(0, 54 + 584), ...td10.subarray(54 + 648)]);
    refusedWith("QUOTE_SIGNATURE_INVALID", () => v5.check(cut));
    parseQuote(cut);
  });
});
