import assert from "node:assert/strict";
import { fromHex, toHex } from "viem";
import { buildEvidence, errorCodeOf, tdxAttestationAbi } from "../../../sdk/tdx/onchain/index.ts";
import {
  authorityKeyIdentifier,
  deltaCrlIndicator,
  keyIdentifier,
  keyUsage,
  names,
  withExtension,
  withoutExtension,
} from "../../../sdk/tdx/simulator/index.ts";
import { withBitFlipped } from "../../sdk/tdx/support/quote-layout.ts";
import { simulator } from "../../sdk/tdx/support/simulated.ts";
import {
  type Case,
  withCollateral,
  withCrlOf,
  withPck,
  withPckCa,
  withPckCrl,
  withQuote,
  withTcbSigner,
} from "../support/cases.ts";
import type { AttestationChain } from "../support/chain.ts";
import { verifyOffChain } from "../support/evidence.ts";
import { playRaw, rawEvidence } from "../support/raw-evidence.ts";
import { simulatedChain, trust, uploadOf } from "../support/simulated-chain.ts";

const { at, authorities, serials } = simulator;
const DAY = 86_400;
const mallory = simulator.key("mallory");
const [tooLate, tooEarly] = [
  { notBefore: at + 10, notAfter: at + DAY },
  { notBefore: at - DAY, notAfter: at - 10 },
];
const unknownExtension = { oid: "1.2.3.4", critical: true, value: Uint8Array.of(5, 0) };
const onlySigning = (extensions: Parameters<typeof withExtension>[0]) =>
  withExtension(extensions, keyUsage("digitalSignature"));

/** Evidence that provokes an error, by its name. What is refused on chain `verify` refuses too. */
const cases: Readonly<Record<string, () => Case>> = {
  QuoteVersionUnsupported: () => withQuote({ header: { version: 3 } }),
  QuoteIsSgx: () => withQuote({ header: { teeType: 0 } }),
  QuoteAttestationKeyTypeUnsupported: () => withQuote({ header: { attestationKeyType: 3 } }),
  QuoteTeeTypeUnsupported: () => withQuote({ header: { teeType: 0x82 } }),
  QuoteQeVendorUnknown: () => withQuote({ header: { qeVendorId: new Uint8Array(16) } }),
  QeReportSignatureInvalid: () => withQuote({ pckKey: mallory }),
  QeReportDataMismatch: () =>
    withQuote({ editQeReport: (report) => withBitFlipped(report, 320, 0) }),
  AttestationKeyInvalid: () => withQuote({ attestationPublicKey: new Uint8Array(64).fill(1) }),
  QuoteSignatureInvalid: () => withQuote({ edit: (quote) => withBitFlipped(quote, 600, 0) }),
  TcbInfoPceIdMismatch: () => withQuote({}, { pceId: "0001" }),
  TdxModuleIdentityMissing: () => withQuote({ teeTcbSvn: "07020500000000000000000000000000" }),
  TdxModuleSignerMismatch: () => withQuote({ mrSignerSeam: new Uint8Array(48).fill(1) }),
  TdxModuleAttributesMismatch: () => withQuote({ seamAttributes: "0000000000000001" }),
  QeMiscselectMismatch: () => withQuote({ qeReport: { miscSelect: "01000000" } }),
  QeAttributesMismatch: () => withQuote({ qeReport: { attributes: `13${"00".repeat(15)}` } }),
  QeMrsignerMismatch: () => withQuote({ qeReport: { mrSigner: new Uint8Array(32) } }),
  QeIsvprodidMismatch: () => withQuote({ qeReport: { isvProdId: 1 } }),
  TcbLevelNotSupported: () => withQuote({}, { pceSvn: 0 }),
  TdxModuleTcbNotSupported: () => withQuote({ teeTcbSvn: "01010500000000000000000000000000" }),
  QeTcbNotSupported: () => withQuote({ qeReport: { isvSvn: 0 } }),
  TcbStatusUnknown: () =>
    withCollateral({ tcbInfoJson: (text) => text.replaceAll("UpToDate", "Fine") }),

  CertificateMalformed: () => withPckCa(() => ({ edit: (der) => Uint8Array.of(...der, 0) })),
  CertificateExtensionMissing: () =>
    withPckCa(({ extensions }) => ({ extensions: withoutExtension(extensions, "2.5.29.19") })),
  CertificateExtensionUnsupported: () =>
    withPckCa(({ extensions }) => ({ extensions: [...extensions, unknownExtension] })),
  CertificateSubjectUnexpected: () => withPckCa(() => ({ subject: names.pck })),
  CertificateIssuerMismatch: () => withPckCa(() => ({ issuer: names.platformCa })),
  CertificateUsageForbidden: () =>
    withPckCa(({ extensions }) => ({ extensions: onlySigning(extensions) })),
  CertificateSignatureInvalid: () => withPckCa(() => ({ signer: mallory })),
  CertificateNotYetValid: () => withPckCa(() => tooLate),
  CertificateExpired: () => withPckCa(() => tooEarly),
  PckExtensionMalformed: () =>
    withQuote({}, { editSgxFields: (fields) => [...fields, ...fields.slice(0, 1)] }),
  RootRevoked: () => withCollateral({ revokedCa: [authorities.root.serial] }),
  PckCaRevoked: () => withCollateral({ revokedCa: [serials.platformCa] }),
  TcbSignerRevoked: () => withCollateral({ revokedCa: [serials.tcbSigner] }),
  PckRevoked: () => withCollateral({ revokedPck: [simulator.platform().serial] }),

  CrlMalformed: () => withPckCrl(() => ({ edit: (der) => Uint8Array.of(...der, 0) })),
  CrlExtensionMissing: () =>
    withPckCrl(({ extensions }) => ({ extensions: extensions.slice(0, 1) })),
  CrlExtensionUnsupported: () =>
    withPckCrl(({ extensions }) => ({ extensions: [...extensions, deltaCrlIndicator(1)] })),
  CrlIssuerMismatch: () => withCrlOf("processor"),
  CrlSignatureInvalid: () => withPckCrl(() => ({ signer: mallory })),
  CrlNotYetValid: () => withPckCrl(() => ({ thisUpdate: at + 10 })),
  CrlExpired: () => withPckCrl(() => ({ nextUpdate: at - 10 })),

  TcbInfoMalformed: () => withCollateral({ tcbInfoJson: "{}" }),
  TcbInfoNotTdx: () => withCollateral({ tcbInfo: { id: "SGX" } }),
  TcbInfoNotYetValid: () => withCollateral({ tcbInfo: { issueDate: at + 10 } }),
  TcbInfoExpired: () => withCollateral({ tcbInfo: { issueDate: at - 31 * DAY } }),
  TcbInfoSignatureInvalid: () => {
    const base = withCollateral({});
    return { ...base, collateral: { ...base.collateral, tcb_info_signature: "11".repeat(64) } };
  },
  QeIdentityMalformed: () => withCollateral({ qeIdentityJson: "{}" }),
  QeIdentityNotTdQe: () => withCollateral({ qeIdentity: { id: "QE" } }),
  QeIdentityNotYetValid: () => withCollateral({ qeIdentity: { issueDate: at + 10 } }),
  QeIdentityExpired: () => withCollateral({ qeIdentity: { issueDate: at - 31 * DAY } }),
  QeIdentitySignatureInvalid: () => {
    const base = withCollateral({});
    return { ...base, collateral: { ...base.collateral, qe_identity_signature: "11".repeat(64) } };
  },
};

/** Evidence on a chain that has everything, with the quote changed beyond what can be framed. */
async function verifyEdited(chain: AttestationChain, edit: (quote: Uint8Array) => Uint8Array) {
  const { quote, collateral } = withQuote({ version: 5 });
  const raw = rawEvidence(quote, collateral);
  return await playRaw(chain, { ...raw, quote: toHex(edit(fromHex(raw.quote, "bytes"))) });
}

/** The codes of what has no counterpart in one piece of evidence. */
const provocations: Readonly<Record<string, (chain: AttestationChain) => Promise<unknown>>> = {
  QuoteTruncated: (chain) => verifyEdited(chain, (quote) => quote.slice(0, 1_000)),
  QuoteBodyTypeUnsupported: (chain) => verifyEdited(chain, (quote) => quote.with(48, 4)),
  QuoteBodySizeMismatch: (chain) => verifyEdited(chain, (quote) => quote.with(50, 1)),
  PckCertificateNotCached: async (chain) => {
    const { quote, collateral } = withQuote({});
    return await chain.verify(buildEvidence(quote, { collateral }).evidence);
  },
  CollateralMissing: async (chain) => (await chain.upload(uploadOf("PCK CA"))).code,
  CollateralNotNewer: async (chain) => {
    await chain.upload(uploadOf("root CRL"));
    return (await chain.upload(uploadOf("root CRL"))).code;
  },
  TcbEvaluationNumberSuperseded: async (chain) => {
    for (const part of ["root CRL", "TCB signer", "QE identity"] as const) {
      await chain.upload(uploadOf(part));
    }
    const newer = simulator.collateral({ tcbEvaluationDataNumber: 21 });
    await chain.upload(uploadOf("QE identity", newer));
    await chain.setTime(at + 30 * DAY);
    const again = simulator.collateral({ qeIdentity: { issueDate: at + 29 * DAY } });
    return (await chain.upload(uploadOf("QE identity", again))).code;
  },
  TcbEvaluationNumberUnknown: async (chain) =>
    (await chain.sendAs(chain.from, chain.encode("shortenClock", [99, at]))).code,
  ClockNotShortened: async (chain) => {
    for (const part of ["root CRL", "TCB signer", "QE identity"] as const) {
      await chain.upload(uploadOf(part));
    }
    const later = chain.encode("shortenClock", [20, at + 31 * DAY]);
    return (await chain.sendAs(chain.from, later)).code;
  },
};

/** What OpenZeppelin's contracts define beside: the guardian's tests have the first three. */
const INHERITED = [
  "AccessManagedInvalidAuthority",
  "AccessManagedRequiredDelay",
  "AccessManagedUnauthorized",
  "AuthorityIsFixed",
  "Create2EmptyBytecode",
  "FailedDeployment",
  "InsufficientBalance",
];

describe("the errors of TdxAttestation", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await simulatedChain();
  });

  for (const [name, make] of Object.entries(cases)) {
    it(`${name} is what it refuses with, and verify refuses it too`, () =>
      chain.undoing(async () => {
        const { quote, collateral } = make();
        const code = errorCodeOf(name);
        assert.equal(await playRaw(chain, rawEvidence(quote, collateral)), code);
        assert.equal(typeof verifyOffChain(quote, collateral, trust), "string");
      }));
  }

  for (const [name, provoke] of Object.entries(provocations)) {
    it(`${name} is what it refuses with`, () =>
      chain.undoing(async () => {
        assert.equal(await provoke(chain), errorCodeOf(name));
      }));
  }

  it("are all provoked here", () => {
    const all = tdxAttestationAbi.filter(({ type }) => type === "error");
    const found = all.map((entry) => ("name" in entry ? entry.name : ""));
    const provoked = [...Object.keys(cases), ...Object.keys(provocations), ...INHERITED];
    assert.deepEqual(found.sort(), provoked.sort());
  });

  it("say the same of a TCB signer as of a PCK CA", async () => {
    const edits: readonly (readonly [string, Case])[] = [
      ["CERTIFICATE_SIGNATURE_INVALID", withTcbSigner(() => ({ signer: mallory }))],
      ["CERTIFICATE_EXPIRED", withTcbSigner(() => tooEarly)],
      ["CERTIFICATE_NOT_YET_VALID", withTcbSigner(() => tooLate)],
      ["CERTIFICATE_SUBJECT_UNEXPECTED", withTcbSigner(() => ({ subject: names.platformCa }))],
      [
        "CERTIFICATE_USAGE_FORBIDDEN",
        withTcbSigner(() => ({ extensions: authorities.platformCa.template.extensions })),
      ],
    ];
    for (const [code, { quote, collateral }] of edits) {
      await chain.undoing(async () => {
        assert.equal(await playRaw(chain, rawEvidence(quote, collateral)), code);
      });
    }
  });

  it("say the same of a PCK certificate", async () => {
    const edits: readonly (readonly [string, Case])[] = [
      ["CERTIFICATE_SIGNATURE_INVALID", withPck(() => ({ signer: mallory }))],
      ["CERTIFICATE_EXPIRED", withPck(() => tooEarly)],
      ["CERTIFICATE_NOT_YET_VALID", withPck(() => tooLate)],
      ["CERTIFICATE_SUBJECT_UNEXPECTED", withPck(() => ({ subject: names.tcbSigner }))],
      [
        "CERTIFICATE_ISSUER_MISMATCH",
        withPck(({ extensions }) => ({
          extensions: withExtension(extensions, authorityKeyIdentifier(keyIdentifier(mallory))),
        })),
      ],
    ];
    for (const [code, { quote, collateral }] of edits) {
      await chain.undoing(async () => {
        assert.equal(await playRaw(chain, rawEvidence(quote, collateral)), code);
      });
    }
  });
});
