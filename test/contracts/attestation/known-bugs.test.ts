import assert from "node:assert/strict";
import { type Hex, toHex } from "viem";
import { buildEvidence } from "../../../sdk/tdx/onchain/index.ts";
import {
  type CollateralOptions,
  defaultTcbLevels,
  defaultTdxModuleIdentities,
  issueCertificate,
  type PlatformOptions,
  toPemChain,
} from "../../../sdk/tdx/simulator/index.ts";
import { simulator } from "../../sdk/tdx/support/simulated.ts";
import { quoteAsFoundOf, tdxManifest } from "../../support/vectors.ts";
import { type Case, withCollateral, withCrlOf, withQuote } from "../support/cases.ts";
import { type AttestationChain, GAS_CAP } from "../support/chain.ts";
import { playRaw, rawEvidence } from "../support/raw-evidence.ts";
import {
  judgedAlike,
  prepare,
  simulatedChain,
  uploadOf,
  uploadsOf,
} from "../support/simulated-chain.ts";

const { at, authorities } = simulator;
const DAY = 86_400;
const mallory = simulator.key("mallory");
const [level] = defaultTcbLevels;
const [, module1] = defaultTdxModuleIdentities;
const revokedLevel = [{ isvSvn: 0, tcbDate: at, status: "Revoked" }];
const tdx = level.tdxComponents ?? [];

/** A whole chain with the genuine names, serials and key ids, under a key of mallory's. */
function forgedIntermediate(): Case {
  const pckKey = simulator.key("mallory's PCK");
  const platform = simulator.platform();
  const ca = issueCertificate({
    ...authorities.platformCa.template,
    publicKey: mallory.publicKey,
    signer: mallory,
  });
  const leaf = issueCertificate({
    ...platform.template,
    publicKey: pckKey.publicKey,
    signer: mallory,
  });
  const pckChainPem = toPemChain(leaf, ca, simulator.rootCertificate);
  const collateral = {
    ...simulator.collateral(),
    pck_crl_issuer_chain: toPemChain(ca, simulator.rootCertificate),
  };
  return { quote: platform.quote({ pckKey, pckChainPem }), collateral };
}

const withMachine = (options: PlatformOptions, collateral: CollateralOptions): Case => ({
  quote: simulator.platform(options).quote(),
  collateral: simulator.collateral(collateral),
});

/** Bugs found in verifiers that were deployed, and what their authors never tested. */
const bugs: readonly (readonly [name: string, expected: string, make: () => Case])[] = [
  [
    "an intermediate that the root never signed, with matching key identifiers",
    "CERTIFICATE_SIGNATURE_INVALID",
    forgedIntermediate,
  ],
  [
    "a revoked quoting enclave passes before the signatures are looked at",
    "Revoked",
    () => withCollateral({ qeIdentity: { tcbLevels: revokedLevel } }),
  ],
  [
    "a forged quote of a revoked quoting enclave",
    "QUOTE_SIGNATURE_INVALID",
    () => ({
      ...withQuote({ edit: (quote) => quote.with(600, 0xff) }),
      collateral: simulator.collateral({ qeIdentity: { tcbLevels: revokedLevel } }),
    }),
  ],
  [
    "a revoked TCB level is a success",
    "Revoked",
    () => withCollateral({ tcbInfo: { tcbLevels: [{ ...level, status: "Revoked" }] } }),
  ],
  [
    "a level that is revoked in the platform alone, or in the module alone, is not revoked",
    "Revoked",
    () =>
      withCollateral({
        tcbInfo: { tdxModuleIdentities: [{ ...module1, tcbLevels: revokedLevel }] },
      }),
  ],
  [
    "machines under the Processor CA are refused",
    "UpToDate",
    () => withMachine({ ca: "processor" }, { ca: "processor" }),
  ],
  [
    "the relaunch status is overwritten by that of the quoting enclave",
    "TDRelaunchAdvised",
    () => ({
      ...withQuote({
        version: 5,
        teeTcbSvn: "07010400000000000000000000000000",
        teeTcbSvn2: "07010500000000000000000000000000",
      }),
      collateral: simulator.collateral({
        tcbInfo: {
          tcbLevels: [
            { ...level, tdxComponents: tdx.with(2, 5) },
            { ...level, tdxComponents: tdx.with(2, 4), status: "OutOfDate" },
          ],
        },
      }),
    }),
  ],
  [
    "a PCK certificate is looked up in the root's list",
    "UpToDate",
    () => withCollateral({ revokedCa: [simulator.platform().serial] }),
  ],
  [
    "a PCK certificate revoked in its CA's signed list",
    "PCK_REVOKED",
    () => withCollateral({ revokedPck: [simulator.platform().serial] }),
  ],
  [
    "the last 16 bytes of MRSIGNERSEAM are lost",
    "TDX_MODULE_SIGNER_MISMATCH",
    () => withQuote({ mrSignerSeam: `${"00".repeat(47)}01` }),
  ],
  [
    "the last 16 bytes of a module identity's MRSIGNER are lost",
    "TDX_MODULE_SIGNER_MISMATCH",
    () =>
      withCollateral({
        tcbInfo: { tdxModuleIdentities: [{ ...module1, mrsigner: `${"00".repeat(47)}01` }] },
      }),
  ],
  [
    "a document without dates",
    "TCB_INFO_MALFORMED",
    () => withCollateral({ tcbInfoJson: (text) => text.replace(/"issueDate":"[^"]*",/, "") }),
  ],
  [
    "a document with empty dates",
    "TCB_INFO_MALFORMED",
    () =>
      withCollateral({
        tcbInfoJson: (text) => text.replace(/"nextUpdate":"[^"]*"/, '"nextUpdate":""'),
      }),
  ],
  ["an empty document", "QE_IDENTITY_MALFORMED", () => withCollateral({ qeIdentityJson: "" })],
  [
    "a document without levels",
    "TCB_INFO_MALFORMED",
    () => withCollateral({ tcbInfo: { tcbLevels: [] } }),
  ],
  [
    "another platform type's TCB info",
    "COLLATERAL_MISSING",
    () => withCollateral({ fmspc: "aabbccddeeff" }),
  ],
  ["another PCE's TCB info", "TCB_INFO_PCE_ID_MISMATCH", () => withCollateral({ pceId: "0001" })],
  [
    "the identity of the SGX quoting enclave",
    "QE_IDENTITY_NOT_TD_QE",
    () => withCollateral({ qeIdentity: { id: "QE" } }),
  ],
  ["SGX's TCB info", "TCB_INFO_NOT_TDX", () => withCollateral({ tcbInfo: { id: "SGX" } })],
  ["the root's list in the place of the CA's", "CRL_ISSUER_MISMATCH", () => withCrlOf("root")],
  ["another CA's list", "CRL_ISSUER_MISMATCH", () => withCrlOf("processor")],
  [
    "the second half of the QE report data is not looked at",
    "QE_REPORT_DATA_MISMATCH",
    () => withQuote({ qeReport: { reportDataTail: "01".repeat(32) } }),
  ],
  [
    "module version 0 passes without a look at tdxModule",
    "TDX_MODULE_SIGNER_MISMATCH",
    () =>
      withQuote({
        teeTcbSvn: "07000500000000000000000000000000",
        mrSignerSeam: "01".repeat(48),
      }),
  ],
  [
    "a mask excuses attributes of the TDX module",
    "TDX_MODULE_ATTRIBUTES_MISMATCH",
    () => ({
      ...withQuote({ seamAttributes: "0000000000000001" }),
      collateral: simulator.collateral({
        tcbInfo: { tdxModuleIdentities: [{ ...module1, attributesMask: "00".repeat(8) }] },
      }),
    }),
  ],
];

describe("bugs that other verifiers had: TdxAttestation", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await simulatedChain();
  });

  for (const [name, expected, make] of bugs) {
    it(`${name}: ${expected}`, async () => {
      const { quote, collateral } = make();
      const answer = await judgedAlike(chain, quote, collateral);
      assert.equal(typeof answer === "string" ? answer : answer.status, expected);
    });
  }

  it("trailing bytes: the chain takes none, and the builder drops those of quotes as found", async () => {
    const raw = rawEvidence(simulator.platform().quote(), simulator.collateral());
    await chain.undoing(async () => {
      const answer = await playRaw(chain, { ...raw, quote: `${raw.quote}00` as Hex });
      assert.equal(answer, "QE_REPORT_DATA_MISMATCH");
    });
    const found = tdxManifest.cases.find(({ quote_as_found }) => quote_as_found !== undefined);
    assert.ok(found);
    const quote = quoteAsFoundOf(found);
    assert.ok(quote);
    const { evidence } = buildEvidence(quote, { numbers: { tcbInfo: 1, qeIdentity: 1 } });
    assert.ok(evidence.quote.length < 2 * quote.length);
  });

  it("revocation is skipped where there is no root CRL: nothing can be uploaded before it", async () => {
    for (const part of ["PCK CA", "TCB signer", "PCK CRL", "TCB info", "QE identity"] as const) {
      assert.equal((await chain.upload(uploadOf(part))).code, "COLLATERAL_MISSING", part);
    }
  });

  it("a list of 129 entries stops everything: it fits a transaction, and quotes cost the same", () =>
    chain.undoing(async () => {
      const quote = simulator.platform().quote();
      const collateral = simulator.collateral({ pckCrl: { size: 129 } });
      for (const upload of uploadsOf(collateral, { quote })) {
        const { code, gas } = await chain.upload(upload);
        assert.equal(code, undefined);
        assert.ok(gas < 5_000_000 && BigInt(gas) < GAS_CAP, `${upload.part}: ${gas}`);
      }
      const { evidence } = buildEvidence(quote, { collateral });
      const called = await chain.call(chain.encode("verifyQuote", [evidence]));
      assert.ok("data" in called && called.gas < 110_000, JSON.stringify(called.gas));
      const revoked = simulator.collateral({
        pckCrl: { size: 129, thisUpdate: at },
        revokedPck: [simulator.platform().serial],
      });
      assert.equal((await chain.upload(uploadOf("PCK CRL", revoked))).code, undefined);
      assert.equal(await chain.verify(evidence), "PCK_REVOKED");
    }));

  /** What a chain that has everything answers on a quote once time has passed. */
  async function answerAfter(
    seconds: number,
    refreshed: readonly Parameters<typeof uploadOf>[0][],
  ) {
    return await chain.undoing(async () => {
      const quote = simulator.platform().quote();
      await chain.uploadAll(uploadsOf(simulator.collateral(), { quote }));
      await chain.setTime(at + seconds);
      const issueDate = at + seconds - DAY;
      const fresh = simulator.collateral({
        tcbInfo: { issueDate },
        qeIdentity: { issueDate },
        pckCrl: { thisUpdate: issueDate },
        rootCrl: { thisUpdate: issueDate },
      });
      for (const part of refreshed) {
        assert.equal((await chain.upload(uploadOf(part, fresh))).code, undefined, part);
      }
      const answer = await chain.verify(
        buildEvidence(quote, { collateral: simulator.collateral() }).evidence,
      );
      return typeof answer === "string" ? answer : answer.status;
    });
  }

  it("collateral that has expired is judged by: each part counts to its last second", async () => {
    const lives = 29 * DAY;
    assert.equal(await answerAfter(lives, []), "UpToDate");
    assert.equal(await answerAfter(lives + 1, []), "CRL_EXPIRED");
    assert.equal(await answerAfter(lives + 1, ["PCK CRL"]), "TCB_INFO_EXPIRED");
    assert.equal(await answerAfter(lives + 1, ["PCK CRL", "TCB info"]), "QE_IDENTITY_EXPIRED");
    assert.equal(await answerAfter(lives + 1, ["PCK CRL", "TCB info", "QE identity"]), "UpToDate");
  });

  it("the root CRL's freshness is looked at on upload alone: a quote after its end is refused", async () => {
    const all = ["PCK CRL", "TCB info", "QE identity"] as const;
    assert.equal(await answerAfter(364 * DAY - 1, all), "UpToDate");
    // Documents and lists, uploaded in time, outlive the root CRL by a few days.
    const answer = await chain.undoing(async () => {
      const quote = simulator.platform().quote();
      const short = simulator.collateral({ rootCrl: { nextUpdate: at + DAY } });
      await chain.uploadAll(uploadsOf(short, { quote }));
      await chain.setTime(at + DAY + 1);
      return await chain.verify(buildEvidence(quote, { collateral: short }).evidence);
    });
    assert.equal(answer, "CRL_EXPIRED");
  });

  it("the signing certificate's end is looked at on upload alone: what it signed ends with it", async () => {
    const validity = { tcbSigner: { notBefore: at - DAY, notAfter: at + DAY } };
    const quote = simulator.platform().quote();
    const collateral = simulator.collateral({ validity });
    for (const [seconds, expected] of [
      [DAY, "UpToDate"],
      [DAY + 1, "TCB_INFO_EXPIRED"],
    ] as const) {
      await chain.undoing(async () => {
        await chain.uploadAll(uploadsOf(collateral, { quote }));
        await chain.setTime(at + seconds);
        const answer = await chain.verify(buildEvidence(quote, { collateral }).evidence);
        assert.equal(typeof answer === "string" ? answer : answer.status, expected);
      });
    }
  });

  it("a griefer blocks an upload by sending parts of it first: that only spares the other gas", () =>
    chain.undoing(async () => {
      await prepare(chain, ["root CRL", "PCK CA"]);
      const upload = uploadOf("PCK CRL", simulator.collateral({ pckCrl: { size: 129 } }));
      const alone = await chain.call(chain.encode("uploadCrl", upload.args));
      const staged = chain.encode("stageCrl", [...upload.args, 3n]);
      assert.equal((await chain.sendAs(chain.stranger, staged)).code, undefined);
      const after = await chain.upload(upload);
      assert.equal(after.code, undefined);
      assert.ok(after.gas < alone.gas, `${after.gas} of ${alone.gas}`);
    }));

  it("bad input is expensive or changes something: it is refused by name and nothing is stored", () =>
    chain.undoing(async () => {
      await prepare(chain);
      const before = await chain.read("crlOf", [await chain.read("rootId")]);
      const long = toHex(new Uint8Array(20_000).fill(0x30));
      const [ca] = uploadOf("PCK CA").args;
      const [, id] = uploadOf("PCK CRL").args;
      for (const [name, args] of [
        ["uploadPckCa", [long]],
        ["uploadPckCa", [`${ca}00`]],
        ["uploadTcbSigner", ["0x"]],
        ["uploadCrl", [long, id]],
        ["uploadCrl", ["0x", id]],
        ["cachePckCertificate", [long, id]],
        ["uploadTcbInfo", [long, id, id, id]],
        ["uploadQeIdentity", [long, id, id, id]],
      ] as const) {
        const called = await chain.call(chain.encode(name, args));
        assert.ok("code" in called, name);
        assert.ok(called.gas < 1_000_000, `${name}: ${called.gas}`);
      }
      assert.deepEqual(await chain.read("crlOf", [await chain.read("rootId")]), before);
    }));
});
