import assert from "node:assert/strict";
import {
  type Policy,
  parsePolicy,
  type RefusalCode,
  refusals,
  validate,
} from "../../../sdk/gpu/index.ts";
import { opaqueTypes } from "../../../sdk/gpu/simulator/index.ts";
import { isAtLeast } from "../../../sdk/gpu/versions.ts";
import { refusedWith } from "./support/refusal.ts";
import { NONCE, simulator, verifySimulated } from "./support/simulated.ts";

const single = verifySimulated();
const hgx = simulator.hgx();
const board = verifySimulated(
  hgx.evidence(NONCE),
  simulator.collateral(...hgx.gpus, ...hgx.switches),
);
const ids = board.devices.map(({ identity }) => identity.deviceId);

function codes(policy: Policy, result = single): readonly RefusalCode[] {
  return validate(result, policy).reasons.map(({ code }) => code);
}

describe("a policy for GPUs", () => {
  it("demands nothing but signers that are not on hold, unless it says so", () => {
    assert.equal(validate(single).accepted, true);
    assert.equal(validate(board, {}).accepted, true);
  });

  const cases: readonly (readonly [Policy, readonly RefusalCode[], typeof single?])[] = [
    [{ architectures: ["HOPPER"] }, []],
    [{ architectures: ["BLACKWELL"] }, ["ARCHITECTURE_NOT_ACCEPTED"]],
    [{ architectures: [] }, ["ARCHITECTURE_NOT_ACCEPTED"]],
    [{ architectures: ["HOPPER"] }, Array(4).fill("ARCHITECTURE_NOT_ACCEPTED"), board],
    [{ architectures: ["HOPPER", "LS10"] }, [], board],
    [{ minDriverVersion: "550.90.07" }, []],
    [{ minDriverVersion: "550.90" }, []],
    [{ minDriverVersion: "550.90.08" }, ["DRIVER_TOO_OLD"]],
    [{ minDriverVersion: "1000" }, ["DRIVER_TOO_OLD"]],
    [{ minDriverVersion: "550.90.7.1" }, ["DRIVER_TOO_OLD"]],
    [{ minVbiosVersions: { HOPPER: "96.00.9F.00.01" } }, []],
    [{ minVbiosVersions: { HOPPER: "96.00.a0" } }, ["VBIOS_TOO_OLD"]],
    [{ minVbiosVersions: { LS10: "96.10.56" } }, []],
    [{ minVbiosVersions: { LS10: "96.10.56" } }, Array(4).fill("VBIOS_TOO_OLD"), board],
    [{ modes: ["SPT", "MPT"] }, []],
    [{ modes: ["PPCIE"] }, ["MODE_NOT_ACCEPTED"]],
    [{ modes: ["PPCIE"] }, [], board],
    [{ modes: [] }, ["MODE_NOT_ACCEPTED"], board],
    [{ gpuCount: 1, switchCount: 0 }, []],
    [{ gpuCount: 8, switchCount: 4 }, ["GPU_COUNT_UNEXPECTED", "SWITCH_COUNT_UNEXPECTED"]],
    [{ gpuCount: 8, switchCount: 4, requireSameVersions: true }, [], board],
    [{ requireFwid: true }, []],
    [{ requireFwid: true }, [], board],
    [{ deviceIds: ids }, [], board],
    [{ deviceIds: ids.slice(1) }, ["DEVICE_NOT_ACCEPTED"], board],
    [{ deviceIds: [] }, ["DEVICE_NOT_ACCEPTED"]],
    [{ rimSha256s: [] }, ["RIM_NOT_ACCEPTED", "RIM_NOT_ACCEPTED"]],
  ];
  for (const [policy, expected, result = single] of cases) {
    const name = `${JSON.stringify(policy).slice(0, 80)} for ${result.gpuCount} GPUs`;
    it(`${name}: ${[...new Set(expected)].join(", ") || "accepted"}`, () => {
      assert.deepEqual(codes(policy, result), expected);
    });
  }

  it("may demand one version of each, and firmware that reports name", () => {
    const [first, second] = ["550.90.07", "550.144.03"].map((driverVersion, i) =>
      simulator.device({ driverVersion, label: `mixed ${i}` }),
    );
    assert.ok(first !== undefined && second !== undefined);
    const old = { opaque: { [opaqueTypes.fwid]: null } };
    const result = verifySimulated(
      [first.evidence(NONCE), second.evidence(NONCE, old)],
      simulator.collateral(first, second),
    );
    assert.deepEqual(codes({ requireSameVersions: true, requireFwid: true }, result), [
      "VERSIONS_DIFFER",
      "FWID_REQUIRED",
    ]);
    assert.deepEqual(codes({}, result), []);
  });

  it("refuses a mode of NVSwitches alone, which have none", () => {
    const one = simulator.device({ architecture: "LS10" });
    const result = verifySimulated(one.evidence(NONCE), simulator.collateral(one));
    assert.deepEqual(codes({ modes: ["SPT", "MPT", "PPCIE"] }, result), ["MODE_NOT_ACCEPTED"]);
  });

  it("says what was expected, what was found and where", () => {
    const [reason] = validate(single, { minDriverVersion: "570" }).reasons;
    assert.deepEqual(reason, {
      code: "DRIVER_TOO_OLD",
      message: refusals.DRIVER_TOO_OLD,
      subject: "devices[0].driverVersion",
      expected: "570 or later",
      found: "550.90.07",
    });
  });

  it("is checked whole: what is unknown, misspelt or hidden is refused", () => {
    for (const policy of [
      null,
      7,
      [],
      new Map([["gpuCount", 8]]),
      { gpuCounts: 8 },
      { gpuCount: -1 },
      { gpuCount: 1.5 },
      { architectures: "HOPPER" },
      { architectures: ["hopper"] },
      { minDriverVersion: 550 },
      { minDriverVersion: "latest" },
      { minVbiosVersions: { HOPPER: "96.xx" } },
      { minVbiosVersions: { AMPERE: "94.00" } },
      { requireFwid: 1 },
      { deviceIds: ["0x00"] },
      { rimSha256s: ["zz".repeat(32)] },
      { modes: ["CC"] },
      { gpuCount: undefined },
      Object.create({ gpuCount: 8 }),
      Object.defineProperty({}, "gpuCount", { value: 8, enumerable: false }),
      {
        get gpuCount() {
          throw new Error("no");
        },
      },
    ]) {
      refusedWith("POLICY_MALFORMED", () => parsePolicy(policy));
      refusedWith("POLICY_MALFORMED", () => validate(single, policy as Policy));
    }
    const id = "AB".repeat(32);
    assert.deepEqual(parsePolicy({ deviceIds: [id] }), { deviceIds: [`0x${id.toLowerCase()}`] });
  });
});

describe("versions", () => {
  it("are compared number by number", () => {
    for (const [version, minimum, base, expected] of [
      ["570.133.20", "550.90.07", 10, true],
      ["550.144.03", "550.90.07", 10, true],
      ["550.90.07", "550.90.7", 10, true],
      ["550", "550.0.0", 10, true],
      ["550", "550.0.1", 10, false],
      ["96.00.9F.00.01", "96.00.9f.00.01", 16, true],
      ["96.00.9F", "96.00.A0", 16, false],
      ["x", "1", 10, false],
      ["1", "", 10, false],
      ["1".repeat(12), "1", 10, false],
    ] as const) {
      assert.equal(isAtLeast(version, minimum, base), expected, `${version} ${minimum}`);
    }
  });
});
