import assert from "node:assert/strict";
import {
  type ComponentTcbStatus,
  componentTcbStatuses,
  type PlatformTcbStatus,
  platformTcbStatuses,
  type TcbStatus,
} from "../../../sdk/tdx/index.ts";
import {
  type CollateralOptions,
  defaultTcbLevels,
  defaultTdxModuleIdentities,
} from "../../../sdk/tdx/simulator/index.ts";
import { outcomeOf, simulator, verifySimulated } from "./support/simulated.ts";

const [level] = defaultTcbLevels;
const [, module1] = defaultTdxModuleIdentities;
const DATES = { platform: 1_747_180_800, module: 1_710_288_000, qe: 1_691_539_200 } as const;

interface Statuses {
  readonly platform: PlatformTcbStatus | (string & {});
  readonly module?: ComponentTcbStatus | (string & {});
  readonly qe?: ComponentTcbStatus | (string & {});
}

/** Collateral in which platform, TDX module 1 and quoting enclave have exactly these statuses. */
function collateralWith({
  platform,
  module = "UpToDate",
  qe = "UpToDate",
}: Statuses): CollateralOptions {
  return {
    tcbInfo: {
      tcbLevels: [
        { ...level, status: platform, tcbDate: DATES.platform, advisoryIds: ["INTEL-SA-00001"] },
      ],
      tdxModuleIdentities: [
        {
          ...module1,
          tcbLevels: [
            { isvSvn: 0, status: module, tcbDate: DATES.module, advisoryIds: ["INTEL-SA-00003"] },
          ],
        },
      ],
    },
    qeIdentity: {
      tcbLevels: [
        {
          isvSvn: 0,
          status: qe,
          tcbDate: DATES.qe,
          advisoryIds: ["INTEL-SA-00002", "INTEL-SA-00001"],
        },
      ],
    },
  };
}

/**
 * Intel's table (QVL `convergeTcbStatuses`), written out: platform status, then the status with an
 * out-of-date component, then with a revoked one.
 */
const mergeTable: readonly (readonly [PlatformTcbStatus, PlatformTcbStatus, PlatformTcbStatus])[] =
  [
    ["UpToDate", "OutOfDate", "Revoked"],
    ["SWHardeningNeeded", "OutOfDate", "Revoked"],
    ["ConfigurationNeeded", "OutOfDateConfigurationNeeded", "Revoked"],
    ["ConfigurationAndSWHardeningNeeded", "OutOfDateConfigurationNeeded", "Revoked"],
    ["OutOfDate", "OutOfDate", "Revoked"],
    ["OutOfDateConfigurationNeeded", "OutOfDateConfigurationNeeded", "Revoked"],
    ["Revoked", "Revoked", "Revoked"],
  ];

function merged(
  [platform, withOutOfDate, withRevoked]: (typeof mergeTable)[number],
  components: readonly ComponentTcbStatus[],
): PlatformTcbStatus {
  if (components.includes("Revoked")) return withRevoked;
  return components.includes("OutOfDate") ? withOutOfDate : platform;
}

describe("the merge table", () => {
  it("has a row for every platform status", () => {
    assert.deepEqual(
      mergeTable.map(([platform]) => platform).sort(),
      [...platformTcbStatuses].sort(),
    );
  });

  for (const row of mergeTable) {
    for (const module of componentTcbStatuses) {
      for (const qe of componentTcbStatuses) {
        const [platform] = row;
        const expected = merged(row, [module, qe]);
        it(`${platform} with module ${module} and QE ${qe} is ${expected}`, () => {
          const collateral = simulator.collateral(collateralWith({ platform, module, qe }));
          const result = verifySimulated(simulator.platform().quote(), collateral);
          assert.equal(result.status, expected);
          assert.equal(result.launch.platform.status, platform);
          assert.equal(result.launch.tdxModule?.status, module);
          assert.equal(result.launch.qe.status, qe);
        });
      }
    }
  }

  it("takes the oldest date and every advisory once", () => {
    const collateral = simulator.collateral(collateralWith({ platform: "UpToDate" }));
    const result = verifySimulated(simulator.platform().quote(), collateral);
    assert.equal(result.tcbDate, "2023-08-09T00:00:00Z");
    assert.deepEqual(result.advisoryIds, ["INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00003"]);
  });

  it("leaves the module out for module version 0, which has no identity", () => {
    const quote = simulator.platform().quote({ teeTcbSvn: "07000300000000000000000000000000" });
    const result = verifySimulated(
      quote,
      simulator.collateral(collateralWith({ platform: "UpToDate", module: "Revoked" })),
    );
    assert.equal(result.status, "UpToDate");
    assert.equal(result.launch.tdxModule, undefined);
  });

  for (const [part, statuses] of Object.entries({
    platform: { platform: "Fine" },
    "TDX module": { platform: "UpToDate", module: "SWHardeningNeeded" },
    "quoting enclave": { platform: "UpToDate", qe: "ConfigurationNeeded" },
  })) {
    it(`refuses an unknown status of the ${part}`, () => {
      const collateral = simulator.collateral(collateralWith(statuses));
      const quote = simulator.platform().quote();
      assert.equal(
        outcomeOf(() => verifySimulated(quote, collateral)),
        "TCB_STATUS_UNKNOWN",
      );
    });
  }
});

/** Two TCBs of one TD 1.5: SVN 4 of TDX component 2 gets `launch`, SVN 5 gets `current`. */
function relaunch(launch: PlatformTcbStatus, current: PlatformTcbStatus): TcbStatus | string {
  const tdx = [...(level.tdxComponents ?? [])];
  const withSvn = (svn: number) => tdx.with(2, svn);
  const collateral = simulator.collateral({
    tcbInfo: {
      tcbLevels: [
        { ...level, tdxComponents: withSvn(5), status: current, tcbDate: DATES.platform },
        { ...level, tdxComponents: withSvn(4), status: launch, tcbDate: DATES.module },
      ],
    },
  });
  const quote = simulator.platform().quote({
    version: 5,
    teeTcbSvn: "07010400000000000000000000000000",
    teeTcbSvn2: "07010500000000000000000000000000",
  });
  const result = verifySimulated(quote, collateral);
  assert.equal(result.launch.status, launch);
  assert.equal(result.current.status, current);
  assert.equal(result.tcbDate, "2024-03-13T00:00:00Z", "the date is that of the TCB at launch");
  return result.status;
}

/** Statuses of a TCB now that make Intel advise a relaunch, and whether they need configuration. */
const healthy: readonly (readonly [PlatformTcbStatus, needsConfiguration: boolean])[] = [
  ["UpToDate", false],
  ["SWHardeningNeeded", false],
  ["ConfigurationNeeded", true],
  ["ConfigurationAndSWHardeningNeeded", true],
];

describe("the relaunch table", () => {
  for (const launch of platformTcbStatuses) {
    for (const current of platformTcbStatuses) {
      const now = healthy.find(([status]) => status === current);
      const isStale = launch === "OutOfDate" || launch === "OutOfDateConfigurationNeeded";
      const expected: TcbStatus =
        !isStale || now === undefined
          ? launch
          : launch === "OutOfDateConfigurationNeeded" || now[1]
            ? "TDRelaunchAdvisedConfigurationNeeded"
            : "TDRelaunchAdvised";
      it(`${launch} at launch and ${current} now is ${expected}`, () => {
        assert.equal(relaunch(launch, current), expected);
      });
    }
  }

  it("gives the advisories of both TCBs", () => {
    const tdx = level.tdxComponents ?? [];
    const collateral = simulator.collateral({
      tcbInfo: {
        tcbLevels: [
          { ...level, tdxComponents: tdx.with(2, 5), advisoryIds: ["INTEL-SA-00002"] },
          {
            ...level,
            tdxComponents: tdx.with(2, 4),
            status: "OutOfDate",
            advisoryIds: ["INTEL-SA-00001"],
          },
        ],
      },
    });
    const result = verifySimulated(
      simulator.platform().quote({
        version: 5,
        teeTcbSvn: "07010400000000000000000000000000",
        teeTcbSvn2: "07010500000000000000000000000000",
      }),
      collateral,
    );
    assert.deepEqual(result.advisoryIds, ["INTEL-SA-00001", "INTEL-SA-00002"]);
    assert.deepEqual(result.launch.advisoryIds, ["INTEL-SA-00001"]);
    assert.deepEqual(result.current.advisoryIds, ["INTEL-SA-00002"]);
  });

  for (const [name, teeTcbSvn2, code] of [
    ["the platform", "07010100000000000000000000000000", "TCB_LEVEL_NOT_SUPPORTED"],
    ["the module's SVN", "01010500000000000000000000000000", "TDX_MODULE_TCB_NOT_SUPPORTED"],
    ["the module's version", "07020500000000000000000000000000", "TDX_MODULE_IDENTITY_MISSING"],
  ] as const) {
    it(`refuses a TD whose TCB now is not supported for ${name}`, () => {
      const quote = simulator.platform().quote({ version: 5, teeTcbSvn2 });
      assert.equal(
        outcomeOf(() => verifySimulated(quote)),
        code,
      );
    });
  }
});

describe("the TCB level that applies", () => {
  const below = { ...level, status: "OutOfDate", tcbDate: DATES.module };
  const lower = (list: readonly number[] | undefined, index: number) =>
    (list ?? []).with(index, (list?.[index] ?? 0) - 1);
  const platformBelow = (index: number) =>
    simulator.platform({ tcbComponents: lower(level.sgxComponents, index) });

  for (const index of [0, 1, 2, 3, 4, 5, 7]) {
    it(`is the lower one when SGX component ${index} is one lower`, () => {
      const tcbLevels = [level, { ...below, sgxComponents: Array(16).fill(0) }];
      const quote = platformBelow(index).quote();
      const result = verifySimulated(quote, simulator.collateral({ tcbInfo: { tcbLevels } }));
      assert.equal(result.status, "OutOfDate");
    });
  }

  it("is the lower one when the PCE SVN is one lower", () => {
    const tcbLevels = [level, { ...below, pceSvn: 0 }];
    const quote = simulator.platform({ pceSvn: level.pceSvn - 1 }).quote();
    const result = verifySimulated(quote, simulator.collateral({ tcbInfo: { tcbLevels } }));
    assert.equal(result.status, "OutOfDate");
  });

  const high = Array.from({ length: 16 }, () => 9);
  const tdxLevels = [
    { ...level, tdxComponents: high },
    { ...below, tdxComponents: Array(16).fill(0) },
  ];
  for (const [index, isCompared] of [
    [0, false],
    [1, false],
    [2, true],
    [15, true],
  ] as const) {
    it(`${isCompared ? "compares" : "does not compare"} TDX component ${index} from module version 1 on`, () => {
      const svn = high.with(0, 9).with(1, 1);
      const teeTcbSvn = Uint8Array.from(index === 1 ? svn : svn.with(index, 8));
      const result = verifySimulated(
        simulator.platform().quote({ teeTcbSvn }),
        simulator.collateral({ tcbInfo: { tcbLevels: tdxLevels } }),
      );
      assert.equal(result.status, isCompared ? "OutOfDate" : "UpToDate");
    });
  }

  it("compares TDX components 0 and 1 too for module version 0", () => {
    const teeTcbSvn = Uint8Array.from(high.with(1, 0));
    const result = verifySimulated(
      simulator.platform().quote({ teeTcbSvn }),
      simulator.collateral({ tcbInfo: { tcbLevels: tdxLevels } }),
    );
    assert.equal(result.status, "OutOfDate");
  });

  it("is the highest one, whatever the order of the document", () => {
    const low = {
      ...below,
      sgxComponents: Array(16).fill(0),
      pceSvn: 0,
      tdxComponents: Array(16).fill(0),
    };
    const result = verifySimulated(
      simulator.platform().quote(),
      simulator.collateral({ tcbInfo: { tcbLevels: [low, level] } }),
    );
    assert.equal(result.status, "UpToDate");
  });

  it("sorts the module's and the enclave's levels too", () => {
    const levels = (low: string) => [
      { isvSvn: 0, status: low, tcbDate: DATES.qe },
      { isvSvn: 3, status: "UpToDate", tcbDate: DATES.platform },
    ];
    const result = verifySimulated(
      simulator.platform().quote(),
      simulator.collateral({
        tcbInfo: { tdxModuleIdentities: [{ ...module1, tcbLevels: levels("Revoked") }] },
        qeIdentity: { tcbLevels: levels("Revoked") },
      }),
    );
    assert.equal(result.status, "UpToDate");
  });

  it("finds the module's identity whatever the case of its id", () => {
    const identity = { ...module1, id: "tdx_1a" };
    const quote = simulator.platform().quote({ teeTcbSvn: "071a0500000000000000000000000000" });
    const collateral = simulator.collateral({ tcbInfo: { tdxModuleIdentities: [identity] } });
    assert.equal(verifySimulated(quote, collateral).status, "UpToDate");
  });
});
