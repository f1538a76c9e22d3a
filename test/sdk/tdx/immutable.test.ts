import assert from "node:assert/strict";
import {
  createCollateral,
  PckChainCache,
  type Policy,
  parseQuote,
  TdxError,
  validate,
  verify,
  verifySignatures,
} from "../../../sdk/tdx/index.ts";
import { defaultTcbLevels } from "../../../sdk/tdx/simulator/index.ts";
import { withPckChain } from "./support/quote-layout.ts";
import { refusedWith } from "./support/refusal.ts";
import { outcomeOf, simulator, verifySimulated } from "./support/simulated.ts";

const { at, rootCertificate: root } = simulator;
const platform = simulator.platform();
const options = { at, root };

describe("a parsed quote in the hands of its caller", () => {
  const mine = platform.quote({ reportData: "09".repeat(64) });
  const other = platform.quote({ reportData: "0a".repeat(64), attestationKey: "other" });

  it("is verified by its bytes, whatever else was put together with them", () => {
    const parsed = parseQuote(mine);
    const Quote = parsed.constructor as new (fields: object, bytes?: Uint8Array) => typeof parsed;
    const report = { ...parsed.report, mrTd: `0x${"ee".repeat(48)}` as const };
    const forged = { ...parsed, report };
    refusedWith("QUOTE_NOT_BYTES", () =>
      verify(new Quote(forged), simulator.collateral(), options),
    );
    const result = verify(new Quote(forged, mine), simulator.collateral(), options);
    assert.equal(result.report.mrTd, parsed.report.mrTd);
  });

  it("gives the report that is signed, also where its bytes were overwritten", () => {
    const parsed = parseQuote(mine);
    const source = parseQuote(other);
    parsed.signedRegion.set(source.signedRegion);
    parsed.signature.set(source.signature);
    parsed.attestationKey.set(source.attestationKey);
    parsed.qeReport.bytes.set(source.qeReport.bytes);
    parsed.qeReportSignature.set(source.qeReportSignature);
    const result = verify(parsed, simulator.collateral(), options);
    assert.equal(result.report.reportData, source.report.reportData);
  });
});

describe("collateral in the hands of its caller", () => {
  it("cannot be made to live longer, nor to judge otherwise", () => {
    const collateral = createCollateral(simulator.collateral(), { root });
    for (const part of [
      ...collateral.periods,
      collateral.tcbInfo.tcbLevels[0],
      collateral.tcbInfo.tcbLevels[0]?.verdict.advisoryIds,
      collateral.tcbInfo.tdxModuleIdentities[0]?.tcbLevels[0],
      collateral.qeIdentity,
      collateral.qeIdentity.attributes,
      collateral.qeIdentity.attributesMask,
      collateral.qeIdentity.tcbLevels[0]?.verdict.advisoryIds,
    ]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it("shares no list with its verdicts that one could add to", () => {
    const result = verifySimulated(platform.quote());
    assert.ok(Object.isFrozen(result.launch.platform.advisoryIds));
    assert.ok(Object.isFrozen(result.launch.qe.advisoryIds));
  });
});

describe("the verdict on a chain with too much white space", () => {
  it("is the same with a cold and with a warm cache", () => {
    const padded = withPckChain(platform.quote(), `${platform.pckChainPem}${"\0".repeat(20_000)}`);
    const pckChainCache = new PckChainCache();
    const check = () => verifySignatures(padded, { ...options, pckChainCache });
    refusedWith("PEM_MALFORMED", check);
    verifySignatures(platform.quote(), { ...options, pckChainCache });
    assert.equal(pckChainCache.size, 1);
    refusedWith("PEM_MALFORMED", check);
  });
});

describe("a policy that is no plain object", () => {
  const result = verifySimulated(platform.quote());
  const demand = ["0x11"] as const;
  class WithGetter {
    get reportData() {
      return demand[0];
    }
  }
  const hidden = Object.defineProperty({}, "reportData", { value: demand[0] });
  for (const [name, policy] of Object.entries({
    "a Map": new Map([["reportData", demand[0]]]),
    "an object that inherits": Object.create({ reportData: demand[0] }),
    "an instance of a class": new WithGetter(),
    "an object with a hidden member": hidden,
    "an object with a symbol": { [Symbol("reportData")]: demand[0] },
    "a member that is undefined": { reportData: undefined },
    "measurements in a Map": { measurements: new Map() },
    "measurements that inherit": { measurements: Object.create({ mrTd: [] }) },
    "a measurement that is undefined": { measurements: { mrTd: undefined } },
    "a Date": new Date(0),
  })) {
    it(`is refused: ${name}`, () => {
      refusedWith("POLICY_MALFORMED", () => validate(result, policy as Policy));
    });
  }

  it("is accepted without a prototype", () => {
    const policy = Object.assign(Object.create(null), { tcbStatuses: ["UpToDate"] });
    assert.equal(validate(result, policy).accepted, true);
  });
});

describe("a TD 1.5 whose TCB now is worse than at launch", () => {
  const [level] = defaultTcbLevels;
  const tdx = level.tdxComponents ?? [];
  const worse = {
    ...level,
    tdxComponents: tdx.with(2, 4),
    status: "Revoked",
    tcbDate: 1_577_836_800,
  };
  const result = verifySimulated(
    platform.quote({
      version: 5,
      teeTcbSvn: "07010500000000000000000000000000",
      teeTcbSvn2: "07010400000000000000000000000000",
    }),
    simulator.collateral({
      tcbInfo: { tcbLevels: [{ ...level, tdxComponents: tdx.with(2, 5) }, worse] },
    }),
  );

  it("keeps Intel's status, that of the launch", () => assert.equal(result.status, "UpToDate"));

  it("is refused by any policy when it is revoked", () => {
    const { reasons } = validate(result);
    assert.deepEqual(
      reasons.map(({ code, subject }) => [code, subject]),
      [["TCB_STATUS_NOT_ACCEPTED", "current.status"]],
    );
  });

  it("is as old as the older of the two", () => {
    const { reasons } = validate(result, { minTcbDate: "2024-01-01T00:00:00Z" });
    assert.ok(reasons.some(({ code }) => code === "TCB_DATE_TOO_OLD"));
  });
});

describe("arguments of other types", () => {
  it("give typed errors", () => {
    const proxy = new Proxy(new Uint8Array(600), {});
    const fake: Uint8Array = Object.create(Uint8Array.prototype);
    for (const input of [proxy, fake, 3e8 as unknown as Uint8Array]) {
      assert.throws(() => parseQuote(input), TdxError);
      assert.throws(() => createCollateral(simulator.collateral(), { root: input }), TdxError);
    }
    assert.equal(
      outcomeOf(() => verify(platform.quote(), null, { root, at: Object.create(null) })),
      "TIME_INVALID",
    );
    assert.equal(new PckChainCache(Number.NaN).size, 0);
  });

  it("give a typed error for text that has no UTF-8", () => {
    const collateral = simulator.collateral({
      tcbInfoJson: (text) => text.replace("{", '{"note":"\ufffd",'),
    });
    assert.equal(
      outcomeOf(() => verifySimulated(platform.quote(), collateral)),
      "UpToDate",
    );
    const tcb_info = collateral.tcb_info.replace("\ufffd", "\ud800");
    const altered = { ...collateral, tcb_info };
    assert.equal(
      outcomeOf(() => verifySimulated(platform.quote(), altered)),
      "COLLATERAL_MALFORMED",
    );
  });

  it("take hex with 0x for every field", () => {
    const collateral = simulator.collateral();
    const prefixed = {
      ...collateral,
      pck_crl: `0x${collateral.pck_crl}`,
      root_ca_crl: `0x${collateral.root_ca_crl}`,
      tcb_info_signature: `0x${collateral.tcb_info_signature}`,
      qe_identity_signature: `0x${collateral.qe_identity_signature}`,
    };
    assert.equal(
      outcomeOf(() => verifySimulated(platform.quote(), prefixed)),
      "UpToDate",
    );
  });

  it("keep nothing in a cache without a limit", () => {
    const pckChainCache = new PckChainCache(Number.NaN);
    verifySignatures(platform.quote(), { ...options, pckChainCache });
    assert.equal(pckChainCache.size, 0);
  });
});
