import assert from "node:assert/strict";
import {
  der,
  extensionOids,
  reasonCode,
  type SgxField,
  sgxFieldOids,
  tcbComponentOid,
  withoutExtension,
} from "../../../../sdk/tdx/simulator/index.ts";
import { simulator } from "../../../sdk/tdx/support/simulated.ts";
import {
  type Case,
  withCollateral,
  withPck,
  withPckCa,
  withPckCrl,
  withQuote,
} from "../../support/cases.ts";
import type { AttestationChain } from "../../support/chain.ts";
import { judgedAlike, simulatedChain } from "../../support/simulated-chain.ts";

const { at } = simulator;
type Fields = readonly SgxField[];
type Edit = (fields: Fields) => Fields;

const without =
  (oid: string): Edit =>
  (fields) =>
    fields.filter((field) => field.oid !== oid);
const twice =
  (oid: string): Edit =>
  (fields) => [...fields, ...fields.filter((field) => field.oid === oid)];
const as =
  (oid: string, value: Uint8Array): Edit =>
  (fields) =>
    fields.map((field) => (field.oid === oid ? { ...field, value } : field));
const sgx = (editSgxFields: Edit) => withQuote({}, { editSgxFields });
const tcb = (editTcbFields: Edit) => withQuote({}, { editTcbFields });
const serial = simulator.platform().serial;
const entry = { serial, revocationDate: at - 100 };
/** The contract reads a date anew only where it differs from the one before it. */
const manyEntries = [
  { serial: Uint8Array.of(1, ...serial), revocationDate: at - 100 },
  { serial: Uint8Array.of(2, ...serial), revocationDate: at - 100, reasonCode: null },
  { serial: Uint8Array.of(3, ...serial), revocationDate: at - 200 },
  { serial: Uint8Array.of(4, ...serial), revocationDate: at - 100, reasonCode: 6 },
];

/** Makes the month of an entry's UTCTime the thirteenth; the list's own two dates come before. */
function spoilDate(tbs: Uint8Array, nth: number): Uint8Array {
  const spoiled = Buffer.from(tbs);
  let place = -1;
  for (let found = 0; found <= nth + 2; found++) {
    place = spoiled.indexOf(Buffer.from("170d", "hex"), place + 1);
  }
  spoiled.write("13", place + 4);
  return spoiled;
}

const MALFORMED = "PCK_EXTENSION_MALFORMED";

/** In the certificate's SGX extension the components come first, which is read fast, or do not. */
const extensionCases: readonly (readonly [string, string, Case])[] = [
  ...[sgxFieldOids.ppid, sgxFieldOids.fmspc, sgxFieldOids.pceId, sgxFieldOids.sgxType].flatMap(
    (oid) =>
      [
        [`no field ${oid}`, MALFORMED, sgx(without(oid))],
        [`field ${oid} twice`, MALFORMED, sgx(twice(oid))],
        [
          `field ${oid} one byte longer`,
          MALFORMED,
          sgx(as(oid, der.octetString(new Uint8Array(17)))),
        ],
      ] as const,
  ),
  ...[1, 2, 9, 15, 16].flatMap(
    (n) =>
      [
        [`no component ${n}`, MALFORMED, tcb(without(tcbComponentOid(n)))],
        [`component ${n} twice`, MALFORMED, tcb(twice(tcbComponentOid(n)))],
        [`component ${n} of 256`, MALFORMED, tcb(as(tcbComponentOid(n), der.integer(256)))],
        [
          `component ${n} negative`,
          MALFORMED,
          tcb(as(tcbComponentOid(n), der.element(2, Uint8Array.of(0xff)))),
        ],
        [
          `component ${n} with a byte too many`,
          MALFORMED,
          tcb(as(tcbComponentOid(n), der.element(2, Uint8Array.of(0, 3)))),
        ],
        [`component ${n} of 255`, "UpToDate", tcb(as(tcbComponentOid(n), der.integer(255)))],
        [`component ${n} of 128`, "UpToDate", tcb(as(tcbComponentOid(n), der.integer(128)))],
      ] as const,
  ),
  ["a PCE SVN of 65,535", "UpToDate", tcb(as(sgxFieldOids.pceSvn, der.integer(65_535)))],
  ["a PCE SVN of 65,536", MALFORMED, tcb(as(sgxFieldOids.pceSvn, der.integer(65_536)))],
  ["no PCE SVN", MALFORMED, tcb(without(sgxFieldOids.pceSvn))],
  ["no CPU SVN", MALFORMED, tcb(without(sgxFieldOids.cpuSvn))],
  [
    "an unknown field",
    MALFORMED,
    sgx((fields) => [...fields, { oid: `${extensionOids.sgx}.8`, value: der.boolean(true) }]),
  ],
  [
    "an unknown field of the TCB",
    MALFORMED,
    tcb((fields) => [...fields, { oid: tcbComponentOid(19), value: der.integer(1) }]),
  ],
  ["an unknown SGX type", MALFORMED, withQuote({}, { sgxType: 3 })],
  ["the fields in another order", "UpToDate", sgx((fields) => fields.toReversed())],
  ["the TCB in another order", "UpToDate", tcb((fields) => fields.toReversed())],
  [
    "the first component last",
    "UpToDate",
    tcb(([first, ...fields]) => (first === undefined ? fields : [...fields, first])),
  ],
  [
    "no extension at all",
    MALFORMED,
    withPck(({ extensions }) => ({ extensions: withoutExtension(extensions, extensionOids.sgx) })),
  ],
];

const critical = (oid: string) => ({ oid, critical: true, value: der.sequence() });

const crlCases: readonly (readonly [string, string, Case])[] = [
  [
    "the leaf among 129",
    "PCK_REVOKED",
    withCollateral({ revokedPck: [serial], pckCrl: { size: 129 } }),
  ],
  ["129 others", "UpToDate", withCollateral({ pckCrl: { size: 129 } })],
  [
    "the reason removeFromCRL, which means nothing in a full list",
    "PCK_REVOKED",
    withCollateral({ revokedPck: [{ ...entry, reasonCode: 8 }] }),
  ],
  ["no reason", "PCK_REVOKED", withCollateral({ revokedPck: [{ ...entry, reasonCode: null }] })],
  [
    "an entry twice",
    "PCK_REVOKED",
    withCollateral({ revokedPck: [serial, serial], pckCrl: { size: 60 } }),
  ],
  [
    "a serial number longer than a certificate's",
    "UpToDate",
    withCollateral({ revokedPck: [Uint8Array.of(1, ...serial)] }),
  ],
  [
    "a list for some certificates only",
    "CRL_EXTENSION_UNSUPPORTED",
    withPckCrl(({ extensions }) => ({ extensions: [...extensions, critical("2.5.29.28")] })),
  ],
  [
    "an entry of another issuer",
    "CRL_EXTENSION_UNSUPPORTED",
    withPckCrl(() => ({ entries: [{ ...entry, extensions: [critical("2.5.29.29")] }] })),
  ],
  [
    "an entry's reason twice",
    "CRL_MALFORMED",
    withPckCrl(() => ({ entries: [{ ...entry, extensions: [reasonCode(1)] }] })),
  ],
  [
    "entries of equal and of other dates, with and without a reason",
    "UpToDate",
    withPckCrl(() => ({ entries: manyEntries })),
  ],
  ...[0, 1, 2, 3].map(
    (nth) =>
      [
        `a month that there is not in the date of entry ${nth}`,
        "CRL_MALFORMED",
        withPckCrl(() => ({ entries: manyEntries, editTbs: (tbs) => spoilDate(tbs, nth) })),
      ] as const,
  ),
  ["version 1", "CRL_MALFORMED", withPckCrl(() => ({ version: 1 }))],
  ["no next update", "CRL_MALFORMED", withPckCrl(() => ({ nextUpdate: null }))],
  ["no extensions", "CRL_EXTENSION_MISSING", withPckCrl(() => ({ extensions: [] }))],
];

const certificateCases: readonly (readonly [string, string, Case])[] = [
  ["a certificate of version 2", "CERTIFICATE_MALFORMED", withPckCa(() => ({ version: 2 }))],
  [
    "an extension twice",
    "CERTIFICATE_MALFORMED",
    withPckCa(({ extensions }) => ({ extensions: [...extensions, ...extensions.slice(0, 1)] })),
  ],
  [
    "a serial number of 21 bytes",
    "CERTIFICATE_MALFORMED",
    withPckCa(() => ({ serial: new Uint8Array(21).fill(1) })),
  ],
  ["a serial number of one byte", "UpToDate", withPck(() => ({ serial: Uint8Array.of(1) }))],
  [
    "a key that is not on the curve, which signs nothing",
    "CRL_SIGNATURE_INVALID",
    withPckCa(() => ({ publicKey: new Uint8Array(65).fill(4) })),
  ],
  [
    "an extension that nobody knows and that is not critical",
    "UpToDate",
    withPckCa(({ extensions }) => ({
      extensions: [...extensions, { oid: "1.2.3.4", critical: false, value: der.sequence() }],
    })),
  ],
];

describe("TdxAttestation and the profile of certificates and lists, beside verify", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await simulatedChain();
  });

  for (const [subject, cases] of Object.entries({
    "SGX extension": extensionCases,
    "revocation list": crlCases,
    certificate: certificateCases,
  })) {
    for (const [name, expected, { quote, collateral }] of cases) {
      it(`${subject}, ${name}: ${expected}`, async () => {
        const answer = await judgedAlike(chain, quote, collateral);
        assert.equal(typeof answer === "string" ? answer : answer.status, expected);
      });
    }
  }
});
