import assert from "node:assert/strict";
import {
  appraise,
  authenticate,
  checkTopology,
  compareMeasurements,
  createRim,
  nobleBackend,
  nodeBackend,
  nvidiaRoots,
  OcspCache,
  parseNrasAnswer,
  parseReport,
  verify,
  verifyNras,
} from "../../../sdk/gpu/index.ts";
import { Revocation } from "../../../sdk/gpu/revocation.ts";
import { refusedWith } from "./support/refusal.ts";
import {
  DEVICE_TIME,
  evidenceOf,
  gpuFolders,
  gpuManifest,
  gpuVector,
  gpuVectorText,
  H100,
  HGX,
  hgxEvidence,
  LS10,
  RIM_TIME,
} from "./support/vectors.ts";

const roots = nvidiaRoots();
assert.ok(nodeBackend !== undefined);
const backends = [nodeBackend, nobleBackend];

const rims = ["driver_rim.xml", "vbios_rim.xml"].map((file) =>
  createRim(gpuVector(`${H100}/${file}`), { root: roots.rim }),
);
const OCSP = {
  device: ["certificate_l2", "certificate_l3", "certificate_l4"],
  rim: ["driver_rim_l3", "driver_rim_l4", "rim_l2", "vbios_l4"],
} as const;
const ocspOf = (part: keyof typeof OCSP) =>
  OCSP[part].map((name) => gpuVector(`${H100}/ocsp_gpu_${name}.der`));

// Each folder is compared with its manifest by the test of `gpu verify --manifest`.
describe("real GPU evidence", () => {
  it("is in thirteen folders", () => assert.equal(gpuFolders.length, 13));

  for (const crypto of backends) {
    it(`of every architecture is authentic, with ${crypto.name}`, () => {
      for (const [folder, architecture, isFwidChecked] of [
        [H100, "HOPPER", true],
        ["h100-535.86.09-mismatch-fail", "HOPPER", false],
        ["h100-545.00-full-pass", "HOPPER", false],
        ["h100-580.95.05-coco-pass", "HOPPER", true],
        ["gb100-575.32-pass", "BLACKWELL", true],
        [LS10, "LS10", false],
      ] as const) {
        const { nonce } = gpuManifest(folder);
        const options = { at: RIM_TIME, nonce, root: roots.device, crypto };
        const result = authenticate({ ...evidenceOf(folder), architecture }, options);
        assert.equal(result.isFwidChecked, isFwidChecked, folder);
      }
    });
  }

  it("of an H100 measures what its RIMs say, but for NVDEC0, which is off", () => {
    const { nonce } = gpuManifest(H100);
    const device = authenticate(evidenceOf(H100), { at: RIM_TIME, nonce, root: roots.device });
    const { measurements } = appraise(device, rims, { at: RIM_TIME, root: roots.rim });
    assert.equal(measurements.compared.length, 32);
    assert.deepEqual(measurements.skipped, [35]);
    assert.deepEqual(measurements.mismatches, []);
  });

  it("differs at few indexes from the RIM of a later driver, whose version is refused", () => {
    const later = createRim(gpuVector("rim-corpus/NV_GPU_DRIVER_GH100_550.144.03.xml"), {
      root: roots.rim,
    });
    const { nonce } = gpuManifest(H100);
    const device = authenticate(evidenceOf(H100), { at: RIM_TIME, nonce, root: roots.device });
    const report = parseReport(evidenceOf(H100).report);
    const { mismatches } = compareMeasurements(report, [later], "HOPPER");
    assert.deepEqual(mismatches, [7, 22, 31, 39, 40]);
    const options = { at: RIM_TIME, root: roots.rim };
    const vbios = rims[1];
    assert.ok(vbios !== undefined);
    refusedWith("RIM_VERSION_MISMATCH", () => appraise(device, [later, vbios], options));
  });

  it("has OCSP responses that hold, each in its own day", () => {
    const { nonce } = gpuManifest(H100);
    const device = authenticate(evidenceOf(H100), { at: RIM_TIME, nonce, root: roots.device });
    for (const crypto of backends) {
      const revocation = (part: keyof typeof OCSP, at: number) =>
        new Revocation(ocspOf(part), at, crypto, new OcspCache());
      for (const link of device.links) {
        assert.equal(
          revocation("device", DEVICE_TIME).check(link, "DEVICE_REVOKED", false).isHeld,
          false,
        );
        refusedWith("OCSP_EXPIRED", () =>
          revocation("device", RIM_TIME).check(link, "DEVICE_REVOKED", false),
        );
      }
      for (const link of rims.flatMap(({ chain }) => chain)) {
        assert.equal(
          revocation("rim", RIM_TIME).check(link, "RIM_SIGNER_REVOKED", true).isHeld,
          false,
        );
        refusedWith("OCSP_NOT_YET_VALID", () =>
          revocation("rim", DEVICE_TIME).check(link, "RIM_SIGNER_REVOKED", true),
        );
      }
    }
  });

  it("is refused as a whole where its OCSP responses are of different days", () => {
    const { nonce } = gpuManifest(H100);
    const collateral = { rims, ocsp: [...ocspOf("device"), ...ocspOf("rim")] };
    const at = (time: number) => () =>
      verify(evidenceOf(H100), collateral, { at: time, nonce, roots });
    refusedWith("OCSP_EXPIRED", at(RIM_TIME));
    refusedWith("OCSP_NOT_YET_VALID", at(DEVICE_TIME));
    refusedWith("CERTIFICATE_EXPIRED", at(Date.parse("2026-07-01T00:00:00Z") / 1000));
  });

  it("of an HGX board is one machine, by its certificates", () => {
    const { nonce } = gpuManifest(HGX);
    const options = { at: RIM_TIME, nonce, root: roots.device };
    const devices = hgxEvidence.map((one) => authenticate(one, options));
    assert.equal(devices.length, 12);
    assert.equal(checkTopology(devices), "PPCIE");
    const ids = new Set(devices.map(({ identity }) => identity.deviceId));
    assert.equal(ids.size, 12);
    refusedWith("TOPOLOGY_INCOMPLETE", () => checkTopology(devices.slice(0, 8)));
    refusedWith("TOPOLOGY_INCOMPLETE", () => checkTopology(devices.slice(1)));
    refusedWith("DEVICE_DUPLICATE", () => checkTopology([...devices, ...devices.slice(0, 1)]));
  });

  it("of an NVSwitch does not fit another board", () => {
    const { nonce } = gpuManifest(LS10);
    const stranger = authenticate(evidenceOf(LS10), { at: RIM_TIME, nonce, root: roots.device });
    const options = { at: RIM_TIME, nonce: gpuManifest(HGX).nonce, root: roots.device };
    const devices = hgxEvidence.map((one) => authenticate(one, options));
    refusedWith("TOPOLOGY_SWITCHES_MISMATCH", () =>
      checkTopology([...devices.slice(0, 11), stranger]),
    );
  });

  it("in tokens of NRAS has digests that agree, and keys that nobody has kept", () => {
    for (const [path, count] of [
      ["nras-v3-claims2.0-vllmproxy/single.json", 1],
      ["nras-v3-claims2.0-vllmproxy/eight_gpus.json", 8],
      ["nras-v4-claims3.0-h100-550.90.07/detached_eat.json", 1],
      [`${LS10}/nras_v4_staging_detached_eat.json`, 1],
    ] as const) {
      const text = gpuVectorText(path);
      const answer = parseNrasAnswer(text);
      assert.equal(answer.submodules.length, count);
      const nonce = String(answer.overall.claims.eat_nonce);
      refusedWith("NRAS_KEY_UNKNOWN", () =>
        verifyNras(text, { at: RIM_TIME, nonce, jwks: '{"keys":[]}' }),
      );
    }
  });
});
