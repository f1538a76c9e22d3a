import assert from "node:assert/strict";
import {
  authenticate,
  createRim,
  nvidiaRoots,
  parseEvidence,
  verify,
  verifyNras,
} from "../../../sdk/gpu/index.ts";
import { opaqueTypes, status } from "../../../sdk/gpu/simulator/index.ts";
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
import { evidenceOf, gpuManifest, gpuVector, gpuVectorText, RIM_TIME } from "./support/vectors.ts";

const { at } = simulator;
const nobody = '{"keys":[]}';

// Each is a mistake that public verifiers make.
describe("pitfalls of GPU evidence", () => {
  it("1. a token of NRAS is not believed without its signature", () => {
    const { answer, jwks } = simulator.nras({ nonce: NONCE, signer: simulator.key("mallory") });
    refusedWith("NRAS_SIGNATURE_INVALID", () => verifyNras(answer, { at, nonce: NONCE, jwks }));
    const genuine = gpuVectorText("nras-v4-claims3.0-h100-550.90.07/detached_eat.json");
    const { nonce } = gpuManifest("nras-v4-claims3.0-h100-550.90.07");
    refusedWith("NRAS_KEY_UNKNOWN", () =>
      verifyNras(genuine, { at: 1_749_602_000, nonce, jwks: nobody }),
    );
  });

  it("2. the nonce is that of the report, not that of the JSON around it", () => {
    const other = device.evidence(new Uint8Array(32));
    const json = JSON.stringify({
      arch: "HOPPER",
      nonce: "5a".repeat(32),
      evidence: Buffer.from(other.report).toString("base64"),
      certificate: Buffer.from(device.chainPem).toString("base64"),
    });
    refusedWith("NONCE_MISMATCH", () => verifySimulated(parseEvidence(json)));
  });

  it("3. a shared nonce says nothing of which TD has the GPU: the verdict names the device", () => {
    // Two machines asked with one nonce both verify; only their identities tell them apart.
    const other = simulator.device({ label: "of another machine" });
    const ours = verifySimulated();
    const theirs = verifySimulated(other.evidence(NONCE), simulator.collateral(other));
    assert.equal(ours.nonce, theirs.nonce);
    assert.notEqual(ours.devices[0]?.identity.deviceId, theirs.devices[0]?.identity.deviceId);
  });

  it("4. signature and FWID are where lengths say, not in the last bytes", () => {
    // The signature of this report is followed by a zero byte.
    const coco = "h100-580.95.05-coco-pass";
    const { nonce } = gpuManifest(coco);
    const root = nvidiaRoots().device;
    const result = authenticate(evidenceOf(coco), { at: RIM_TIME, nonce, root });
    assert.equal(result.report.trailingLength, 1);
    // A Blackwell certificate has a second FWID of zeros behind the one that counts.
    const blackwell = simulator.device({ architecture: "BLACKWELL" });
    const one = (changes: Parameters<typeof blackwell.evidence>[1]) => () =>
      verifySimulated(blackwell.evidence(NONCE, changes), simulator.collateral(blackwell));
    assert.equal(one({})().devices[0]?.isFwidChecked, true);
    refusedWith("FWID_MISMATCH", one({ opaque: { [opaqueTypes.fwid]: new Uint8Array(48) } }));
  });

  it("5. a device is known by its identity certificate, not by its leaf (ueid)", () => {
    // New firmware: another leaf, whose serial number is NRAS's ueid, under the same identity.
    const updated = simulator.device({ editLeaf: () => ({ serial: Uint8Array.of(9) }) });
    const [before] = verifySimulated().devices;
    const [after] = verifySimulated(updated.evidence(NONCE), collateral).devices;
    assert.equal(before?.identity.deviceId, after?.identity.deviceId);
    refusedWith("DEVICE_DUPLICATE", () => verifySimulated([evidence, updated.evidence(NONCE)]));
  });

  it("6. secboot and dbgstat are no facts of their own: only measurements are", () => {
    const { answer, jwks } = simulator.nras({
      nonce: NONCE,
      devices: { "GPU-0": { measres: "failure", secboot: true, dbgstat: "disabled" } },
    });
    assert.equal(verifyNras(answer, { at, nonce: NONCE, jwks }).isPositive, false);
    const [result] = verifySimulated().devices;
    assert.ok(result !== undefined && !("secboot" in result) && !("dbgstat" in result));
  });

  it("7. measurement 35 counts exactly while NVDEC0 is on", () => {
    const wrong = { 35: new Uint8Array(48) };
    const nvdec0 = (isOn: boolean) => ({ [opaqueTypes.nvdec0Status]: status(isOn) });
    const judge = (isOn: boolean, measurements: Record<number, Uint8Array>) =>
      verifySimulated(device.evidence(NONCE, { measurements, opaque: nvdec0(isOn) }));
    assert.deepEqual(judge(false, wrong).devices[0]?.measurements.skipped, [35]);
    assert.deepEqual(judge(true, {}).devices[0]?.measurements.skipped, []);
    refusedWith("MEASUREMENT_MISMATCH", () => judge(true, wrong));
    const neither = { [opaqueTypes.nvdec0Status]: Uint8Array.of(0x5a) };
    refusedWith("NVDEC0_STATUS_INVALID", () =>
      verifySimulated(device.evidence(NONCE, { opaque: neither })),
    );
  });

  it("8. a RIM has a pinned root, signed measurements, the right version and an end", () => {
    const { rim: root } = nvidiaRoots();
    refusedWith("ROOT_UNTRUSTED", () =>
      createRim(gpuVector("rim-corpus/bad_chain_debug_root.xml"), { root }),
    );
    // A second, unsigned measurement beside the signed ones.
    const forged = `<Resource type="Measurement" index="21" active="True" alternatives="1" SHA384:Hash0="${"00".repeat(48)}" name="x" size="48"></Resource>`;
    refusedWith("RIM_DIGEST_MISMATCH", () =>
      createRim(
        driverRim({ edit: (xml) => xml.replace("</Payload>", `${forged}</Payload>`) }).xml,
        {
          root: simulator.roots.rim,
        },
      ),
    );
    refusedWith("RIM_VERSION_MISMATCH", () =>
      verifySimulated(evidence, withDriverRim({ colloquialVersion: "550.90.08" })),
    );
    const ended = { validity: { notBefore: at - 1000, notAfter: at - 1 } };
    refusedWith("CERTIFICATE_EXPIRED", () => verifySimulated(evidence, withDriverRim(ended)));
  });

  it("9. alg:none and the local verifier's issuer are never NRAS", () => {
    const { detached_eat: local } = JSON.parse(
      gpuVectorText("dstack-nvattest-h100-claims-pass/nvattest_output.json"),
    );
    refusedWith("NRAS_ALGORITHM_REFUSED", () =>
      verifyNras(JSON.stringify(local), { at, nonce: "11".repeat(32), jwks: nobody }),
    );
    const signed = simulator.nras({ nonce: NONCE, issuer: "NVAT-LOCAL-VERIFIER" });
    refusedWith("NRAS_ISSUER_UNEXPECTED", () =>
      verifyNras(signed.answer, { at, nonce: NONCE, jwks: signed.jwks }),
    );
  });

  it("10. a refusal of NRAS comes with HTTP 200, so only the signed result counts", () => {
    const { answer, jwks } = simulator.nras({
      nonce: NONCE,
      result: false,
      devices: {
        "GPU-0": {
          measres: undefined,
          eat_nonce: undefined,
          "x-nvidia-error-details": { code: 4010, message: "NONCE_NOT_MATCHING" },
        },
      },
    });
    const opinion = verifyNras(answer, { at, nonce: NONCE, jwks });
    assert.equal(opinion.isPositive, false);
    assert.deepEqual(
      opinion.devices.map(({ name, isPositive }) => [name, isPositive]),
      [["GPU-0", false]],
    );
  });

  it("and none of it changes what NVIDIA's roots say of the simulator", () => {
    refusedWith("ROOT_UNTRUSTED", () =>
      verify(evidence, collateral, { ...trust, roots: nvidiaRoots() }),
    );
  });
});
