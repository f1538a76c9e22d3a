import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import {
  defaultPolicy,
  intelSgxRootCa,
  type Policy,
  parsePolicy,
  type RefusalCode,
  refusals,
  TdxError,
  tcbStatuses,
  type VerifiedQuote,
  validate,
  verify,
} from "../../../sdk/tdx/index.ts";
import type { QuoteOptions } from "../../../sdk/tdx/simulator/index.ts";
import { defaultTcbLevels } from "../../../sdk/tdx/simulator/index.ts";
import { caseNamed, collateralOf, quoteOf } from "../../support/vectors.ts";
import { simulator, verifySimulated } from "./support/simulated.ts";

function resultOf(options: QuoteOptions = {}): VerifiedQuote {
  return verifySimulated(simulator.platform().quote(options));
}

function codesOf(result: VerifiedQuote, policy?: Policy): readonly RefusalCode[] {
  const { accepted, reasons } = validate(result, policy);
  assert.equal(accepted, reasons.length === 0);
  return reasons.map(({ code }) => code);
}

const attributes = (...bits: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(8);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  return bytes;
};
const SEPT_VE_DISABLE = 28;
const withAdvisories = () =>
  verifySimulated(
    simulator.platform().quote(),
    simulator.collateral({
      tcbInfo: {
        tcbLevels: [{ ...defaultTcbLevels[0], advisoryIds: ["INTEL-SA-00001", "INTEL-SA-00002"] }],
      },
    }),
  );

interface Rule {
  readonly refused: () => VerifiedQuote;
  readonly accepted: () => VerifiedQuote;
  readonly policy: Policy;
}

const plain = () => resultOf();
const zeros48 = `0x${"00".repeat(48)}` as const;

/** Every demand of a policy, both ways: what it refuses and what it accepts. */
const rules: Readonly<Record<RefusalCode, Rule>> = {
  DEBUG_TD: {
    refused: () => resultOf({ tdAttributes: attributes(0, SEPT_VE_DISABLE) }),
    accepted: plain,
    policy: { tcbStatuses: ["UpToDate"] },
  },
  TCB_STATUS_NOT_ACCEPTED: {
    refused: plain,
    accepted: () =>
      verifySimulated(
        simulator.platform().quote(),
        simulator.collateral({
          tcbInfo: { tcbLevels: [{ ...defaultTcbLevels[0], status: "OutOfDate" }] },
        }),
      ),
    policy: { tcbStatuses: ["OutOfDate"] },
  },
  TCB_EVALUATION_NUMBER_TOO_LOW: {
    refused: () =>
      verifySimulated(
        simulator.platform().quote(),
        simulator.collateral({ qeIdentity: { tcbEvaluationDataNumber: 19 } }),
      ),
    accepted: plain,
    policy: { minTcbEvaluationDataNumber: 20 },
  },
  TCB_DATE_TOO_OLD: {
    refused: () => resultOf({ teeTcbSvn: "04010300000000000000000000000000" }),
    accepted: plain,
    policy: { minTcbDate: "2025-05-14T00:00:00Z", tcbStatuses: ["UpToDate", "OutOfDate"] },
  },
  ADVISORY_NOT_ACCEPTED: {
    refused: withAdvisories,
    accepted: plain,
    policy: { acceptedAdvisoryIds: ["INTEL-SA-00001"] },
  },
  ADVISORY_REFUSED: {
    refused: withAdvisories,
    accepted: plain,
    policy: { refusedAdvisoryIds: ["INTEL-SA-00002"] },
  },
  SEPT_VE_DISABLE_REQUIRED: {
    refused: () => resultOf({ tdAttributes: attributes() }),
    accepted: () => resultOf({ tdAttributes: attributes(SEPT_VE_DISABLE) }),
    policy: { requireSeptVeDisable: true },
  },
  MIGRATABLE_TD: {
    refused: () => resultOf({ tdAttributes: attributes(SEPT_VE_DISABLE, 29) }),
    accepted: plain,
    policy: { refuseMigratable: true },
  },
  TD_ATTRIBUTES_UNKNOWN: {
    refused: () => resultOf({ tdAttributes: attributes(SEPT_VE_DISABLE, 40) }),
    accepted: () => resultOf({ tdAttributes: attributes(SEPT_VE_DISABLE, 30, 31, 63) }),
    policy: { refuseUnknownTdAttributes: true },
  },
  MRSERVICETD_NOT_ZERO: {
    refused: () => resultOf({ version: 5, mrServiceTd: "01".repeat(48) }),
    accepted: () => resultOf({ version: 5 }),
    policy: { requireZeroMrServiceTd: true },
  },
  XFAM_NOT_ACCEPTED: {
    refused: () => resultOf({ xfam: "e702060000000001" }),
    accepted: () => resultOf({ xfam: "e700060000000000" }),
    policy: { xfamMask: "0xe702060000000000" },
  },
  MEASUREMENT_NOT_ACCEPTED: {
    refused: () => resultOf({ rtmr2: "02".repeat(48) }),
    accepted: () => resultOf({ rtmr2: "03".repeat(48) }),
    policy: { measurements: { rtmr2: [`0x${"01".repeat(48)}`, `0x${"03".repeat(48)}`] } },
  },
  REPORT_DATA_MISMATCH: {
    refused: () => resultOf({ reportData: "ab".repeat(64) }),
    accepted: () => resultOf({ reportData: `abac${"00".repeat(62)}` }),
    policy: { reportData: "0xabac" },
  },
  FMSPC_NOT_ACCEPTED: {
    refused: plain,
    accepted: () =>
      verifySimulated(
        simulator.platform({ fmspc: "90c06f000000" }).quote(),
        simulator.collateral({ fmspc: "90c06f000000" }),
      ),
    policy: { fmspcs: ["0x90c06f000000"] },
  },
  PPID_NOT_ACCEPTED: {
    refused: plain,
    accepted: () => verifySimulated(simulator.platform({ ppid: "07".repeat(16) }).quote()),
    policy: { ppids: [`0x${"07".repeat(16)}`] },
  },
};

describe("validate", () => {
  for (const [code, { refused, accepted, policy }] of Object.entries(rules)) {
    it(`refuses with ${code}, and accepts what meets the demand`, () => {
      assert.deepEqual(codesOf(refused(), policy), [code]);
      assert.deepEqual(codesOf(accepted(), policy), []);
    });
  }

  it("knows no other refusals", () => {
    assert.deepEqual(Object.keys(rules).sort(), Object.keys(refusals).sort());
  });

  it("accepts by default UpToDate and SWHardeningNeeded, and nothing else", () => {
    for (const status of tcbStatuses) {
      const result = { ...plain(), status };
      const isFine = status === "UpToDate" || status === "SWHardeningNeeded";
      assert.deepEqual(codesOf(result), isFine ? [] : ["TCB_STATUS_NOT_ACCEPTED"], status);
    }
  });

  it("refuses a real debug TD that Intel's library calls UpToDate", () => {
    const debug = caseNamed("v4-50806f000000-12b401a8/collateral-20230628-eval15");
    const result = verify(quoteOf(debug), collateralOf(debug), {
      at: debug.verify_at,
      root: intelSgxRootCa(),
    });
    assert.equal(result.status, "UpToDate");
    assert.deepEqual(codesOf(result), ["DEBUG_TD"]);
    const widest = tcbStatuses.filter((status) => status !== "Revoked");
    assert.deepEqual(codesOf(result, { tcbStatuses: widest }), ["DEBUG_TD"]);
  });

  for (let bit = 0; bit < 8; bit++) {
    it(`takes TD attribute bit ${bit} for untrusted`, () => {
      const result = resultOf({ tdAttributes: attributes(bit, SEPT_VE_DISABLE) });
      assert.deepEqual(codesOf(result), ["DEBUG_TD"]);
    });
  }

  it("gives all reasons at once, with what was expected and found", () => {
    const result = resultOf({ tdAttributes: attributes(0), rtmr0: "01".repeat(48) });
    const { reasons } = validate(result, {
      tcbStatuses: ["OutOfDate"],
      requireSeptVeDisable: true,
      measurements: { rtmr0: [zeros48] },
    });
    assert.deepEqual(
      reasons.map(({ code }) => code),
      [
        "TCB_STATUS_NOT_ACCEPTED",
        "DEBUG_TD",
        "SEPT_VE_DISABLE_REQUIRED",
        "MEASUREMENT_NOT_ACCEPTED",
      ],
    );
    assert.deepEqual(reasons[3], {
      code: "MEASUREMENT_NOT_ACCEPTED",
      message: refusals.MEASUREMENT_NOT_ACCEPTED,
      subject: "report.rtmr0",
      expected: zeros48,
      found: `0x${"01".repeat(48)}`,
    });
  });

  it("does not refuse for an advisory that no rule names", () => {
    assert.deepEqual(codesOf(withAdvisories()), []);
  });

  it("demands nothing of a TD 1.0 by requireZeroMrServiceTd", () => {
    assert.deepEqual(codesOf(resultOf({ version: 4 }), { requireZeroMrServiceTd: true }), []);
  });

  it("accepts nothing by an empty list", () => {
    assert.deepEqual(codesOf(plain(), { tcbStatuses: [] }), ["TCB_STATUS_NOT_ACCEPTED"]);
    assert.deepEqual(codesOf(plain(), { measurements: { mrTd: [] } }), [
      "MEASUREMENT_NOT_ACCEPTED",
    ]);
  });
});

describe("parsePolicy", () => {
  const refusesPolicy = (value: unknown, subject: RegExp) =>
    assert.throws(
      () => parsePolicy(value),
      (error) =>
        error instanceof TdxError &&
        error.code === "POLICY_MALFORMED" &&
        subject.test(error.message),
    );

  it("brings hex into one form and freezes", () => {
    const policy = parsePolicy({ xfamMask: "E702060000000000", fmspcs: ["0x90C06F000000"] });
    assert.deepEqual({ ...policy }, { xfamMask: "0xe702060000000000", fmspcs: ["0x90c06f000000"] });
    assert.ok(Object.isFrozen(policy) && Object.isFrozen(policy.fmspcs));
  });

  it("keeps the default policy as it is", () => {
    assert.deepEqual({ ...parsePolicy(defaultPolicy) }, { ...defaultPolicy });
  });

  it("refuses what it does not understand", () => {
    refusesPolicy(null, /policy/);
    refusesPolicy([], /policy/);
    refusesPolicy("UpToDate", /policy/);
    refusesPolicy({ tcbStatus: ["UpToDate"] }, /tcbStatus\b/);
    refusesPolicy({ tcbStatuses: "UpToDate" }, /tcbStatuses/);
    refusesPolicy({ tcbStatuses: ["uptodate"] }, /tcbStatuses\[0\]/);
    refusesPolicy({ tcbStatuses: ["Revoked"] }, /tcbStatuses\[0\]/);
    refusesPolicy({ minTcbEvaluationDataNumber: -1 }, /minTcbEvaluationDataNumber/);
    refusesPolicy({ minTcbEvaluationDataNumber: "19" }, /minTcbEvaluationDataNumber/);
    refusesPolicy({ minTcbDate: "2025-05-14" }, /minTcbDate/);
    refusesPolicy({ acceptedAdvisoryIds: ["SA-00837"] }, /acceptedAdvisoryIds\[0\]/);
    refusesPolicy({ requireSeptVeDisable: 1 }, /requireSeptVeDisable/);
    refusesPolicy({ xfamMask: "0x00" }, /xfamMask/);
    refusesPolicy({ measurements: { mrtd: [] } }, /measurements\.mrtd/);
    refusesPolicy({ measurements: { mrTd: ["0x00"] } }, /measurements\.mrTd\[0\]/);
    refusesPolicy({ measurements: { __proto__: null, constructor: [] } }, /constructor/);
    refusesPolicy(JSON.parse('{"__proto__": {}}'), /__proto__/);
    refusesPolicy({ reportData: "0x" }, /reportData/);
    refusesPolicy({ reportData: "00".repeat(65) }, /reportData/);
    refusesPolicy({ debug: true }, /debug/);
  });

  it("has every field explained in docs/policy.md, whose example is valid", async () => {
    const text = await readFile(new URL("../../../docs/policy.md", import.meta.url), "utf8");
    const [, example = ""] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
    parsePolicy(JSON.parse(example));
    const explained = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
    let known = "";
    try {
      parsePolicy({ unknown: 1 });
    } catch (error) {
      known = error instanceof TdxError ? String(error.expected) : "";
    }
    assert.deepEqual(explained, known.replace("one of ", "").split(", "));
  });
});
