import assert from "node:assert/strict";
import { componentTcbStatuses, platformTcbStatuses } from "../../../../sdk/tdx/index.ts";
import {
  defaultTcbLevels,
  defaultTdxModuleIdentities,
  type TcbInfoOptions,
} from "../../../../sdk/tdx/simulator/index.ts";
import { simulator } from "../../../sdk/tdx/support/simulated.ts";
import type { AttestationChain } from "../../support/chain.ts";
import { judgedAlike, simulatedChain } from "../../support/simulated-chain.ts";

const [level] = defaultTcbLevels;
const [, module1] = defaultTdxModuleIdentities;
const DATES = { platform: 1_747_180_800, module: 1_710_288_000, qe: 1_691_539_200 } as const;

function statuses(platform: string, module: string, qe: string) {
  const advisoryIds = ["INTEL-SA-00001"];
  return simulator.collateral({
    tcbInfo: {
      tcbLevels: [{ ...level, status: platform, tcbDate: DATES.platform, advisoryIds }],
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
          advisoryIds: ["INTEL-SA-00002", ...advisoryIds],
        },
      ],
    },
  });
}

describe("TdxAttestation and the TCB tables, beside verify", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await simulatedChain();
  });

  for (const platform of platformTcbStatuses) {
    it(`merges ${platform} with every status of TDX module and quoting enclave`, async () => {
      const quote = simulator.platform().quote();
      for (const module of componentTcbStatuses) {
        for (const qe of componentTcbStatuses) {
          const verdict = await judgedAlike(chain, quote, statuses(platform, module, qe));
          assert.equal(typeof verdict, "object", `${platform}, ${module}, ${qe}: ${verdict}`);
        }
      }
    });
  }

  const tdx = level.tdxComponents ?? [];
  const relaunched = simulator.platform().quote({
    version: 5,
    teeTcbSvn: "07010400000000000000000000000000",
    teeTcbSvn2: "07010500000000000000000000000000",
  });

  for (const launch of platformTcbStatuses) {
    it(`compares ${launch} at launch with every status now`, async () => {
      for (const current of platformTcbStatuses) {
        const tcbLevels = [
          { ...level, tdxComponents: tdx.with(2, 5), status: current, tcbDate: DATES.platform },
          { ...level, tdxComponents: tdx.with(2, 4), status: launch, tcbDate: DATES.module },
        ];
        const verdict = await judgedAlike(
          chain,
          relaunched,
          simulator.collateral({ tcbInfo: { tcbLevels } }),
        );
        assert.ok(typeof verdict === "object", String(verdict));
        assert.equal(verdict.currentStatus, current);
      }
    });
  }

  it("gives the status of the platform where the module has version 0", async () => {
    const quote = simulator.platform().quote({ teeTcbSvn: "07000300000000000000000000000000" });
    const verdict = await judgedAlike(chain, quote, statuses("UpToDate", "Revoked", "UpToDate"));
    assert.ok(typeof verdict === "object");
    assert.equal(verdict.status, "UpToDate");
  });

  for (const [part, words] of Object.entries({
    platform: ["Fine", "UpToDate", "UpToDate"],
    "TDX module": ["UpToDate", "SWHardeningNeeded", "UpToDate"],
    "quoting enclave": ["UpToDate", "UpToDate", "ConfigurationNeeded"],
  } as const)) {
    it(`refuses an unknown status of the ${part}`, async () => {
      const [platform, module, qe] = words;
      const quote = simulator.platform().quote();
      const answer = await judgedAlike(chain, quote, statuses(platform, module, qe));
      assert.equal(answer, "TCB_STATUS_UNKNOWN");
    });
  }

  for (const [name, teeTcbSvn2, code] of [
    ["the platform", "07010100000000000000000000000000", "TCB_LEVEL_NOT_SUPPORTED"],
    ["the module's SVN", "01010500000000000000000000000000", "TDX_MODULE_TCB_NOT_SUPPORTED"],
    ["the module's version", "07020500000000000000000000000000", "TDX_MODULE_IDENTITY_MISSING"],
  ] as const) {
    it(`refuses a TD whose TCB now is not supported for ${name}`, async () => {
      const quote = simulator.platform().quote({ version: 5, teeTcbSvn2 });
      assert.equal(await judgedAlike(chain, quote), code);
    });
  }

  const below = { ...level, status: "OutOfDate", tcbDate: DATES.module };

  it("compares each TDX component from 2 on, and 0 and 1 for module version 0 alone", async () => {
    const high = Array.from({ length: 16 }, () => 9);
    const tcbInfo: TcbInfoOptions = {
      tcbLevels: [
        { ...level, tdxComponents: high },
        { ...below, tdxComponents: Array(16).fill(0) },
      ],
    };
    const collateral = simulator.collateral({ tcbInfo });
    for (const version of [0, 1]) {
      for (let index = 0; index < 16; index++) {
        const svns = high.with(1, version);
        const teeTcbSvn = Uint8Array.from(index === 1 ? svns : svns.with(index, 8));
        const verdict = await judgedAlike(
          chain,
          simulator.platform().quote({ teeTcbSvn }),
          collateral,
        );
        assert.ok(typeof verdict === "object");
        const isBelow = version === 0 || index > 1;
        assert.equal(verdict.status, isBelow ? "OutOfDate" : "UpToDate", `component ${index}`);
      }
    }
  });

  it("takes SVNs of 128 and more as numbers, in levels and in certificates", async () => {
    const tdxComponents = Array(16).fill(0).with(2, 200);
    const collateral = simulator.collateral({
      tcbInfo: {
        tcbLevels: [
          { ...level, tdxComponents },
          { ...below, tdxComponents: Array(16).fill(0) },
        ],
      },
    });
    for (const [svn, status] of [
      [199, "OutOfDate"],
      [200, "UpToDate"],
      [127, "OutOfDate"],
      [255, "UpToDate"],
    ] as const) {
      const teeTcbSvn = Uint8Array.from(Array(16).fill(0).with(0, 7).with(1, 1).with(2, svn));
      const quote = simulator.platform().quote({ teeTcbSvn });
      const verdict = await judgedAlike(chain, quote, collateral);
      assert.ok(typeof verdict === "object");
      assert.equal(verdict.status, status, `SVN ${svn}`);
    }
  });

  it("finds the highest level whatever the order of the document, and of both lists of the module and the enclave", async () => {
    const low = {
      ...below,
      sgxComponents: Array(16).fill(0),
      pceSvn: 0,
      tdxComponents: Array(16).fill(0),
    };
    const levels = [
      { isvSvn: 0, status: "Revoked", tcbDate: DATES.qe },
      { isvSvn: 3, status: "UpToDate", tcbDate: DATES.platform },
    ];
    const collateral = simulator.collateral({
      tcbInfo: {
        tcbLevels: [low, level],
        tdxModuleIdentities: [{ ...module1, tcbLevels: levels }],
      },
      qeIdentity: { tcbLevels: levels },
    });
    const verdict = await judgedAlike(chain, simulator.platform().quote(), collateral);
    assert.ok(typeof verdict === "object");
    assert.equal(verdict.status, "UpToDate");
  });

  it("finds the module's identity whatever the case of its id", async () => {
    const tdxModuleIdentities = [{ ...module1, id: "tdx_1a" }];
    const quote = simulator.platform().quote({ teeTcbSvn: "071a0500000000000000000000000000" });
    const collateral = simulator.collateral({ tcbInfo: { tdxModuleIdentities } });
    assert.equal(typeof (await judgedAlike(chain, quote, collateral)), "object");
  });
});
