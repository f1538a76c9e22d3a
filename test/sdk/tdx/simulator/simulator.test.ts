import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { QuoteVerifier } from "@phala/dcap-qvl";
import {
  type CollateralOptions,
  createSimulator,
  defaultTcbLevels,
  issueCertificate,
  type PlatformOptions,
  type QuoteOptions,
  toPemChain,
} from "../../../../sdk/tdx/simulator/index.ts";
import { readQuote } from "./quote-reader.ts";

const simulator = createSimulator({ seed: "simulator" });

/** Everything a simulator makes from a seed, as one digest. */
function digest(seed: string | Uint8Array): string {
  const made = createSimulator({ seed });
  const hash = createHash("sha256").update(made.rootCertificate);
  hash.update(made.platform().quote({ version: 5 })).update(made.platform().quote());
  hash.update(made.platform({ ca: "processor", label: "second" }).pckCertificate);
  hash.update(JSON.stringify(made.collateral({ pckCrl: { size: 129 } })));
  return hash.digest("hex");
}

describe("the simulator", () => {
  describe("is a function of its seed", () => {
    it("same seed, same bytes", () => {
      assert.equal(digest("one"), digest("one"));
      assert.equal(digest("one"), digest(Buffer.from("one")));
    });

    it("and the same ones as ever, so that a pinned development root stays", () => {
      assert.equal(
        createHash("sha256").update(simulator.rootCertificate).digest("hex"),
        "cd47dadf3d67bc585dda6319fa71bf0f1d8327e0109c7ad69f44e92682789699",
      );
    });

    it("another seed, another root and other keys", () => {
      const other = createSimulator({ seed: "another" });
      assert.notDeepEqual(other.rootCertificate, simulator.rootCertificate);
      assert.notDeepEqual(other.platform().pckKey.publicKey, simulator.platform().pckKey.publicKey);
      assert.notEqual(digest("one"), digest("two"));
    });

    it("does not see the caller change the seed afterwards", () => {
      const seed = Uint8Array.of(1, 2, 3);
      const made = createSimulator({ seed });
      seed.fill(0);
      const fresh = createSimulator({ seed: Uint8Array.of(1, 2, 3) });
      assert.deepEqual(made.key("any"), fresh.key("any"));
    });

    it("another time, the same root, chains and quotes, but fresh collateral", () => {
      const later = createSimulator({ seed: "simulator", at: simulator.at + 86_400 });
      assert.deepEqual(later.rootCertificate, simulator.rootCertificate);
      assert.deepEqual(later.platform().quote(), simulator.platform().quote());
      assert.notEqual(later.collateral().tcb_info, simulator.collateral().tcb_info);
      assert.notEqual(later.collateral().pck_crl, simulator.collateral().pck_crl);
    });

    it("refuses an empty seed, and a time when no certificate would hold", () => {
      assert.throws(() => createSimulator({ seed: "" }), { option: "seed" });
      assert.throws(() => createSimulator({ seed: new Uint8Array() }), { option: "seed" });
      for (const at of [0, 1_780_000_000.5, 1_780_000_000_000]) {
        assert.throws(() => createSimulator({ seed: "x", at }), { option: "at" });
      }
    });
  });

  it("knows machines by their label", () => {
    const [one, two] = [simulator.platform({ label: "a" }), simulator.platform({ label: "b" })];
    assert.deepEqual(simulator.platform({ label: "a" }).pckCertificate, one.pckCertificate);
    assert.notDeepEqual(one.serial, two.serial);
    assert.notDeepEqual(one.pck.ppid, two.pck.ppid);
    assert.notDeepEqual(one.pckKey, two.pckKey);
    const [first, second] = [one.quote(), two.quote()].map((quote) => readQuote(quote));
    assert.notDeepEqual(first?.attestationKey, second?.attestationKey);
    assert.notDeepEqual(first?.header.subarray(28, 44), second?.header.subarray(28, 44));
    assert.deepEqual(first?.body, second?.body);
  });

  it("lists the serials that the root CRL can revoke", () => {
    const { platformCa, processorCa, tcbSigner } = simulator.authorities;
    assert.deepEqual(simulator.serials, {
      platformCa: platformCa.serial,
      processorCa: processorCa.serial,
      tcbSigner: tcbSigner.serial,
    });
  });

  describe("before an independent verifier (@phala/dcap-qvl) with its root", () => {
    interface Case {
      readonly platform?: PlatformOptions;
      readonly quote?: QuoteOptions;
      readonly collateral?: CollateralOptions;
      readonly at?: number;
    }

    function verdict(options: Case = {}, root = simulator.rootCertificate) {
      const verifier = QuoteVerifier.newWithRootCa(Buffer.from(root));
      const quote = simulator.platform(options.platform).quote(options.quote);
      const collateral = simulator.collateral(options.collateral);
      return verifier.verify(quote, collateral, options.at ?? simulator.at);
    }

    it("is UpToDate in version 4 and 5, under both CAs", () => {
      assert.equal(verdict().status, "UpToDate");
      assert.equal(verdict({ quote: { version: 5 } }).status, "UpToDate");
      assert.equal(verdict({ quote: { version: 5, body: "TD10" } }).status, "UpToDate");
      const ca = "processor";
      assert.equal(verdict({ platform: { ca }, collateral: { ca } }).status, "UpToDate");
    });

    it("hands over the caller's report data", () => {
      const reportData = Uint8Array.from({ length: 64 }, (_, index) => index);
      const { report } = verdict({ quote: { reportData } });
      assert.deepEqual(Uint8Array.from(report.asTd10()?.reportData ?? []), reportData);
    });

    it("is refused under any other root, Intel's first of all", () => {
      const other = createSimulator({ seed: "another" });
      assert.throws(() => verdict({}, other.rootCertificate), /certificate/i);
      const { quote } = simulator.platform();
      const collateral = simulator.collateral();
      assert.throws(
        () => QuoteVerifier.newProd().verify(quote(), collateral, simulator.at),
        /certificate/i,
      );
    });

    it("is whatever the matching level says", () => {
      const [upToDate, outOfDate] = defaultTcbLevels;
      const old = { tcbComponents: outOfDate.sgxComponents, pceSvn: outOfDate.pceSvn };
      const found = verdict({ platform: old });
      assert.deepEqual([found.status, found.advisory_ids], ["OutOfDate", outOfDate.advisoryIds]);
      const statuses = [
        "SWHardeningNeeded",
        "ConfigurationNeeded",
        "ConfigurationAndSWHardeningNeeded",
        "OutOfDateConfigurationNeeded",
      ];
      for (const status of statuses) {
        const tcbInfo = { tcbLevels: [{ ...upToDate, status }] };
        assert.equal(verdict({ collateral: { tcbInfo } }).status, status);
      }
      const revoked = { tcbInfo: { tcbLevels: [{ ...upToDate, status: "Revoked" }] } };
      assert.throws(() => verdict({ collateral: revoked }), /Revoked/);
      assert.throws(() => verdict({ collateral: { tcbInfo: { tcbLevels: [] } } }), /No matching/);
    });

    it("falls with the quoting enclave", () => {
      const level = { isvSvn: 8, tcbDate: 0, status: "UpToDate" };
      const below = { ...level, isvSvn: 7, status: "OutOfDate" };
      const qeIdentity = { tcbLevels: [level, below] };
      assert.equal(verdict({ collateral: { qeIdentity } }).status, "OutOfDate");
      assert.throws(() => verdict({ quote: { qeReport: { isvProdId: 1 } } }), /ISVPRODID/);
      assert.throws(
        () => verdict({ quote: { qeReport: { mrSigner: "00".repeat(32) } } }),
        /MRSIGNER/,
      );
    });

    it("is refused when anything in the chain is revoked", () => {
      const { platformCa, tcbSigner } = simulator.serials;
      for (const collateral of [
        { revokedPck: [simulator.platform().serial], pckCrl: { size: 129 } },
        { revokedCa: [platformCa] },
        { revokedCa: [tcbSigner] },
      ]) {
        assert.throws(() => verdict({ collateral }), /revoked/);
      }
      assert.equal(verdict({ collateral: { pckCrl: { size: 129 } } }).status, "UpToDate");
    });

    it("is refused one second outside of each window", () => {
      const { at } = simulator;
      assert.throws(() => verdict({ collateral: { tcbInfo: { nextUpdate: at - 1 } } }), /expired/);
      assert.throws(() => verdict({ collateral: { tcbInfo: { issueDate: at + 1 } } }), /future/);
      assert.throws(
        () => verdict({ collateral: { qeIdentity: { nextUpdate: at - 1 } } }),
        /expired/,
      );
      const validity = { notBefore: at - 10, notAfter: at - 1 };
      assert.throws(() => verdict({ platform: { validity } }), /expired/);
      const collateral = { validity: { tcbSigner: validity } };
      assert.throws(() => verdict({ collateral }), /expired/);
    });

    it("is refused for a debug TD, another FMSPC, a forged intermediate", () => {
      const tdAttributes = "0100001000000000";
      assert.throws(() => verdict({ quote: { tdAttributes } }), /Debug/);
      assert.throws(() => verdict({ platform: { fmspc: "000000000001" } }), /Fmspc/);

      const mallory = simulator.key("mallory");
      const { platformCa } = simulator.authorities;
      const forgedCa = issueCertificate({
        ...platformCa.template,
        publicKey: mallory.publicKey,
        signer: mallory,
      });
      const leaf = issueCertificate({ ...simulator.platform().template, signer: mallory });
      const pckChainPem = toPemChain(leaf, forgedCa, simulator.rootCertificate);
      assert.throws(() => verdict({ quote: { pckChainPem } }), /intermediate signature/);
    });
  });
});
