import assert from "node:assert/strict";
import { intelSgxRootCa } from "../../../../sdk/tdx/index.ts";
import { collateralCases, collateralOf, quoteOf } from "../../../support/vectors.ts";
import { AttestationChain } from "../../support/chain.ts";
import { verifyOffChain, verifyOnChain } from "../../support/evidence.ts";

const root = intelSgxRootCa();

describe("TdxAttestation on real quotes and collateral", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await AttestationChain.create({ root });
  });

  for (const entry of collateralCases) {
    const { name, verify_at: at, expected } = entry;
    it(`says of ${name} what verify says: ${expected.tcb_status ?? "refused"}`, () =>
      chain.undoing(async () => {
        await chain.setTime(at);
        const quote = quoteOf(entry);
        const collateral = collateralOf(entry);
        const answer = await verifyOnChain(chain, quote, collateral);
        assert.deepEqual(answer, verifyOffChain(quote, collateral, { at, root }));
        if (expected.tcb_status !== null) {
          assert.ok(typeof answer !== "string");
          assert.equal(answer.status, expected.tcb_status);
          assert.equal(answer.currentStatus, expected.current?.status);
          assert.deepEqual(answer.advisoryIds, [...expected.advisory_ids].sort());
        } else {
          assert.equal(typeof answer, "string");
        }
      }));
  }
});
