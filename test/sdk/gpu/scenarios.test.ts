import assert from "node:assert/strict";
import {
  createRim,
  nobleBackend,
  OcspCache,
  parseReport,
  validate,
  verify,
} from "../../../sdk/gpu/index.ts";
import {
  createGpuSimulator,
  encodeSwitchPdis,
  encodeVbiosVersion,
  opaqueTypes,
  status,
  toPemChain,
} from "../../../sdk/gpu/simulator/index.ts";
import { refusedWith } from "./support/refusal.ts";
import {
  collateral,
  device,
  driverRim,
  evidence,
  NONCE,
  simulator,
  trust,
  verifySimulated,
  withDriverRim,
} from "./support/simulated.ts";

const { at } = simulator;

describe("a revoked device", () => {
  const standing = (index: number, reason: number) => () => {
    const ocsp = simulator.ocspOf(device.chain, 1);
    ocsp[index - 1] = simulator.ocsp(device.chain, index, { status: "revoked", reason });
    return verifySimulated(evidence, { ...collateral, ocsp: [...ocsp, ...collateral.ocsp] });
  };

  for (const [index, name] of [
    [1, "identity"],
    [2, "provisioner"],
    [3, "family"],
  ] as const) {
    it(`is refused by its ${name} certificate, for whatever reason and also on hold`, () => {
      // The older answers that say "good" come along, and do not count.
      for (const reason of [1, 4, 6]) {
        const newer = simulator.ocsp(device.chain, index, {
          status: "revoked",
          reason,
          thisUpdate: at - 60,
        });
        refusedWith("DEVICE_REVOKED", () =>
          verifySimulated(evidence, { ...collateral, ocsp: [...collateral.ocsp, newer] }),
        );
      }
      refusedWith("DEVICE_REVOKED", standing(index, 1));
    });
  }

  it("is not revoked by an answer about another device", () => {
    const other = simulator.device({ label: "other" });
    const about = simulator.ocsp(other.chain, 1, { status: "revoked", thisUpdate: at - 1 });
    const ocsp = [...collateral.ocsp, about];
    assert.equal(verifySimulated(evidence, { ...collateral, ocsp }).gpuCount, 1);
  });

  it("is refused without an answer about any of its certificates", () => {
    for (let i = 0; i < collateral.ocsp.length; i++) {
      const ocsp = collateral.ocsp.filter((_, index) => index !== i);
      refusedWith("OCSP_MISSING", () => verifySimulated(evidence, { ...collateral, ocsp }));
    }
  });
});

describe("an OCSP responder", () => {
  const answer = (options: Parameters<typeof simulator.ocsp>[2]) => () =>
    verifySimulated(evidence, {
      ...collateral,
      ocsp: [simulator.ocsp(device.chain, 1, options), ...collateral.ocsp.slice(1)],
    });

  it("may be the issuer itself", () => {
    assert.equal(answer({ isDirect: true })().gpuCount, 1);
  });

  it("is refused when it is expired, or issued by another CA", () => {
    const ended = { notBefore: at - 1000, notAfter: at - 1 };
    refusedWith("CERTIFICATE_EXPIRED", answer({ responderValidity: ended }));
    refusedWith(
      "CERTIFICATE_SIGNATURE_INVALID",
      answer({ editResponder: () => ({ signer: simulator.key("mallory") }) }),
    );
    refusedWith(
      "CERTIFICATE_ISSUER_MISMATCH",
      answer({ editResponder: ({ subject }) => ({ issuer: subject }) }),
    );
  });

  it("is asked once, and its answer holds for its time only", () => {
    const ocspCache = new OcspCache();
    const options = { ...trust, ocspCache };
    verify(evidence, collateral, options);
    const { size } = ocspCache;
    assert.ok(size >= 6, String(size));
    verify(evidence, collateral, options);
    assert.equal(ocspCache.size, size);
    refusedWith("OCSP_EXPIRED", () =>
      verify(evidence, collateral, { ...options, at: at + 86_400 }),
    );
  });

  it("decides until when a verdict stands", () => {
    assert.equal(verifySimulated().earliestExpiry, at - 3_600 + 86_400);
  });
});

describe("a RIM", () => {
  it("that has expired is refused, as one not valid yet", () => {
    const during = (notBefore: number, notAfter: number) => () =>
      verifySimulated(evidence, withDriverRim({ validity: { notBefore, notAfter } }));
    refusedWith("CERTIFICATE_EXPIRED", during(at - 1_000, at - 1));
    refusedWith("CERTIFICATE_NOT_YET_VALID", during(at + 1, at + 1_000));
  });

  it("that is verified once serves any number of reports", () => {
    const rims = collateral.rims.map((xml) =>
      createRim(xml as string, { root: simulator.roots.rim }),
    );
    const [first, second] = [1, 2].map(() => verifySimulated(evidence, { ...collateral, rims }));
    assert.deepEqual(first?.devices[0]?.rims, second?.devices[0]?.rims);
    assert.ok(Object.isFrozen(rims[0]));
    rims[0]?.measurements.clear();
    assert.equal(rims[0]?.measurements.size, 21);
  });

  it("serves a verifier on another backend than its own", () => {
    const rims = collateral.rims.map((xml) =>
      createRim(xml as string, { root: simulator.roots.rim, crypto: nobleBackend }),
    );
    const ocspCache = new OcspCache();
    assert.equal(verify(evidence, { ...collateral, rims }, { ...trust, ocspCache }).gpuCount, 1);
  });

  it("conflicts with another in an index that both have", () => {
    const both = withDriverRim({
      resources: (list) => [...list, { index: 12, hashes: ["ab".repeat(48)] }],
    });
    refusedWith("MEASUREMENT_INDEX_CONFLICT", () => verifySimulated(evidence, both));
    // An index that is not active conflicts with nothing.
    const passive = withDriverRim({
      resources: (list) => [...list, { index: 12, active: "False", hashes: ["ab".repeat(48)] }],
    });
    assert.equal(verifySimulated(evidence, passive).gpuCount, 1);
  });

  it("has alternatives, any of which a device may report", () => {
    const more = withDriverRim({
      resources: (list) =>
        list.map((one) => ({ ...one, hashes: ["00".repeat(48), ...one.hashes] })),
    });
    assert.equal(verifySimulated(evidence, more).gpuCount, 1);
    const less = withDriverRim({
      resources: (list) => list.map((one) => ({ ...one, hashes: ["00".repeat(48)] })),
    });
    refusedWith("MEASUREMENT_MISMATCH", () => verifySimulated(evidence, less));
    const size = withDriverRim({
      resources: (list) => list.map((one) => ({ ...one, size: 32 })),
    });
    refusedWith("MEASUREMENT_MISMATCH", () => verifySimulated(evidence, size));
  });

  it("of one id and version exists in two revisions, of which the hash tells", () => {
    const revised = driverRim({
      resources: (list) => [...list.slice(1), { index: 7, hashes: ["00".repeat(48)] }],
    });
    const [ours = "", vbios = ""] = collateral.rims as readonly string[];
    refusedWith("RIM_AMBIGUOUS", () =>
      verifySimulated(evidence, { ...collateral, rims: [ours, vbios, revised.xml] }),
    );
    refusedWith("MEASUREMENT_MISMATCH", () =>
      verifySimulated(evidence, { ...collateral, rims: [revised.xml, vbios] }),
    );
    const [{ rims = [] } = {}] = verifySimulated().devices;
    const sha256 = createRim(ours, { root: simulator.roots.rim }).sha256;
    assert.equal(rims[0]?.sha256, sha256);
    const policy = { rimSha256s: rims.map((rim) => rim.sha256) };
    assert.equal(validate(verifySimulated(), policy).accepted, true);
  });

  it("that came for another id does not serve", () => {
    const rims = collateral.rims.map((xml) =>
      createRim(xml as string, { root: simulator.roots.rim, id: "NV_GPU_DRIVER_GH100_550.90.07" }),
    );
    refusedWith("RIM_MISSING", () => verifySimulated(evidence, { ...collateral, rims }));
  });

  it("whose signer is on hold is for the policy to take", () => {
    const { chain } = driverRim({});
    const held = simulator.ocsp(chain, 0, { status: "revoked", reason: 6 });
    const ocsp = [
      ...simulator.ocspOf(device.chain, 1),
      held,
      ...simulator.ocspOf(chain, 0).slice(1),
    ];
    const result = verifySimulated(evidence, { ...collateral, ocsp });
    assert.deepEqual(
      validate(result).reasons.map(({ code }) => code),
      ["RIM_HELD", "RIM_HELD"],
    );
    assert.equal(validate(result, { acceptHeldRims: true }).accepted, true);
  });
});

describe("a machine of several devices", () => {
  const hgx = simulator.hgx();
  const all = simulator.collateral(...hgx.gpus, ...hgx.switches);

  it("in protected PCIe is its 8 GPUs and 4 NVSwitches, in any order", () => {
    const shown = hgx.evidence(NONCE);
    const result = verifySimulated([...shown].reverse(), all);
    assert.deepEqual([result.mode, result.gpuCount, result.switchCount], ["PPCIE", 8, 4]);
    assert.equal(verify(shown, all, { ...trust, crypto: nobleBackend }).mode, "PPCIE");
  });

  it("is refused with a GPU or an NVSwitch of another machine", () => {
    const shown = [...hgx.evidence(NONCE)];
    const fields = parseReport(shown[0]?.report ?? new Uint8Array()).opaque;
    assert.equal(new Set(fields.switchPdis).size, 4);
    const stranger = simulator.device({ label: "stranger" });
    const pdis = encodeSwitchPdis(hgx.switches.map(({ pdi }) => pdi));
    const disguised = stranger.evidence(NONCE, {
      opaque: {
        [opaqueTypes.protectedPcieStatus]: status(true),
        [opaqueTypes.pdis]: pdis,
        [opaqueTypes.version]: Uint8Array.of(1, 0),
        [opaqueTypes.featureFlag]: Uint8Array.of(2, 0),
      },
    });
    refusedWith("TOPOLOGY_GPUS_MISMATCH", () =>
      verifySimulated([disguised, ...shown.slice(1)], all),
    );
    const other = simulator.device({ architecture: "LS10", label: "stranger" });
    refusedWith("TOPOLOGY_SWITCHES_MISMATCH", () =>
      verifySimulated([...shown.slice(0, 11), other.evidence(NONCE)], all),
    );
  });

  it("has one mode, and NVSwitches in protected PCIe only", () => {
    const [first, second] = [1, 2].map((i) => simulator.device({ label: `gpu ${i}` }));
    assert.ok(first !== undefined && second !== undefined);
    const both = simulator.collateral(first, second);
    const flag = (mode: number) => ({
      opaque: {
        [opaqueTypes.version]: Uint8Array.of(1, 0),
        [opaqueTypes.featureFlag]: Uint8Array.of(mode, 0),
      },
    });
    const show = (a: number, b: number) => () =>
      verifySimulated([first.evidence(NONCE, flag(a)), second.evidence(NONCE, flag(b))], both);
    assert.equal(show(0, 0)().mode, "SPT");
    assert.equal(show(1, 1)().mode, "MPT");
    refusedWith("TOPOLOGY_MODE_MISMATCH", show(0, 1));
    refusedWith("TOPOLOGY_MODE_MISMATCH", show(2, 2));
    refusedWith("TOPOLOGY_MODE_MISMATCH", show(3, 3));
    const contradiction = { ...flag(0).opaque, [opaqueTypes.protectedPcieStatus]: status(true) };
    refusedWith("TOPOLOGY_MODE_MISMATCH", () =>
      verifySimulated(first.evidence(NONCE, { opaque: contradiction }), both),
    );
    const neither = { [opaqueTypes.protectedPcieStatus]: Uint8Array.of(1) };
    refusedWith("TOPOLOGY_MODE_MISMATCH", () =>
      verifySimulated(first.evidence(NONCE, { opaque: neither }), both),
    );
    const [link] = hgx.switches;
    assert.ok(link !== undefined);
    refusedWith("TOPOLOGY_MODE_MISMATCH", () =>
      verifySimulated([first.evidence(NONCE), link.evidence(NONCE)], both),
    );
  });
});

describe("the simulator", () => {
  it("gives the same bytes for the same seed, and other roots for another", () => {
    const again = createGpuSimulator({ seed: "chainseal tests" });
    assert.deepEqual(again.roots, simulator.roots);
    assert.deepEqual(again.device().report(NONCE), device.report(NONCE));
    assert.notDeepEqual(createGpuSimulator({ seed: "another" }).roots, simulator.roots);
    assert.throws(() => createGpuSimulator({ seed: "" }), /seed/);
  });

  it("makes every architecture", () => {
    for (const architecture of ["HOPPER", "BLACKWELL", "LS10"] as const) {
      const one = simulator.device({ architecture });
      const result = verifySimulated(one.evidence(NONCE), simulator.collateral(one));
      assert.equal(result.devices[0]?.architecture, architecture);
      assert.equal(validate(result).accepted, true);
    }
  });

  it("writes what its reader reads", () => {
    assert.deepEqual(
      encodeVbiosVersion("96.00.9F.00.01"),
      Uint8Array.of(0, 0x9f, 0, 0x96, 1, 0, 0, 0),
    );
    assert.throws(() => encodeVbiosVersion("96"), /vbiosVersion/);
    assert.match(
      toPemChain(...device.chain),
      /^(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n){5}$/,
    );
  });
});
