import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type LocalChain, startLocalChain } from "../../../../cli/chain/local-chain.ts";
import { intelSgxRootCa } from "../../../../sdk/tdx/index.ts";
import {
  buildEvidence,
  cachePckCertificate,
  OnchainError,
  type PushedPart,
  pushCollateral,
  TRANSACTION_GAS_CAP,
  verifyQuote,
} from "../../../../sdk/tdx/onchain/index.ts";
import { caseNamed, collateralOf, quoteOf } from "../../../support/vectors.ts";
import { simulator } from "../support/simulated.ts";
import { GOOD } from "./support.ts";

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    assert.ok(error instanceof OnchainError, String(error));
    return error.code;
  }
  return "none";
}

const sent = (parts: readonly PushedPart[]) =>
  parts.filter(({ transactions }) => transactions.length > 0).map(({ part }) => part);

describe("pushCollateral", () => {
  const recorded = caseNamed(GOOD);
  const quote = quoteOf(recorded);
  const collateral = collateralOf(recorded);
  const at = recorded.verify_at;
  let chain: LocalChain;

  before(async () => {
    chain = await startLocalChain({ root: intelSgxRootCa(), earliest: at });
  });
  after(() => chain.stop());
  beforeEach(() => chain.reset(at));

  it("uploads all that a chain lacks, by the node's estimates, and a quote verifies", async () => {
    const { client, address } = chain;
    const told: string[] = [];
    const { parts, gasUsed, cost } = await pushCollateral(client, {
      address,
      collateral,
      quote,
      onPart: ({ part }) => told.push(part),
    });
    assert.equal(sent(parts).length, 7);
    assert.deepEqual(
      told,
      parts.map(({ part }) => part),
    );
    const all = parts.flatMap(({ transactions }) => transactions);
    assert.equal(
      gasUsed,
      all.reduce((sum, one) => sum + one.gasUsed, 0n),
    );
    assert.ok(cost > 0n);
    for (const one of all) assert.ok(one.gasUsed < TRANSACTION_GAS_CAP);
    const { evidence } = buildEvidence(quote, { collateral });
    assert.equal((await verifyQuote(client, { address, evidence })).status, "UpToDate");
  });

  it("uploads nothing the second time", async () => {
    const options = { address: chain.address, collateral, quote };
    await pushCollateral(chain.client, options);
    const { parts, gasUsed } = await pushCollateral(chain.client, options);
    assert.deepEqual(sent(parts), []);
    assert.equal(gasUsed, 0n);
    assert.ok(parts.every(({ before }) => before === "current"));
  });

  it("goes on after an interruption", async () => {
    const stopped = new Error("stopped");
    const options = { address: chain.address, collateral, quote };
    const interrupted = pushCollateral(chain.client, {
      ...options,
      onPart: ({ part }) => {
        if (part === "PCK CRL") throw stopped;
      },
    });
    await assert.rejects(interrupted, stopped);
    const { parts } = await pushCollateral(chain.client, options);
    assert.deepEqual(sent(parts), ["TCB info", "QE identity", "PCK certificate"]);
  });

  it("refuses collateral of another root before it sends anything", async () => {
    const foreign = { address: chain.address, collateral: simulator.collateral() };
    assert.equal(await codeOf(pushCollateral(chain.client, foreign)), "ROOT_UNTRUSTED");
  });

  it("says which part the contract refuses, and why", async () => {
    const forged = {
      ...collateral,
      tcb_info: collateral.tcb_info.replace('"UpToDate"', '"Revoked"'),
    };
    const error: unknown = await pushCollateral(chain.client, {
      address: chain.address,
      collateral: forged,
    }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof OnchainError);
    assert.equal(error.code, "TCB_INFO_SIGNATURE_INVALID");
    assert.equal(error.subject, "TCB info");
  });

  it("says so where there is no contract, or no address", async () => {
    const { client } = chain;
    const nowhere = { address: `0x${"12".repeat(20)}` as const, collateral };
    assert.equal(await codeOf(pushCollateral(client, nowhere)), "CONTRACT_MISSING");
    const wrong = { address: "0x12" as const, collateral };
    assert.equal(await codeOf(pushCollateral(client, wrong)), "ONCHAIN_PARAMETER_INVALID");
  });

  it("leaves the verdict to be refused while a part is missing", async () => {
    const { client, address } = chain;
    const built = buildEvidence(quote, { collateral });
    assert.equal(
      await codeOf(verifyQuote(client, { address, evidence: built.evidence })),
      "PCK_CERTIFICATE_NOT_CACHED",
    );
    assert.equal(
      await codeOf(cachePckCertificate(client, { address, built })),
      "COLLATERAL_MISSING",
    );
    await pushCollateral(client, { address, collateral });
    await cachePckCertificate(client, { address, built });
    const numbers = { tcbInfo: 18, qeIdentity: 18 };
    const { evidence } = buildEvidence(quote, { numbers });
    assert.equal(await codeOf(verifyQuote(client, { address, evidence })), "COLLATERAL_MISSING");
  });
});

describe("pushCollateral under a development root", () => {
  const { at, rootCertificate } = simulator;
  let chain: LocalChain;

  before(async () => {
    chain = await startLocalChain({ root: rootCertificate, earliest: at });
  });
  after(() => chain.stop());
  beforeEach(() => chain.reset(at));

  it("replaces what is older, and nothing else", async () => {
    const { client, address } = chain;
    await pushCollateral(client, { address, collateral: simulator.collateral() });
    const newer = simulator.collateral({ tcbInfo: { issueDate: at - 60 } });
    const { parts } = await pushCollateral(client, { address, collateral: newer });
    assert.deepEqual(sent(parts), ["TCB info"]);
    assert.equal(parts.find(({ part }) => part === "TCB info")?.before, "older");
    const again = await pushCollateral(client, { address, collateral: simulator.collateral() });
    assert.deepEqual(sent(again.parts), []);
  });

  it("splits a revocation list that one transaction cannot carry", async () => {
    const { client, address } = chain;
    // Serial numbers as a CA draws them, with the platform's own at the end.
    const platform = simulator.platform();
    const serials = Array.from({ length: 2_000 }, (_, index) => {
      const serial = new Uint8Array(
        createHash("sha256").update(`${index}`).digest().subarray(0, 20),
      );
      serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
      return serial;
    });
    const collateral = simulator.collateral({ revokedPck: [...serials, platform.serial] });
    const { parts } = await pushCollateral(client, { address, collateral });
    const list = parts.find(({ part }) => part === "PCK CRL");
    assert.ok(list && list.transactions.length > 1, `${list?.transactions.length} transactions`);
    for (const { gasUsed } of list.transactions) assert.ok(gasUsed <= TRANSACTION_GAS_CAP);
    const again = await pushCollateral(client, { address, collateral });
    assert.deepEqual(sent(again.parts), []);
    const revoked = { address, collateral, quote: platform.quote() };
    assert.equal(await codeOf(pushCollateral(client, revoked)), "PCK_REVOKED");
  });
});
