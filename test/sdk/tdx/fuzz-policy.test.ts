import assert from "node:assert/strict";
import fc from "fast-check";
import { parsePolicy, validate, verify } from "../../../sdk/tdx/index.ts";
import { anything, forAll, withinLimits } from "./support/fuzz.ts";
import { root, v4 } from "./support/specimen.ts";

describe("generated policies", function () {
  this.timeout(60_000);
  const names = [
    "tcbStatuses",
    "minTcbEvaluationDataNumber",
    "minTcbDate",
    "acceptedAdvisoryIds",
    "requireSeptVeDisable",
    "xfamMask",
    "measurements",
    "reportData",
    "fmspcs",
    "unknown",
  ];

  it("are refused, or give the same judgement each time", () => {
    const verified = verify(v4.quote, v4.json, { at: v4.entry.verify_at, root });
    const value = fc.oneof(
      anything,
      fc.boolean(),
      fc.nat(),
      fc.array(fc.constantFrom("UpToDate", "OutOfDate", "Revoked", "INTEL-SA-00837", "0x00")),
    );
    const policies = fc.oneof(
      anything,
      fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] }),
    );
    forAll(policies, (input) => {
      const policy = withinLimits(() => parsePolicy(input));
      if (policy instanceof Error) return;
      assert.deepEqual(validate(verified, policy), validate(verified, policy));
    });
  });
});
