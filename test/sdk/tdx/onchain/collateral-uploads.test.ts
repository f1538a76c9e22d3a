import assert from "node:assert/strict";
import { hexToString, size } from "viem";
import { TdxError } from "../../../../sdk/tdx/index.ts";
import { type CollateralUpload, collateralUploads } from "../../../../sdk/tdx/onchain/index.ts";
import { caseNamed, collateralOf, quoteOf } from "../../../support/vectors.ts";
import { simulator } from "../support/simulated.ts";
import { GOOD } from "./support.ts";

const recorded = caseNamed(GOOD);
const collateral = collateralOf(recorded);
const partsOf = (uploads: readonly CollateralUpload[]) => uploads.map(({ part }) => part);

describe("collateralUploads", () => {
  it("lists what a chain needs in the order in which each finds what it needs", () => {
    assert.deepEqual(partsOf(collateralUploads(collateral, { quote: quoteOf(recorded) })), [
      "root CRL",
      "PCK CA",
      "TCB signer",
      "PCK CRL",
      "TCB info",
      "QE identity",
      "PCK certificate",
    ]);
    assert.equal(collateralUploads(collateral).length, 6);
  });

  it("names issuers by what they signed", () => {
    const uploads = collateralUploads(collateral, { quote: quoteOf(recorded) });
    const find = (part: string) => {
      const upload = uploads.find((one) => one.part === part);
      assert.ok(upload);
      return upload;
    };
    const pckCa = find("PCK CA") as { issuerId: string };
    assert.equal(find("PCK CRL").args[1], pckCa.issuerId);
    assert.equal(find("PCK certificate").args[1], pckCa.issuerId);
    const signer = find("TCB signer") as { issuerId: string };
    assert.equal(find("TCB info").args[3], signer.issuerId);
    assert.equal(find("QE identity").args[3], signer.issuerId);
    assert.notEqual(find("root CRL").args[1], pckCa.issuerId);
  });

  it("takes the exact text that Intel signed, and both halves of the signature", () => {
    const info = collateralUploads(collateral).find(({ part }) => part === "TCB info");
    assert.ok(info?.part === "TCB info");
    const [text, r, s] = info.args;
    assert.equal(hexToString(text), collateral.tcb_info);
    assert.equal(`${r.slice(2)}${s.slice(2)}`, collateral.tcb_info_signature);
    assert.equal(size(r), 32);
    assert.equal(info.fmspc, "0x00806f050000");
    assert.equal(info.number, 19);
  });

  it("names each issuer once, by its newest certificate", () => {
    const other = simulator.platform({ ca: "processor" });
    const both = collateralUploads(simulator.collateral(), { quote: other.quote() });
    assert.deepEqual(
      partsOf(both).filter((part) => part === "PCK CA" || part === "TCB signer"),
      ["PCK CA", "PCK CA", "TCB signer"],
    );
  });

  it("lists what a quote alone brings", () => {
    const uploads = collateralUploads(null, { quote: quoteOf(recorded) });
    assert.deepEqual(partsOf(uploads), ["PCK CA", "PCK certificate"]);
    assert.deepEqual(collateralUploads(null), []);
  });

  for (const [name, changes, code] of [
    ["a revocation list that is none", { pck_crl: "00" }, "CRL_MALFORMED"],
    ["a text that is no TCB info", { tcb_info: "{}" }, "TCB_INFO_MALFORMED"],
    ["a chain of one", { tcb_info_issuer_chain: simulator.rootCertificatePem }, "CHAIN_LENGTH"],
    ["a short signature", { qe_identity_signature: "00" }, "COLLATERAL_MALFORMED"],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => collateralUploads({ ...collateral, ...changes }),
        (error) => error instanceof TdxError && error.code.startsWith(code),
      );
    });
  }
});
