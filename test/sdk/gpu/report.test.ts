import assert from "node:assert/strict";
import {
  type GpuErrorCode,
  type GpuReport,
  neededRims,
  parseEvidence,
  parseReport,
} from "../../../sdk/gpu/index.ts";
import { opaqueTypes, type ReportOptions, status } from "../../../sdk/gpu/simulator/index.ts";
import { refusedWith } from "./support/refusal.ts";
import { device, NONCE, simulator, verifySimulated } from "./support/simulated.ts";
import { evidenceOf, gpuVector, H100, hgxEvidence, LS10 } from "./support/vectors.ts";

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const parse = (options: ReportOptions) => parseReport(device.report(NONCE, options));
const opaque = (fields: ReportOptions["opaque"]) => parse(fields ? { opaque: fields } : {}).opaque;
const withByte = (offset: number, value: number) => () =>
  parse({ edit: (report) => report.with(offset, value) });

describe("a report", () => {
  it("says what the table of offsets says", () => {
    const report = parseReport(gpuVector(`${H100}/report.bin`));
    assert.equal(report.signedRegion.length, 4_117 - 96);
    assert.deepEqual([report.slot, report.measurements.size, report.trailingLength], [0, 64, 0]);
    const { opaque: fields } = report;
    assert.deepEqual(
      [
        fields.driverVersion,
        fields.vbiosVersion,
        fields.project,
        fields.projectSku,
        fields.chipSku,
      ],
      ["550.90.07", "96.00.9F.00.01", "1010", "0200", "882"],
    );
    assert.deepEqual([fields.nvdec0Status, fields.protectedPcieStatus], ["off", "off"]);
    assert.equal(parseReport(gpuVector(`${LS10}/report.bin`)).measurements.size, 31);
  });

  it("of an HGX board names the devices at the other ends of its links", () => {
    const all = hgxEvidence.map(({ report }) => parseReport(report).opaque);
    const [gpu] = all;
    const link = all.at(-1);
    assert.equal(gpu?.switchPdis?.length, 18);
    assert.equal(link?.gpuPdis?.length, 8);
    assert.ok(link?.devicePdi !== undefined && gpu?.switchPdis?.includes(link.devicePdi));
  });

  it("is parsed from its bytes, whatever becomes of its fields", () => {
    const report = parse({});
    assert.ok(Object.isFrozen(report) && Object.isFrozen(report.opaque));
    (report.measurements as Map<number, unknown>).clear();
    report.signedRegion.fill(0);
    assert.equal(parseReport(report).measurements.size, 64);
    const copy = { ...report };
    refusedWith("REPORT_NOT_BYTES", () => parseReport(copy as GpuReport));
  });

  it("does not see what its buffer becomes", () => {
    const buffer = device.report(NONCE);
    const report = parseReport(buffer);
    buffer.fill(0);
    assert.equal(parseReport(report).nonce, report.nonce);
  });

  const refused: readonly (readonly [what: string, code: GpuErrorCode, act: () => unknown])[] = [
    ["another version of the request", "REPORT_REQUEST_UNSUPPORTED", withByte(0, 0x12)],
    ["another request", "REPORT_REQUEST_UNSUPPORTED", withByte(1, 0xe1)],
    ["a request without a signature", "REPORT_REQUEST_UNSUPPORTED", withByte(2, 0)],
    ["a request for one measurement", "REPORT_REQUEST_UNSUPPORTED", withByte(3, 1)],
    ["another version of the response", "REPORT_RESPONSE_UNSUPPORTED", withByte(37, 0x10)],
    ["an error as the response", "REPORT_RESPONSE_UNSUPPORTED", withByte(38, 0x7f)],
    ["no blocks", "REPORT_MEASUREMENTS_MALFORMED", withByte(41, 0)],
    ["more blocks than the record has", "REPORT_MEASUREMENTS_MALFORMED", withByte(41, 63)],
    ["a record of another length", "REPORT_MEASUREMENTS_MALFORMED", withByte(42, 0)],
    ["a record of 16 MB", "REPORT_MEASUREMENTS_MALFORMED", withByte(44, 0xff)],
    ["a block of index 0", "REPORT_MEASUREMENTS_MALFORMED", withByte(45, 0)],
    ["a block twice", "REPORT_MEASUREMENTS_MALFORMED", withByte(45 + 55, 1)],
    ["another specification", "REPORT_MEASUREMENTS_MALFORMED", withByte(46, 2)],
    ["a measurement of another size", "REPORT_MEASUREMENTS_MALFORMED", withByte(47, 50)],
    ["a raw measurement", "REPORT_MEASUREMENTS_MALFORMED", withByte(49, 0x81)],
    ["a value of another size", "REPORT_MEASUREMENTS_MALFORMED", withByte(50, 32)],
    ["too many blocks", "REPORT_MEASUREMENTS_MALFORMED", () => parse({ blockCount: 65 })],
    [
      "one byte after the signature",
      "REPORT_TRAILING_DATA",
      () => parse({ edit: (report) => bytes(...report, 7) }),
    ],
  ];
  for (const [what, code, act] of refused) {
    it(`with ${what} is refused: ${code}`, () => void refusedWith(code, act));
  }

  it("cut anywhere is refused", () => {
    const whole = device.report(NONCE);
    for (let length = 0; length < whole.length; length += 13) {
      refusedWith("REPORT_TRUNCATED", () => parseReport(whole.subarray(0, length)));
    }
  });

  it("may be filled up with zeros", () => {
    assert.equal(parse({ edit: (report) => bytes(...report, 0, 0, 0) }).trailingLength, 3);
  });
});

describe("opaque data", () => {
  it("is read by type", () => {
    assert.equal(
      opaque({ [opaqueTypes.chip]: bytes(0x47, 0x42, 0x31, 0x30, 0x30, 0) }).chip,
      "GB100",
    );
    assert.equal(opaque({ [opaqueTypes.nvdec0Status]: status(true) }).nvdec0Status, "on");
    assert.equal(opaque({ [opaqueTypes.nvdec0Status]: bytes(1) }).nvdec0Status, "invalid");
    assert.equal(opaque({ [opaqueTypes.boardId]: bytes(1, 0, 0, 0x80) }).boardId, 0x80000001);
    // Types that NVIDIA defines and that nothing here depends on.
    for (const type of [1, 2, 4, 5, 7, 8, 9, 10, 12, 13, 16, 19, 23, 24, 25, 27, 32, 33]) {
      opaque({ [type]: bytes(1, 2, 3) });
    }
  });

  for (const [name, length] of [
    ["fwid", 47],
    ["protectedPcieStatus", 2],
    ["nvdec0Status", 0],
    ["boardId", 3],
    ["pdis", 143],
    ["gpuPdis", 64],
    ["version", 1],
    ["featureFlag", 4],
  ] as const) {
    it(`refuses ${name} of ${length} bytes`, () => {
      const field = { [opaqueTypes[name]]: new Uint8Array(length) };
      refusedWith("REPORT_OPAQUE_MALFORMED", () => opaque(field));
    });
  }

  it("refuses text that is not printable, and zeros inside of it", () => {
    for (const value of [bytes(0x1b, 0x5b), bytes(0x35, 0, 0x35), bytes(0xff)]) {
      const field = { [opaqueTypes.driverVersion]: value };
      refusedWith("REPORT_OPAQUE_MALFORMED", () => opaque(field));
    }
  });

  it("refuses a field twice, one that is cut, and the type 255", () => {
    const field = (data: readonly number[]) => () =>
      parse({
        editSigned: (signed) => {
          // One more field at the end; the length of all of them stands before the first.
          const offset = 77 + 64 * 55;
          const length = (signed[offset] ?? 0) | ((signed[offset + 1] ?? 0) << 8);
          const longer = bytes(...signed, ...data);
          longer.set([(length + data.length) & 255, (length + data.length) >> 8], offset);
          return longer;
        },
      });
    field([33, 0, 1, 0, 7])();
    refusedWith("REPORT_OPAQUE_MALFORMED", field([11, 0, 1, 0, 0x55]));
    refusedWith("REPORT_OPAQUE_MALFORMED", field([33, 0, 2, 0, 7]));
    refusedWith("REPORT_OPAQUE_MALFORMED", field([33, 0, 1]));
    refusedWith("REPORT_OPAQUE_TYPE_UNKNOWN", field([255, 0, 0, 0]));
    refusedWith("REPORT_OPAQUE_TYPE_UNKNOWN", field([0, 1, 0, 0]));
  });
});

describe("the RIMs that a device needs", () => {
  const fields = parseReport(evidenceOf(H100).report).opaque;

  it("have ids of its signed fields", () => {
    assert.deepEqual(
      neededRims("HOPPER", fields).map(({ id }) => id),
      ["NV_GPU_DRIVER_GH100_550.90.07", "NV_GPU_VBIOS_1010_0200_882_96009F0001"],
    );
    assert.deepEqual(
      neededRims("BLACKWELL", parseReport(gpuVector("gb100-575.32-pass/report.bin")).opaque).map(
        ({ id }) => id,
      ),
      ["NV_GPU_CC_DRIVER_GB100_575.32", "NV_GPU_VBIOS_G525_0220_886_970088000F"],
    );
    assert.equal(
      neededRims("BLACKWELL", { ...fields, chip: "GB20X" })[0]?.id,
      "NV_GPU_CC_DRIVER_GB20X_550.90.07",
    );
    assert.deepEqual(
      neededRims("LS10", parseReport(gpuVector(`${LS10}/report.bin`)).opaque).map(({ id }) => id),
      ["NV_SWITCH_BIOS_5612_0002_890_9610550001"],
    );
  });

  it("have no id that would lead elsewhere", () => {
    for (const changes of [
      { driverVersion: "../../secret" },
      { project: "a/b" },
      { vbiosVersion: "" },
      { chipSku: "x".repeat(65) },
    ]) {
      refusedWith("REPORT_FIELD_MISSING", () => neededRims("HOPPER", { ...fields, ...changes }));
    }
    refusedWith("REPORT_FIELD_MISSING", () => neededRims("BLACKWELL", { ...fields, chip: "a?b" }));
  });
});

describe("evidence in NVIDIA's JSON", () => {
  const entry = {
    arch: "hopper",
    evidence: Buffer.from(device.report(NONCE)).toString("base64"),
    certificate: Buffer.from(device.chainPem).toString("base64"),
  };
  const read = (value: unknown) => parseEvidence(JSON.stringify(value));

  it("is one entry, a list, or a request to NRAS; hex or base64; PEM as it is or in base64", () => {
    const { arch, ...rest } = entry;
    const hex = { ...entry, evidence: Buffer.from(device.report(NONCE)).toString("hex") };
    for (const value of [
      entry,
      [entry],
      { arch, nonce: "00", evidence_list: [rest] },
      { evidence_list: [entry] },
      [hex],
      [{ ...entry, certificate: device.chainPem }],
    ]) {
      const [one] = read(value);
      assert.ok(one !== undefined);
      assert.equal(verifySimulated(one, simulator.collateral(device)).gpuCount, 1);
    }
  });

  it("of another form is refused", () => {
    for (const value of [
      null,
      7,
      [],
      [[]],
      {},
      { evidence_list: 7 },
      { evidence_list: [7] },
      { ...entry, arch: "AMPERE" },
      { ...entry, arch: undefined },
      { ...entry, evidence: 7 },
      { ...entry, evidence: "?" },
      { ...entry, certificate: "AAA" },
      Array(65).fill(entry),
    ]) {
      refusedWith("EVIDENCE_MALFORMED", () => read(value));
    }
    refusedWith("EVIDENCE_MALFORMED", () => parseEvidence('[{"arch":"HOPPER","arch":"LS10"}]'));
    refusedWith("EVIDENCE_MALFORMED", () => parseEvidence("no JSON"));
  });
});

describe("an architecture", () => {
  it("is that of the certificates, and nothing may say otherwise", () => {
    const { report, chain } = device.evidence(NONCE);
    for (const architecture of ["BLACKWELL", "LS10"] as const) {
      refusedWith("ARCHITECTURE_MISMATCH", () => verifySimulated({ architecture, report, chain }));
    }
    const wrong = { [opaqueTypes.chip]: bytes(0x47, 0x42, 0x31, 0x30, 0x30, 0) };
    refusedWith("ARCHITECTURE_MISMATCH", () =>
      verifySimulated(device.evidence(NONCE, { opaque: wrong })),
    );
    const link = simulator.device({ architecture: "LS10" });
    const driver = { [opaqueTypes.driverVersion]: bytes(0x31, 0) };
    refusedWith("ARCHITECTURE_MISMATCH", () =>
      verifySimulated(link.evidence(NONCE, { opaque: driver })),
    );
    refusedWith("ARCHITECTURE_MISMATCH", () =>
      verifySimulated(device.evidence(NONCE, { opaque: { [opaqueTypes.driverVersion]: null } })),
    );
  });

  it("and its certificates are of one device", () => {
    const named = simulator.device({
      label: "named",
      editLeaf: () => ({
        subject:
          simulator.device({ architecture: "BLACKWELL" }).chain[0]?.template.subject ?? bytes(),
      }),
    });
    refusedWith("CERTIFICATE_SUBJECT_UNEXPECTED", () =>
      verifySimulated(named.evidence(NONCE), simulator.collateral(named)),
    );
  });
});
