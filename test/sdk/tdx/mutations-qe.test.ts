import {
  withBitFlipped,
  withBytes,
  withPckChain,
  withQeAuthData,
  withU16,
} from "./support/quote-layout.ts";
import { itRefuses, type Mutation, type Specimen, v4, v5 } from "./support/specimen.ts";

/** Offset and length of each field of the QE report. */
const FIELDS: readonly [name: string, offset: number, length: number][] = [
  ["CPUSVN", 0, 16],
  ["MISCSELECT", 16, 4],
  ["ATTRIBUTES", 48, 16],
  ["MRENCLAVE", 64, 32],
  ["MRSIGNER", 128, 32],
  ["ISVPRODID", 256, 2],
  ["ISVSVN", 258, 2],
  ["first half of REPORTDATA", 320, 32],
  ["second half of REPORTDATA", 352, 32],
];

function reportMutations({ quote, layout }: Specimen): Mutation[] {
  const code = "QE_REPORT_SIGNATURE_INVALID";
  return FIELDS.flatMap(([name, offset, length]): Mutation[] => {
    const start = layout.qeReport + offset;
    return [
      [`first bit of ${name}`, withBitFlipped(quote, start, 0), code],
      [`last bit of ${name}`, withBitFlipped(quote, start + length - 1, 7), code],
      [`${name} all ff`, withBytes(quote, start, new Uint8Array(length).fill(0xff)), code],
    ];
  });
}

function typeMutations({ quote, layout }: Specimen): Mutation[] {
  const unsupported = "QUOTE_CERTIFICATION_DATA_UNSUPPORTED";
  return [
    ...[0, 1, 2, 3, 4, 5, 7, 0x0600, 0xffff].map(
      (type): Mutation => [
        `outer type ${type}`,
        withU16(quote, layout.outerType, type),
        unsupported,
      ],
    ),
    ...[0, 6, 7, 0x0500, 0xffff].map(
      (type): Mutation => [
        `inner type ${type}`,
        withU16(quote, layout.innerType, type),
        unsupported,
      ],
    ),
    ...[1, 2, 3, 4].map(
      (type): Mutation => [
        `inner type ${type}, which names a chain that is nowhere`,
        withU16(quote, layout.innerType, type),
        "PCK_CHAIN_MISSING",
      ],
    ),
    [
      "inner type 3 with no data",
      withPckChain(withU16(quote, layout.innerType, 3), ""),
      "PCK_CHAIN_MISSING",
    ],
  ];
}

for (const [version, of] of [
  ["version 4", v4],
  ["version 5", v5],
] as const) {
  const { quote, layout } = of;

  describe(`QE report of ${version}`, () => itRefuses(of, reportMutations(of)));

  describe(`QE authentication data of ${version}`, () => {
    const data = quote.slice(layout.qeAuth, layout.innerType);
    itRefuses(of, [
      ["first bit", withBitFlipped(quote, layout.qeAuth, 0), "QE_REPORT_DATA_MISMATCH"],
      ["last bit", withBitFlipped(quote, layout.innerType - 1, 7), "QE_REPORT_DATA_MISMATCH"],
      ["none", withQeAuthData(quote, new Uint8Array(0)), "QE_REPORT_DATA_MISMATCH"],
      [
        "its last byte left out",
        withQeAuthData(quote, data.slice(0, -1)),
        "QE_REPORT_DATA_MISMATCH",
      ],
      [
        "a zero after it",
        withQeAuthData(quote, new Uint8Array([...data, 0])),
        "QE_REPORT_DATA_MISMATCH",
      ],
    ]);
  });

  describe(`types of certification data of ${version}`, () => itRefuses(of, typeMutations(of)));
}
