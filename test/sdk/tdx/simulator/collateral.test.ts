import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import type { QuoteCollateral } from "../../../../sdk/tdx/index.ts";
import {
  type CollateralOptions,
  createSimulator,
  defaultTcbLevels,
  issueCrl,
} from "../../../../sdk/tdx/simulator/index.ts";
import { hex } from "./der-reader.ts";
import { verifies } from "./quote-reader.ts";

const simulator = createSimulator({ seed: "collateral" });
const { root, platformCa, processorCa, tcbSigner } = simulator.authorities;

type Json = Readonly<Record<string, unknown>>;

function tcbInfo(options?: CollateralOptions): Json {
  return JSON.parse(simulator.collateral(options).tcb_info);
}

function qeIdentity(options?: CollateralOptions): Json {
  return JSON.parse(simulator.collateral(options).qe_identity);
}

function assertSigned(collateral: QuoteCollateral, publicKey = tcbSigner.key.publicKey): void {
  const pairs = [
    [collateral.tcb_info, collateral.tcb_info_signature],
    [collateral.qe_identity, collateral.qe_identity_signature],
  ] as const;
  for (const [text, signature] of pairs) {
    assert.ok(verifies(publicKey, Buffer.from(text), Buffer.from(signature, "hex")));
  }
}

describe("simulated collateral", () => {
  it("has the nine parts of QuoteCollateralV3, in their order", () => {
    assert.deepEqual(Object.keys(simulator.collateral()), [
      "pck_crl_issuer_chain",
      "root_ca_crl",
      "pck_crl",
      "tcb_info_issuer_chain",
      "tcb_info",
      "tcb_info_signature",
      "qe_identity_issuer_chain",
      "qe_identity",
      "qe_identity_signature",
    ]);
  });

  it("signs both texts, and has both chains to the root", () => {
    const collateral = simulator.collateral();
    assertSigned(collateral);
    assert.equal(collateral.tcb_info_issuer_chain, tcbSigner.certificatePem + root.certificatePem);
    assert.equal(collateral.qe_identity_issuer_chain, collateral.tcb_info_issuer_chain);
    assert.equal(collateral.pck_crl_issuer_chain, platformCa.certificatePem + root.certificatePem);
    assert.equal(
      simulator.collateral({ ca: "processor" }).pck_crl_issuer_chain,
      processorCa.certificatePem + root.certificatePem,
    );
  });

  it("writes TCB Info as Intel does: fields, order, names, hex, times", () => {
    const text = simulator.collateral().tcb_info;
    const expectedStart =
      '{"id":"TDX","version":3,"issueDate":"2026-05-27T20:26:40Z",' +
      '"nextUpdate":"2026-06-26T20:26:40Z","fmspc":"c5ea1d000000","pceId":"0000","tcbType":0,' +
      '"tcbEvaluationDataNumber":20,"tdxModule":{"mrsigner":"' +
      `${"00".repeat(48)}","attributes":"0000000000000000",` +
      '"attributesMask":"FFFFFFFFFFFFFFFF"},"tdxModuleIdentities":[{"id":"TDX_03","mrsigner":"';
    assert.ok(text.startsWith(expectedStart), text.slice(0, expectedStart.length));
    assert.ok(
      text.includes(
        '"tcbLevels":[{"tcb":{"sgxtcbcomponents":[{"svn":3,"category":"BIOS",' +
          '"type":"Early Microcode Update"},{"svn":3,"category":"OS/VMM",',
      ),
    );
    assert.ok(
      text.includes(
        '],"pcesvn":13,"tdxtcbcomponents":[{"svn":5,"category":"OS/VMM","type":"TDX Module"},',
      ),
    );
    assert.ok(
      text.includes('{"svn":0}]},"tcbDate":"2025-05-14T00:00:00Z","tcbStatus":"UpToDate"}'),
    );
    assert.ok(text.includes('"tcbStatus":"OutOfDate","advisoryIDs":["INTEL-SA-01036",'));
  });

  it("writes QE Identity as Intel does, with a signer of its own", () => {
    const text = simulator.collateral().qe_identity;
    const signer = JSON.parse(text).mrsigner;
    assert.match(signer, /^[0-9A-F]{64}$/);
    assert.equal(
      text,
      '{"id":"TD_QE","version":2,"issueDate":"2026-05-27T20:26:40Z",' +
        '"nextUpdate":"2026-06-26T20:26:40Z","tcbEvaluationDataNumber":20,' +
        '"miscselect":"00000000","miscselectMask":"FFFFFFFF",' +
        '"attributes":"11000000000000000000000000000000",' +
        `"attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":"${signer}",` +
        '"isvprodid":2,"tcbLevels":[{"tcb":{"isvsvn":4},"tcbDate":"2025-05-14T00:00:00Z",' +
        '"tcbStatus":"UpToDate"}]}',
    );
    const intelSigner = "DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5";
    assert.notEqual(signer, intelSigner);
  });

  it("takes each field of TCB Info", () => {
    const info = tcbInfo({
      fmspc: "00806F050000",
      pceId: "0001",
      tcbInfo: {
        id: "SGX",
        version: 2,
        issueDate: 1_700_000_000,
        nextUpdate: 1_700_000_001,
        tcbType: 7,
        tcbEvaluationDataNumber: 3,
        tdxModule: { mrsigner: "AB", attributes: "01", attributesMask: "02" },
        tdxModuleIdentities: [
          {
            id: "tdx_0A",
            mrsigner: "CD",
            tcbLevels: [{ isvSvn: 9, tcbDate: 0, status: "Revoked", advisoryIds: [] }],
          },
        ],
        tcbLevels: [
          { sgxComponents: [1, 2], pceSvn: 4, tcbDate: 1_700_000_000, status: "Sparkling" },
        ],
      },
    });
    assert.deepEqual(info, {
      id: "SGX",
      version: 2,
      issueDate: "2023-11-14T22:13:20Z",
      nextUpdate: "2023-11-14T22:13:21Z",
      fmspc: "00806F050000",
      pceId: "0001",
      tcbType: 7,
      tcbEvaluationDataNumber: 3,
      tdxModule: { mrsigner: "AB", attributes: "01", attributesMask: "02" },
      tdxModuleIdentities: [
        {
          id: "tdx_0A",
          mrsigner: "CD",
          attributes: "0000000000000000",
          attributesMask: "FFFFFFFFFFFFFFFF",
          tcbLevels: [
            {
              tcb: { isvsvn: 9 },
              tcbDate: "1970-01-01T00:00:00Z",
              tcbStatus: "Revoked",
              advisoryIDs: [],
            },
          ],
        },
      ],
      tcbLevels: [
        {
          tcb: {
            sgxtcbcomponents: [
              { svn: 1, category: "BIOS", type: "Early Microcode Update" },
              { svn: 2, category: "OS/VMM", type: "SGX Late Microcode Update" },
            ],
            pcesvn: 4,
          },
          tcbDate: "2023-11-14T22:13:20Z",
          tcbStatus: "Sparkling",
        },
      ],
    });
  });

  it("takes each field of QE Identity", () => {
    const fields = {
      id: "QE",
      version: 1,
      miscselect: "01000000",
      miscselectMask: "0F000000",
      attributes: "22".repeat(16),
      attributesMask: "33".repeat(16),
      mrsigner: "44".repeat(32),
      isvprodid: 9,
    };
    const identity = qeIdentity({
      qeIdentity: {
        ...fields,
        issueDate: 1_700_000_000,
        nextUpdate: 1_700_000_001,
        tcbEvaluationDataNumber: 3,
        tcbLevels: [{ isvSvn: 1, tcbDate: 0, status: "Revoked", advisoryIds: ["INTEL-SA-1"] }],
      },
    });
    assert.deepEqual(identity, {
      ...fields,
      issueDate: "2023-11-14T22:13:20Z",
      nextUpdate: "2023-11-14T22:13:21Z",
      tcbEvaluationDataNumber: 3,
      tcbLevels: [
        {
          tcb: { isvsvn: 1 },
          tcbDate: "1970-01-01T00:00:00Z",
          tcbStatus: "Revoked",
          advisoryIDs: ["INTEL-SA-1"],
        },
      ],
    });
  });

  it("counts from an issue date of its own", () => {
    const issueDate = simulator.at - 3600;
    assert.equal(tcbInfo({ tcbInfo: { issueDate } }).nextUpdate, "2026-06-27T19:26:40Z");
    assert.equal(qeIdentity({ qeIdentity: { issueDate } }).nextUpdate, "2026-06-27T19:26:40Z");
    assert.throws(() => tcbInfo({ tcbInfo: { issueDate: 0.5 } }), { option: "time" });
  });

  it("can leave out the TDX module and its identities", () => {
    const info = tcbInfo({ tcbInfo: { tdxModule: null, tdxModuleIdentities: null } });
    assert.ok(!("tdxModule" in info) && !("tdxModuleIdentities" in info));
  });

  it("gives both documents one evaluation number, or each its own", () => {
    const both = { tcbEvaluationDataNumber: 17 };
    assert.equal(tcbInfo(both).tcbEvaluationDataNumber, 17);
    assert.equal(qeIdentity(both).tcbEvaluationDataNumber, 17);
    const apart = { ...both, qeIdentity: { tcbEvaluationDataNumber: 18 } };
    assert.equal(tcbInfo(apart).tcbEvaluationDataNumber, 17);
    assert.equal(qeIdentity(apart).tcbEvaluationDataNumber, 18);
  });

  it("signs any text in place of its own", () => {
    const collateral = simulator.collateral({
      tcbInfoJson: '{"id":"TDX","id":"SGX"}',
      qeIdentityJson: (text) => `${text} `,
    });
    assert.equal(collateral.tcb_info, '{"id":"TDX","id":"SGX"}');
    assert.ok(collateral.qe_identity.endsWith("} "));
    assertSigned(collateral);
  });

  it("takes other windows and another TCB signer, for itself only", () => {
    const validity = { notBefore: 1_700_000_000, notAfter: 1_700_000_001 };
    const collateral = simulator.collateral({
      validity: { platformCa: validity },
      tcbSignerLabel: "tcb-signer-2",
    });
    const crlIssuer = new X509Certificate(collateral.pck_crl_issuer_chain);
    assert.equal(Date.parse(crlIssuer.validTo) / 1000, validity.notAfter);
    assertSigned(collateral, simulator.key("tcb-signer-2").publicKey);
    const signer = new X509Certificate(collateral.tcb_info_issuer_chain);
    assert.ok(signer.verify(new X509Certificate(simulator.rootCertificate).publicKey));
    assert.notEqual(signer.serialNumber.toLowerCase(), hex(tcbSigner.serial));
    assertSigned(simulator.collateral());
  });

  it("keeps the simulator's own windows and signer where it is given no other", () => {
    const validity = { notBefore: 1_700_000_000, notAfter: 2_000_000_000 };
    const other = createSimulator({
      seed: "collateral",
      tcbSignerLabel: "tcb-signer-2",
      validity: { tcbSigner: validity },
    });
    const collateral = other.collateral({ validity: { platformCa: validity } });
    assert.equal(
      collateral.tcb_info_issuer_chain,
      other.authorities.tcbSigner.certificatePem + other.rootCertificatePem,
    );
    assertSigned(collateral, simulator.key("tcb-signer-2").publicKey);
  });

  it("revokes what it is told to, in the list where it belongs", () => {
    const { platformCa: caSerial } = simulator.serials;
    const platform = simulator.platform();
    const collateral = simulator.collateral({
      revokedCa: [caSerial],
      revokedPck: [platform.serial],
      pckCrl: { size: 129, number: 2 },
      rootCrl: { nextUpdate: simulator.at },
    });
    const rootCrl = simulator.crlTemplate("root", [caSerial], { nextUpdate: simulator.at });
    const pckCrl = simulator.crlTemplate("platform", [platform.serial], { size: 129, number: 2 });
    assert.equal(collateral.root_ca_crl, hex(issueCrl(rootCrl)));
    assert.equal(collateral.pck_crl, hex(issueCrl(pckCrl)));
  });

  it("matches the default platform, the first level exactly", () => {
    assert.deepEqual(simulator.platform().pck.tcbComponents, defaultTcbLevels[0].sgxComponents);
    assert.equal(simulator.platform().pck.pceSvn, defaultTcbLevels[0].pceSvn);
    assert.equal(tcbInfo().fmspc, simulator.platform().fmspc);
  });
});
