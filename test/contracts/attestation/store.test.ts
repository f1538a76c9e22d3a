import assert from "node:assert/strict";
import { toHex } from "viem";
import { buildEvidence, type CollateralUpload } from "../../../sdk/tdx/onchain/index.ts";
import {
  type CollateralOptions,
  defaultTcbLevels,
  issueCertificate,
} from "../../../sdk/tdx/simulator/index.ts";
import { withTwinSignature } from "../../sdk/tdx/support/signatures.ts";
import { simulator } from "../../sdk/tdx/support/simulated.ts";
import type { AttestationChain } from "../support/chain.ts";
import { simulatedChain, uploadOf, uploadsOf } from "../support/simulated-chain.ts";

const { at, authorities } = simulator;
const DAY = 86_400;
const quote = simulator.platform().quote();
const { evidence } = buildEvidence(quote, { collateral: simulator.collateral() });

interface Document {
  readonly data: string;
  readonly issueDate: number;
  readonly validUntil: number;
  readonly since: number;
}

function issued(issueDate: number, options: CollateralOptions = {}) {
  return simulator.collateral({
    ...options,
    tcbInfo: { issueDate, ...options.tcbInfo },
    qeIdentity: { issueDate, ...options.qeIdentity },
  });
}

describe("TdxAttestation's store", () => {
  let chain: AttestationChain;
  const fmspc = evidence.leaf.fmspc;

  before(async () => {
    chain = await simulatedChain();
    await chain.uploadAll(uploadsOf(simulator.collateral(), { quote }));
  });

  let snapshot: string;
  beforeEach(async () => {
    snapshot = await chain.snapshot();
  });
  afterEach(async () => {
    await chain.revert(snapshot);
  });

  const verdict = async (numbers = [20, 20]) => {
    const [tcbInfoNumber = 0, qeIdentityNumber = 0] = numbers;
    const answer = await chain.verify({ ...evidence, tcbInfoNumber, qeIdentityNumber });
    return typeof answer === "string" ? answer : answer.status;
  };
  const code = async (upload: CollateralUpload) => (await chain.upload(upload)).code;
  const shorten = async (number: number, minimumFrom: number, from = chain.from) =>
    (await chain.sendAs(from, chain.encode("shortenClock", [number, minimumFrom]))).code;

  describe("documents", () => {
    it("never go backwards, and the same one is not taken twice", async () => {
      const newer = issued(at);
      for (const part of ["TCB info", "QE identity"] as const) {
        assert.equal(await code(uploadOf(part, issued(at - DAY))), "COLLATERAL_NOT_NEWER");
        assert.equal(await code(uploadOf(part, newer)), undefined);
        assert.equal(await code(uploadOf(part, newer)), "COLLATERAL_NOT_NEWER");
        assert.equal(await code(uploadOf(part, issued(at - 1))), "COLLATERAL_NOT_NEWER");
      }
    });

    it("keep `since` and their data when a refresh changes no level", async () => {
      const before = await chain.read<Document>("tcbInfoOf", [fmspc, 20]);
      await chain.setTime(at + 10);
      await chain.upload(uploadOf("TCB info", issued(at + 5)));
      const after = await chain.read<Document>("tcbInfoOf", [fmspc, 20]);
      assert.equal(after.data, before.data);
      assert.equal(after.since, before.since);
      assert.equal(after.issueDate, at + 5);
      assert.equal(after.validUntil, at + 5 + 30 * DAY);
    });

    it("start `since` anew when a level changes, and not for a member that nobody reads", async () => {
      const before = await chain.read<Document>("tcbInfoOf", [fmspc, 20]);
      await chain.setTime(at + 10);
      const added = issued(at + 5, { tcbInfoJson: (text) => text.replace("{", '{"new":[1,{}],') });
      assert.equal(await code(uploadOf("TCB info", added)), undefined);
      const same = await chain.read<Document>("tcbInfoOf", [fmspc, 20]);
      assert.equal(same.since, before.since);
      const [level] = defaultTcbLevels;
      const changed = issued(at + 6, { tcbInfo: { tcbLevels: [{ ...level, pceSvn: 12 }] } });
      assert.equal(await code(uploadOf("TCB info", changed)), undefined);
      const after = await chain.read<Document>("tcbInfoOf", [fmspc, 20]);
      assert.equal(after.since, at + 10);
      assert.notEqual(after.data, before.data);
    });

    it("are judged by the ends of signer and root where these come first", async () => {
      const { validUntil } = await chain.read<Document>("qeIdentityOf", [20]);
      assert.equal(validUntil, at + 29 * DAY);
    });
  });

  describe("evaluation numbers", () => {
    const see = (number: number, issueDate = at - DAY) =>
      code(uploadOf("QE identity", issued(issueDate, { tcbEvaluationDataNumber: number })));
    const seeInfo = (number: number, issueDate = at - DAY) =>
      code(uploadOf("TCB info", issued(issueDate, { tcbEvaluationDataNumber: number })));
    const minimum = () => chain.read<number>("minimumEvaluationNumber");

    it("supersede lower ones 30 days after they were seen, to the second", async () => {
      assert.equal(await minimum(), 0);
      await see(21);
      await seeInfo(21);
      assert.deepEqual(await chain.read("evaluationNumbers"), [20, 21]);
      const answer = await chain.verify(evidence);
      assert.ok(typeof answer !== "string");
      assert.equal(answer.supersededAt, at + 30 * DAY);
      await chain.setTime(at + 28 * DAY);
      await chain.uploadAll(
        uploadsOf(simulator.collateral({ pckCrl: { thisUpdate: at + 28 * DAY } }), {
          only: ["PCK CRL"],
        }),
      );
      for (const number of [20, 21]) {
        assert.equal(await see(number, at + 28 * DAY), undefined);
        assert.equal(await seeInfo(number, at + 28 * DAY), undefined);
      }
      await chain.setTime(at + 30 * DAY - 1);
      assert.equal(await verdict(), "UpToDate");
      assert.equal(await minimum(), 0);
      await chain.setTime(at + 30 * DAY);
      assert.equal(await minimum(), 21);
      assert.equal(await verdict(), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.equal(await verdict([20, 21]), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.equal(await verdict([21, 20]), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.equal(await verdict([21, 21]), "UpToDate");
    });

    it("give a late lower number the end that a higher one has already set", async () => {
      await see(22);
      await chain.setTime(at + 10 * DAY);
      await see(21, at);
      const { since } = await chain.read<Document>("qeIdentityOf", [21]);
      assert.equal(since, at + 30 * DAY);
      // Its own clock cannot bring it, or those below it, more time.
      const { since: ofLowest } = await chain.read<Document>("qeIdentityOf", [20]);
      assert.equal(ofLowest, at + 30 * DAY);
      await chain.setTime(at + 30 * DAY);
      assert.equal(await see(21, at + 20 * DAY), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.equal(await minimum(), 22);
    });

    it("keep the earliest of several clocks, and a later number changes none of them", async () => {
      await see(21);
      await chain.setTime(at + 10 * DAY);
      await see(25, at);
      const endOf = async (number: number) =>
        (await chain.read<Document>("qeIdentityOf", [number])).since;
      assert.equal(await endOf(20), at + 30 * DAY);
      assert.equal(await endOf(21), at + 40 * DAY);
      assert.equal(await endOf(25), 0);
      assert.equal(await chain.read("minimumFromOf", [25]), at + 40 * DAY);
    });

    it("refuse what would let a superseded number in", async () => {
      await see(21);
      await chain.setTime(at + 30 * DAY);
      assert.equal(await see(20, at + 29 * DAY), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.equal(await seeInfo(20, at + 29 * DAY), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.equal(await see(3, at + 29 * DAY), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.deepEqual(await chain.read("evaluationNumbers"), [20, 21]);
    });

    it("are shortened by the guardian alone", async () => {
      await see(21);
      assert.equal(await shorten(21, at + DAY, chain.stranger), "ACCESS_MANAGED_UNAUTHORIZED");
      assert.equal(await shorten(21, at + DAY), undefined);
      assert.equal(await chain.read("minimumFromOf", [21]), at + DAY);
      const { since } = await chain.read<Document>("qeIdentityOf", [20]);
      assert.equal(since, at + DAY);
    });

    it("are never lengthened, not even by the guardian", async () => {
      await see(21);
      await shorten(21, at + DAY);
      for (const later of [at + DAY, at + DAY + 1, at + 40 * DAY]) {
        assert.equal(await shorten(21, later), "CLOCK_NOT_SHORTENED");
      }
    });

    it("take a time that has passed as now", async () => {
      await see(21);
      assert.equal(await shorten(21, 1), undefined);
      assert.equal(await chain.read("minimumFromOf", [21]), at);
      assert.equal(await minimum(), 21);
      assert.equal(await verdict(), "TCB_EVALUATION_NUMBER_SUPERSEDED");
      assert.equal(await shorten(21, 1), "CLOCK_NOT_SHORTENED");
    });

    it("have one authority for ever", async () => {
      assert.equal((await chain.sendTo("setAuthority", [chain.from])).code, "AUTHORITY_IS_FIXED");
    });
  });

  describe("issuers", () => {
    const renewed = (name: "platformCa" | "tcbSigner", notBefore: number) =>
      toHex(issueCertificate({ ...authorities[name].template, notBefore }));

    it("are renewed by a newer certificate, and an older one is not taken again", async () => {
      const day = at - 100 * DAY;
      for (const [name, call] of [
        ["platformCa", "uploadPckCa"],
        ["tcbSigner", "uploadTcbSigner"],
      ] as const) {
        assert.equal((await chain.sendTo(call, [renewed(name, day)])).code, undefined);
        assert.equal((await chain.sendTo(call, [renewed(name, day)])).code, "COLLATERAL_NOT_NEWER");
        const older = toHex(authorities[name].certificate);
        assert.equal((await chain.sendTo(call, [older])).code, "COLLATERAL_NOT_NEWER");
      }
      assert.equal(await verdict(), "UpToDate");
    });

    it("take down all that they signed when they are revoked", async () => {
      for (const [serial, expected] of [
        [simulator.serials.tcbSigner, "TCB_SIGNER_REVOKED"],
        [simulator.serials.platformCa, "PCK_CA_REVOKED"],
        [authorities.root.serial, "ROOT_REVOKED"],
      ] as const) {
        await chain.undoing(async () => {
          const collateral = simulator.collateral({
            revokedCa: [serial],
            rootCrl: { thisUpdate: at },
          });
          assert.equal(await code(uploadOf("root CRL", collateral)), undefined);
          assert.equal(await verdict(), expected);
        });
      }
    });

    it("of one kind do not stand in for the other", async () => {
      const certificate = toHex(authorities.tcbSigner.certificate);
      assert.equal(
        (await chain.sendTo("uploadPckCa", [certificate])).code,
        "CERTIFICATE_SUBJECT_UNEXPECTED",
      );
      const [text, r, s] = uploadOf("TCB info", issued(at)).args;
      const caId = evidence.leaf.issuerId;
      const sent = await chain.sendTo("uploadTcbInfo", [text, r, s, caId]);
      assert.equal(sent.code, "COLLATERAL_MISSING");
    });
  });

  describe("PCK certificates", () => {
    const revokedLater = (thisUpdate: number, isRevoked: boolean) =>
      simulator.collateral({
        pckCrl: { thisUpdate, size: 40 },
        revokedPck: isRevoked ? [simulator.platform().serial] : [],
      });

    it("that are revoked after they were cached are refused from then on", async () => {
      await code(uploadOf("PCK CRL", revokedLater(at, true)));
      assert.equal(await verdict(), "PCK_REVOKED");
      assert.equal(await code(uploadOf("PCK certificate")), "PCK_REVOKED");
    });

    it("cleared by an older list are looked up in the newer, until they are cached again", async () => {
      await code(uploadOf("PCK CRL", revokedLater(at, false)));
      const gas = async () => (await chain.call(chain.encode("verifyQuote", [evidence]))).gas;
      const before = await gas();
      assert.equal(await verdict(), "UpToDate");
      assert.equal(await code(uploadOf("PCK certificate")), undefined);
      assert.ok((await gas()) < before);
    });

    it("are known by what is signed: a twin signature is the same certificate", async () => {
      const twin = toHex(withTwinSignature(simulator.platform().pckCertificate));
      const sent = await chain.sendTo("cachePckCertificate", [twin, evidence.leaf.issuerId]);
      assert.equal(sent.code, undefined);
      assert.equal(await verdict(), "UpToDate");
    });

    it("with the same tbsHash and any other field are refused", async () => {
      const { leaf } = evidence;
      const other = { ...leaf, fmspc: "0x000000000001", pceSvn: 99 } as const;
      for (const name of Object.keys(leaf) as (keyof typeof leaf)[]) {
        if (name === "tbsHash") continue;
        const value = leaf[name];
        const changed =
          typeof value === "bigint"
            ? value + 1n
            : typeof value === "number"
              ? value + 1
              : toHex(BigInt(value) ^ 1n, { size: (value.length - 2) / 2 });
        const answer = await chain.verify({ ...evidence, leaf: { ...leaf, [name]: changed } });
        assert.equal(answer, "PCK_CERTIFICATE_NOT_CACHED", name);
      }
      assert.equal(await chain.verify({ ...evidence, leaf: other }), "PCK_CERTIFICATE_NOT_CACHED");
    });
  });

  describe("revocation lists", () => {
    const list = (size: number, thisUpdate: number) =>
      uploadOf("PCK CRL", simulator.collateral({ pckCrl: { size, thisUpdate } }));
    const stage = (upload: CollateralUpload, maxBuckets: number, from = chain.from) =>
      chain.sendAs(from, chain.encode("stageCrl", [...upload.args, BigInt(maxBuckets)]));
    const missing = async (upload: CollateralUpload) => {
      const called = await chain.call(chain.encode("stageCrl", [...upload.args, 0n]));
      assert.ok("data" in called);
      return Number(BigInt(called.data));
    };
    const present = () =>
      chain.read<{ thisUpdate: number; revokedCount: number }>("crlOf", [evidence.leaf.issuerId]);

    it("leave the old one in force, whole, while parts of a new one are there", async () => {
      const upload = list(300, at);
      const before = await present();
      const all = await missing(upload);
      assert.equal(all, 16);
      await stage(upload, 5);
      assert.deepEqual(await present(), before);
      assert.equal(await missing(upload), 11);
      await stage(upload, 5, chain.stranger);
      assert.equal(await missing(upload), 6);
      assert.equal(await verdict(), "UpToDate");
      assert.equal(await code(upload), undefined);
      assert.equal((await present()).revokedCount, 300);
      assert.equal(await verdict(), "UpToDate");
    });

    it("hold every serial number of the list, and no other", async () => {
      await code(list(129, at));
      const template = simulator.crlTemplate("platform", [], { size: 129 });
      const isRevoked = (serial: Uint8Array) =>
        chain.read<boolean>("isRevoked", [evidence.leaf.issuerId, BigInt(toHex(serial))]);
      for (const { serial } of template.entries) assert.ok(await isRevoked(serial));
      assert.equal(await isRevoked(simulator.platform().serial), false);
    });

    it("forget what a newer and shorter one leaves out", async () => {
      const revoked = simulator.collateral({
        pckCrl: { size: 200, thisUpdate: at - 10 },
        revokedPck: [simulator.platform().serial],
      });
      await code(uploadOf("PCK CRL", revoked));
      assert.equal(await verdict(), "PCK_REVOKED");
      await code(list(3, at));
      assert.equal(await verdict(), "UpToDate");
      assert.equal((await present()).revokedCount, 3);
    });

    it("never go backwards, staged or not", async () => {
      await code(list(3, at));
      for (const thisUpdate of [at, at - 1]) {
        assert.equal(await code(list(30, thisUpdate)), "COLLATERAL_NOT_NEWER");
        assert.equal((await stage(list(30, thisUpdate), 9)).code, "COLLATERAL_NOT_NEWER");
      }
    });

    it("too long for one transaction are taken in several, which pay for their data once", async function () {
      this.timeout(120_000);
      const upload = list(1_700, at);
      // What is left of the gas does not reach for the last data contract.
      assert.equal(await code(upload), "FAILED_DEPLOYMENT");
      let transactions = 0;
      let last = await missing(upload);
      while (last > 0) {
        assert.equal((await stage(upload, 16)).code, undefined);
        const left = await missing(upload);
        assert.ok(left < last);
        last = left;
        transactions++;
      }
      assert.ok(transactions > 1);
      assert.equal(await code(upload), undefined);
      assert.equal((await present()).revokedCount, 1_700);
    });
  });
});
