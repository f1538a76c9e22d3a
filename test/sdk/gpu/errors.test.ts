import assert from "node:assert/strict";
import { ChainsealError } from "../../../sdk/errors.ts";
import {
  authenticate,
  createRim,
  GpuError,
  type GpuErrorCode,
  gpuErrors,
  MAX_REPORT_LENGTH,
  MAX_RIM_LENGTH,
  nvidiaRoots,
  parseEvidence,
  parseOcspResponse,
  parsePolicy,
  parseReport,
  type VerifyNrasOptions,
  verify,
  verifyNras,
} from "../../../sdk/gpu/index.ts";
import { createGpuServices } from "../../../sdk/gpu/services/index.ts";
import {
  type DeviceOptions,
  encodeGpuPdis,
  encodeSwitchPdis,
  type NrasOptions,
  type OcspOptions,
  opaqueTypes,
  type ReportOptions,
  status,
  toPemChain,
} from "../../../sdk/gpu/simulator/index.ts";
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
const DAY = 86_400;
const mallory = simulator.key("mallory");
const unknownCritical = { oid: "1.2.3.4", critical: true, value: Uint8Array.of(5, 0) };

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const reportWith = (options: ReportOptions) => device.report(NONCE, options);
const parseWith = (options: ReportOptions) => parseReport(reportWith(options));
const verifyReport = (options: ReportOptions) => verifySimulated(device.evidence(NONCE, options));
const edited = (edit: (report: Uint8Array) => void) =>
  parseWith({
    edit: (report) => {
      edit(report);
      return report;
    },
  });

function verifyDevice(options: DeviceOptions): unknown {
  const other = simulator.device(options);
  return verifySimulated(other.evidence(NONCE), simulator.collateral(other));
}

function verifyRim(changes: Parameters<typeof driverRim>[0]): unknown {
  return createRim(driverRim(changes).xml, { root: simulator.roots.rim });
}

/** The identity certificate has another standing; every other certificate is good. */
function verifyStanding(options: OcspOptions, index = 1): unknown {
  const others = collateral.ocsp.slice(1);
  return verifySimulated(evidence, {
    ...collateral,
    ocsp: [simulator.ocsp(device.chain, index, options), ...others],
  });
}

function verifyRimStanding(options: OcspOptions): unknown {
  const { chain } = driverRim({});
  const devices = simulator.ocspOf(device.chain, 1);
  const rims = [...simulator.ocspOf(chain, 0).slice(1), simulator.ocsp(chain, 0, options)];
  return verifySimulated(evidence, { ...collateral, ocsp: [...devices, ...rims] });
}

function verifyAnswer(
  options: Partial<NrasOptions>,
  changes: Partial<VerifyNrasOptions> = {},
): unknown {
  const { answer, jwks } = simulator.nras({ nonce: NONCE, ...options });
  return verifyNras(answer, { at, nonce: NONCE, jwks, ...changes });
}

const hgx = simulator.hgx();
const hgxCollateral = simulator.collateral(...hgx.gpus, ...hgx.switches);
function verifyHgx(changes: Readonly<Record<number, ReportOptions>>, count = 12): unknown {
  return verifySimulated(hgx.evidence(NONCE, changes).slice(0, count), hgxCollateral);
}

/** Asks a service that answers everything in one way. */
function askWith(answer: () => Response | Promise<Response>): Promise<unknown> {
  const services = createGpuServices({
    rimUrl: "http://127.0.0.1:1",
    retries: 0,
    timeout: 50,
    fetch: (_, init) =>
      Promise.race([
        answer(),
        new Promise<never>((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        }),
      ]),
  });
  return services.fetchRim("NV_GPU_DRIVER_GH100_550.90.07", { at, root: simulator.roots.rim });
}

/** For every code, what provokes it. A code without an entry does not compile. */
const provoke: Readonly<Record<GpuErrorCode, () => unknown>> = {
  EVIDENCE_MALFORMED: () => parseEvidence('{"arch":"HOPPER"}'),
  EVIDENCE_TOO_LARGE: () => parseEvidence(`"${"x".repeat(1_100_000)}"`),

  REPORT_NOT_BYTES: () => parseReport("11e001ff" as unknown as Uint8Array),
  REPORT_TOO_LARGE: () => parseReport(new Uint8Array(MAX_REPORT_LENGTH + 1)),
  REPORT_TRUNCATED: () => parseReport(reportWith({}).subarray(0, 3_000)),
  REPORT_REQUEST_UNSUPPORTED: () => edited((report) => report.set([0x12], 0)),
  REPORT_RESPONSE_UNSUPPORTED: () => edited((report) => report.set([0x7f], 38)),
  REPORT_MEASUREMENTS_MALFORMED: () => edited((report) => report.set([1], 45 + 55)),
  REPORT_OPAQUE_MALFORMED: () => parseWith({ opaque: { [opaqueTypes.fwid]: bytes(1) } }),
  REPORT_OPAQUE_TYPE_UNKNOWN: () => parseWith({ opaque: { 99: bytes(1) } }),
  REPORT_OPAQUE_VERSION_UNSUPPORTED: () =>
    parseWith({ opaque: { [opaqueTypes.version]: bytes(2, 0) } }),
  REPORT_FIELD_MISSING: () => verifyReport({ opaque: { [opaqueTypes.project]: null } }),
  REPORT_TRAILING_DATA: () => parseWith({ edit: (report) => bytes(...report, 0, 1) }),

  ROOT_MALFORMED: () =>
    verify(evidence, collateral, { ...trust, roots: { ...trust.roots, device: "no root" } }),
  PEM_MALFORMED: () => verifySimulated({ ...evidence, chain: "no chain" }),
  CHAIN_LENGTH_UNEXPECTED: () =>
    verifySimulated({ ...evidence, chain: toPemChain(...device.chain.slice(1)) }),
  CERTIFICATE_MALFORMED: () => verifyDevice({ editLeaf: () => ({ publicKey: bytes(4) }) }),
  CERTIFICATE_EXTENSION_MISSING: () =>
    verifyDevice({ editLeaf: ({ extensions }) => ({ extensions: extensions.slice(1) }) }),
  CERTIFICATE_EXTENSION_UNSUPPORTED: () =>
    verifyDevice({
      editLeaf: ({ extensions }) => ({ extensions: [...extensions, unknownCritical] }),
    }),
  CERTIFICATE_SUBJECT_UNEXPECTED: () =>
    verifyDevice({ editLeaf: ({ issuer }) => ({ subject: issuer }) }),
  CERTIFICATE_ISSUER_MISMATCH: () =>
    verifyDevice({ editLeaf: ({ subject }) => ({ issuer: subject }) }),
  CERTIFICATE_USAGE_FORBIDDEN: () =>
    // An identity certificate that is no CA, and one level further up what it cannot be.
    verifyDevice({ editIdentity: ({ extensions }) => ({ extensions: extensions.slice(1) }) }),
  CERTIFICATE_SIGNATURE_INVALID: () => verifyDevice({ editIdentity: () => ({ signer: mallory }) }),
  CERTIFICATE_NOT_YET_VALID: () => verifyDevice({ editLeaf: () => ({ notBefore: at + 1 }) }),
  CERTIFICATE_EXPIRED: () => verifyDevice({ editLeaf: () => ({ notAfter: at - 1 }) }),
  ROOT_UNTRUSTED: () => verify(evidence, collateral, { ...trust, roots: nvidiaRoots() }),

  ARCHITECTURE_MISMATCH: () => verifySimulated({ ...evidence, architecture: "BLACKWELL" }),
  FWID_MISSING: () => verifyDevice({ certificateFwid: null }),
  FWID_MALFORMED: () => verifyDevice({ certificateFwid: new Uint8Array(32) }),
  FWID_MISMATCH: () => verifyDevice({ certificateFwid: new Uint8Array(48) }),
  REPORT_SIGNATURE_INVALID: () => verifyReport({ signer: mallory }),
  NONCE_MISMATCH: () => verifySimulated(device.evidence(new Uint8Array(32))),

  RIM_NOT_CREATED: () =>
    verifySimulated(evidence, { ...collateral, rims: [{ version: "550.90.07" } as never] }),
  RIM_TOO_LARGE: () => createRim("x".repeat(MAX_RIM_LENGTH + 1), { root: simulator.roots.rim }),
  RIM_XML_MALFORMED: () => verifyRim({ edit: (xml) => xml.slice(1) }),
  RIM_XML_FORBIDDEN: () => verifyRim({ edit: (xml) => `<!DOCTYPE x>${xml}` }),
  RIM_XML_TOO_COMPLEX: () => verifyRim({ edit: (xml) => `${"<a>".repeat(20)}${xml}` }),
  RIM_SIGNATURE_MISSING: () =>
    verifyRim({ edit: (xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/, "") }),
  RIM_SIGNATURE_MISPLACED: () =>
    verifyRim({
      edit: (xml) => xml.replace(/(<ds:Signature .*<\/ds:Signature>)/, "<wrap>$1</wrap>"),
    }),
  RIM_SIGNATURE_MALFORMED: () =>
    verifyRim({ edit: (xml) => xml.replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/, "") }),
  RIM_SIGNATURE_ALGORITHM_UNSUPPORTED: () =>
    verifyRim({ editSignedInfo: (text) => text.replace("ecdsa-sha384", "hmac-sha384") }),
  RIM_REFERENCE_UNSUPPORTED: () =>
    verifyRim({ editSignedInfo: (text) => text.replace('URI=""', 'URI="#part"') }),
  RIM_DIGEST_MISMATCH: () =>
    verifyRim({ edit: (xml) => xml.replace('active="True"', 'active="False"') }),
  RIM_SIGNATURE_INVALID: () =>
    verifyRim({ edit: (xml) => xml.replace(/<ds:SignatureValue>./, "<ds:SignatureValue>/") }),
  RIM_MALFORMED: () =>
    verifyRim({ editContent: (text) => text.replace(/ colloquialVersion="[^"]*"/, "") }),
  RIM_INDEX_DUPLICATE: () => verifyRim({ resources: (list) => [...list, ...list.slice(0, 1)] }),
  RIM_EMPTY: () =>
    verifyRim({ resources: (list) => list.map((one) => ({ ...one, active: "False" })) }),
  RIM_ROOT_MISMATCH: () =>
    verify(
      evidence,
      { ...collateral, rims: [createRim(driverRim({}).xml, { root: simulator.roots.rim })] },
      { ...trust, roots: { ...trust.roots, rim: nvidiaRoots().rim } },
    ),
  RIM_MISSING: () => verifySimulated(evidence, { ...collateral, rims: [] }),
  RIM_VERSION_MISMATCH: () => verifySimulated(evidence, withDriverRim({ version: "550.90.08" })),
  RIM_AMBIGUOUS: () =>
    verifySimulated(evidence, {
      ...collateral,
      rims: [...collateral.rims, driverRim({ resources: (list) => list.slice(1) }).xml],
    }),

  MEASUREMENT_INDEX_CONFLICT: () =>
    verifySimulated(
      evidence,
      withDriverRim({
        resources: (list) => [...list, { index: 0, hashes: ["00".repeat(48)] }],
      }),
    ),
  MEASUREMENT_MISSING: () => verifyReport({ blockCount: 32 }),
  NVDEC0_STATUS_INVALID: () => verifyReport({ opaque: { [opaqueTypes.nvdec0Status]: bytes(0) } }),
  MEASUREMENT_MISMATCH: () => verifyReport({ measurements: { 21: new Uint8Array(48) } }),

  OCSP_MALFORMED: () => parseOcspResponse(new Uint8Array(4)),
  OCSP_NOT_SUCCESSFUL: () => verifyStanding({ responseStatus: 3 }),
  OCSP_MISSING: () => verifySimulated(evidence, { ...collateral, ocsp: collateral.ocsp.slice(1) }),
  OCSP_RESPONDER_UNTRUSTED: () =>
    // Issued by the right CA, but for something else than OCSP.
    verifyStanding({
      editResponder: ({ extensions }) => ({
        extensions: extensions.filter((one) => "oid" in one && one.oid !== "2.5.29.37"),
      }),
    }),
  OCSP_SIGNATURE_INVALID: () => verifyStanding({ signer: mallory }),
  OCSP_NONCE_MISMATCH: async () => {
    const services = createGpuServices({
      ocspUrl: "http://127.0.0.1:1",
      fetch: async () =>
        new Response(new Uint8Array(simulator.ocsp(device.chain, 1, { nonce: NONCE }))),
    });
    const authentic = authenticate(evidence, { at, nonce: NONCE, root: simulator.roots.device });
    const [link] = authentic.links;
    assert.ok(link !== undefined);
    await services.fetchOcsp(link, { at });
  },
  OCSP_NOT_YET_VALID: () => verifyStanding({ thisUpdate: at + 1 }),
  OCSP_EXPIRED: () => verifyStanding({ thisUpdate: at - DAY - 1 }),
  OCSP_STATUS_UNKNOWN: () => verifyStanding({ status: "unknown" }),
  DEVICE_REVOKED: () => verifyStanding({ status: "revoked", reason: 1 }),
  RIM_SIGNER_REVOKED: () => verifyRimStanding({ status: "revoked", reason: 1 }),

  DEVICE_DUPLICATE: () => verifySimulated([evidence, device.evidence(NONCE)]),
  TOPOLOGY_INCOMPLETE: () => verifyHgx({}, 11),
  TOPOLOGY_MODE_MISMATCH: () =>
    verifyHgx({
      3: {
        opaque: {
          [opaqueTypes.featureFlag]: bytes(0, 0),
          [opaqueTypes.protectedPcieStatus]: status(false),
        },
      },
    }),
  TOPOLOGY_IDENTITY_MISMATCH: () =>
    verifyHgx({ 8: { opaque: { [opaqueTypes.pdis]: new Uint8Array(8) } } }),
  TOPOLOGY_SWITCHES_MISMATCH: () =>
    verifyHgx({ 2: { opaque: { [opaqueTypes.pdis]: encodeSwitchPdis([new Uint8Array(8)]) } } }),
  TOPOLOGY_GPUS_MISMATCH: () =>
    verifyHgx({ 9: { opaque: { [opaqueTypes.gpuPdis]: encodeGpuPdis([new Uint8Array(64)]) } } }),

  NRAS_MALFORMED: () => verifyNras("{}", { at, nonce: NONCE, jwks: '{"keys":[]}' }),
  NRAS_JWKS_MALFORMED: () => verifyAnswer({}, { jwks: "[]" }),
  NRAS_ALGORITHM_REFUSED: () => verifyAnswer({ header: { alg: "none" } }),
  NRAS_KEY_UNKNOWN: () => verifyAnswer({}, { jwks: '{"keys":[]}' }),
  NRAS_SIGNATURE_INVALID: () => verifyAnswer({ signer: mallory }),
  NRAS_ISSUER_UNEXPECTED: () => verifyAnswer({ issuer: "NVAT-LOCAL-VERIFIER" }),
  NRAS_NOT_YET_VALID: () => verifyAnswer({ issuedAt: at + 1 }),
  NRAS_EXPIRED: () => verifyAnswer({ expiresAt: at }),
  NRAS_NONCE_MISMATCH: () => verifyAnswer({ nonce: new Uint8Array(32) }),
  NRAS_SUBMODULES_MISMATCH: () => verifyAnswer({ editDigests: () => ({}) }),
  NRAS_DIGEST_MISMATCH: () =>
    verifyAnswer({ editDigests: () => ({ "GPU-0": ["DIGEST", ["SHA-256", "00".repeat(32)]] }) }),

  TIME_INVALID: () => verifySimulated(evidence, collateral, Number.NaN),
  NONCE_INVALID: () => verify(evidence, collateral, { ...trust, nonce: "0x00" }),
  POLICY_MALFORMED: () => parsePolicy({ gpuCount: "8" }),

  SERVICE_PARAMETER_INVALID: () => createGpuServices({ timeout: 0 }),
  SERVICE_UNREACHABLE: () => askWith(() => Promise.reject(new TypeError("fetch failed"))),
  SERVICE_TIMEOUT: () => askWith(() => new Promise<Response>(() => undefined)),
  SERVICE_STATUS: () => askWith(() => new Response("", { status: 404 })),
  SERVICE_RESPONSE_TOO_LARGE: () => askWith(() => new Response("x".repeat(400_000))),
  SERVICE_RESPONSE_MALFORMED: () => askWith(() => new Response("no RIM")),
};

async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("every error code of sdk/gpu", () => {
  it("is provoked from evidence that is accepted otherwise", () => {
    assert.equal(verifySimulated().gpuCount, 1);
    assert.equal(verifySimulated(hgx.evidence(NONCE), hgxCollateral).mode, "PPCIE");
  });

  for (const [code, run] of Object.entries(provoke)) {
    it(code, async () => {
      const error = await errorOf(run);
      assert.ok(error instanceof GpuError && error instanceof ChainsealError, String(error));
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.startsWith(gpuErrors[error.code].summary));
    });
  }
});
