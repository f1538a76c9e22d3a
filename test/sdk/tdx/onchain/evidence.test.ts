import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { hexToBytes, keccak256, size } from "viem";
import {
  createCollateral,
  describePckChain,
  intelSgxRootCa,
  parseQuote,
  TdxError,
  verify,
} from "../../../../sdk/tdx/index.ts";
import { buildEvidence, leafDigest, OnchainError } from "../../../../sdk/tdx/onchain/index.ts";
import { toPemChain } from "../../../../sdk/tdx/simulator/index.ts";
import {
  collateralOf,
  quoteAsFoundOf,
  quoteCases,
  quoteOf,
  statusCases,
} from "../../../support/vectors.ts";
import { simulator } from "../support/simulated.ts";
import { builtOf, GOOD } from "./support.ts";

const numbers = { tcbInfo: 19, qeIdentity: 19 };

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof TdxError || error instanceof OnchainError, String(error));
    return error.code;
  }
  return "none";
}

describe("buildEvidence", () => {
  it("puts every real quote into the compact form, without PEM and lengths", () => {
    for (const entry of statusCases) {
      const quote = parseQuote(quoteOf(entry));
      const { evidence } = buildEvidence(quote, { collateral: collateralOf(entry) });
      const bytes = hexToBytes(evidence.quote);
      const signed = quote.signedRegion.length;
      assert.ok([632, 638, 702].includes(signed), `${signed}`);
      assert.equal(bytes.length, signed + 64 + 64 + 384 + 64 + quote.qeAuthData.length);
      assert.deepEqual(bytes.subarray(0, signed), quote.signedRegion);
      assert.deepEqual(bytes.subarray(signed, signed + 64), quote.signature);
      // The QE report vouches for the key and the authentication data behind it.
      const binding = createHash("sha256")
        .update(bytes.subarray(signed + 64, signed + 128))
        .update(bytes.subarray(signed + 576))
        .digest();
      const report = bytes.subarray(signed + 128, signed + 512);
      assert.deepEqual(Buffer.from(report.subarray(320, 352)), binding);
    }
  });

  it("takes the numbers of TCB info and QE identity, which may differ", () => {
    const differing = statusCases.filter(
      ({ tcb_evaluation_data_number: { tcb_info, qe_identity } }) => tcb_info !== qe_identity,
    );
    assert.ok(differing.length > 0);
    for (const entry of [...differing, ...statusCases.slice(0, 3)]) {
      const json = collateralOf(entry);
      const { tcb_info, qe_identity } = entry.tcb_evaluation_data_number;
      const collateral = createCollateral(json, { root: intelSgxRootCa() });
      for (const given of [json, collateral]) {
        const { evidence } = buildEvidence(quoteOf(entry), { collateral: given });
        assert.equal(evidence.tcbInfoNumber, tcb_info);
        assert.equal(evidence.qeIdentityNumber, qe_identity);
      }
    }
  });

  it("reads the leaf as verify does", () => {
    for (const entry of statusCases.slice(0, 5)) {
      const root = intelSgxRootCa();
      const { platform } = verify(quoteOf(entry), collateralOf(entry), {
        root,
        at: entry.verify_at,
      });
      const { leaf } = buildEvidence(quoteOf(entry), { numbers }).evidence;
      assert.equal(leaf.fmspc, platform.fmspc);
      assert.equal(leaf.pceId, platform.pceId);
      assert.equal(leaf.pceSvn, platform.pceSvn);
      assert.equal(leaf.platformId, keccak256(platform.ppid));
      assert.deepEqual([...hexToBytes(leaf.sgxTcbComponents)], platform.sgxTcbComponents);
      const [described] = describePckChain(parseQuote(quoteOf(entry))).certificates;
      assert.equal(leaf.serial, BigInt(described?.serial ?? 0));
      assert.equal(leaf.notAfter, described?.notAfter);
      assert.equal(size(leafDigest(leaf)), 20);
    }
  });

  it("drops bytes after the quote's end", () => {
    const entry = statusCases.find((one) => one.quote_as_found !== undefined);
    assert.ok(entry);
    const asFound = quoteAsFoundOf(entry);
    assert.ok(asFound);
    assert.deepEqual(
      buildEvidence(asFound, { numbers }),
      buildEvidence(quoteOf(entry), { numbers }),
    );
  });

  it("takes the chain of the collateral for a quote that carries none", () => {
    const platform = simulator.platform();
    const chain = toPemChain(
      platform.pckCertificate,
      simulator.authorities.platformCa.certificate,
      simulator.rootCertificate,
    );
    const without = platform.quote({ certificationData: { type: 3, bytes: "00" } });
    assert.equal(
      refusal(() => buildEvidence(without, { numbers })),
      "PCK_CHAIN_MISSING",
    );
    const collateral = { ...simulator.collateral(), pck_certificate_chain: chain };
    const { leaf } = buildEvidence(without, { collateral }).evidence;
    assert.deepEqual(leaf, buildEvidence(platform.quote(), { numbers }).evidence.leaf);
  });

  it("refuses what is no TDX quote, before any chain", () => {
    for (const entry of quoteCases("sgx")) {
      assert.equal(
        refusal(() => buildEvidence(quoteOf(entry), { numbers })),
        "QUOTE_IS_SGX",
      );
    }
    const [entry] = statusCases;
    assert.ok(entry);
    const cut = quoteOf(entry).subarray(0, 1000);
    assert.equal(
      refusal(() => buildEvidence(cut, { numbers })),
      "QUOTE_TRUNCATED",
    );
    const platform = simulator.platform();
    const short = platform.quote({
      pckChainPem: toPemChain(platform.pckCertificate, simulator.rootCertificate),
    });
    assert.equal(
      refusal(() => buildEvidence(short, { numbers })),
      "CHAIN_LENGTH_UNEXPECTED",
    );
  });

  it("refuses numbers that are none", () => {
    const [entry] = statusCases;
    assert.ok(entry);
    for (const tcbInfo of [-1, 1.5, 65_536, Number.NaN]) {
      const wrong = { numbers: { tcbInfo, qeIdentity: 19 } };
      const code = refusal(() => buildEvidence(quoteOf(entry), wrong));
      assert.equal(code, "ONCHAIN_PARAMETER_INVALID");
    }
  });

  it("gives immutable evidence", () => {
    const built = builtOf(GOOD);
    for (const part of [built, built.evidence, built.evidence.leaf]) {
      assert.ok(Object.isFrozen(part));
    }
  });
});
