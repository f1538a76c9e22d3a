import assert from "node:assert/strict";
import { simulator } from "../../../sdk/tdx/support/simulated.ts";
import type { AttestationChain } from "../../support/chain.ts";
import { verifyOffChain } from "../../support/evidence.ts";
import { bothOf, simulatedChain, trust } from "../../support/simulated-chain.ts";
import { laxerOnChain, stricterOnChain } from "./stricter.ts";

describe("what the contract refuses and verify accepts", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await simulatedChain();
  });

  for (const { name, reason, code, document, edit, matches } of stricterOnChain) {
    it(`is ${name}: ${reason}`, async () => {
      const collateral = simulator.collateral({ [document]: edit });
      const quote = simulator.platform().quote();
      const { onchain, offchain } = await bothOf(chain, quote, collateral);
      assert.ok(typeof offchain === "object", `verify: ${offchain}`);
      assert.equal(onchain, code);
      const text = document === "tcbInfoJson" ? collateral.tcb_info : collateral.qe_identity;
      assert.ok(matches(text));
    });
  }
});

describe("what the contract accepts and verify refuses", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await simulatedChain();
  });

  for (const { name, reason, edit } of laxerOnChain) {
    it(`is ${name}: ${reason}`, async () => {
      const quote = simulator.platform().quote();
      for (const document of ["tcbInfoJson", "qeIdentityJson"]) {
        const { onchain, offchain } = await bothOf(
          chain,
          quote,
          simulator.collateral({ [document]: edit }),
        );
        assert.match(String(offchain), /_MALFORMED$/);
        assert.deepEqual(onchain, verifyOffChain(quote, simulator.collateral(), trust));
      }
    });
  }
});
