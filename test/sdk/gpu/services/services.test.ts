import assert from "node:assert/strict";
import {
  authenticate,
  createRim,
  GpuError,
  type GpuErrorCode,
  nvidiaRoots,
  parseOcspResponse,
  verify,
} from "../../../../sdk/gpu/index.ts";
import {
  createGpuServices,
  type GpuServices,
  type GpuServicesOptions,
  NVIDIA_NRAS_JWKS,
  NVIDIA_OCSP_SERVICE,
  NVIDIA_RIM_SERVICE,
} from "../../../../sdk/gpu/services/index.ts";
import { DerReader } from "../../../../sdk/x509/der.ts";
import { device, driverRim, evidence, NONCE, simulator, trust } from "../support/simulated.ts";
import {
  DEVICE_TIME,
  evidenceOf,
  gpuManifest,
  gpuVector,
  H100,
  RIM_TIME,
} from "../support/vectors.ts";
import { type Handler, type LocalServer, startServer } from "./server.ts";

const roots = nvidiaRoots();
const DRIVER = "NV_GPU_DRIVER_GH100_550.90.07";
const VBIOS = "NV_GPU_VBIOS_1010_0200_882_96009F0001";

async function refusal(code: GpuErrorCode, promise: Promise<unknown>): Promise<GpuError> {
  const error = await promise.then(
    () => assert.fail(`what should give ${code} was accepted`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GpuError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

/** A RIM as NVIDIA's service wraps it. */
function rimAnswer(id: string, xml: Uint8Array | string): string {
  return JSON.stringify({
    id,
    rim: Buffer.from(xml).toString("base64"),
    sha256: "",
    request_id: "1",
  });
}

const recorded: Readonly<Record<string, Uint8Array>> = {
  [DRIVER]: gpuVector(`${H100}/driver_rim.xml`),
  [VBIOS]: gpuVector(`${H100}/vbios_rim.xml`),
};

const idOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

const serveRims: Handler = ({ path }, response) => {
  const xml = recorded[idOf(path)];
  if (xml === undefined) response.writeHead(404).end("{}");
  else response.end(rimAnswer(idOf(path), xml));
};

/** The serial number and the nonce of an OCSP request. */
function readRequest(body: Uint8Array): { serial: string; nonce: Uint8Array } {
  const tbs = new DerReader(body).enter(0x30).enter(0x30);
  const id = tbs.enter(0x30).enter(0x30).enter(0x30);
  id.enter(0x30);
  id.read(0x04);
  id.read(0x04);
  const serial = Buffer.from(id.unsigned()).toString("hex");
  const extension = tbs.enter(0xa2).enter(0x30).enter(0x30);
  extension.oid();
  const nonce = new DerReader(extension.read(0x04).content).read(0x04).content;
  return { serial, nonce };
}

const responses = [
  "certificate_l2",
  "certificate_l3",
  "certificate_l4",
  "driver_rim_l3",
  "driver_rim_l4",
  "rim_l2",
  "vbios_l4",
].map((name) => gpuVector(`${H100}/ocsp_gpu_${name}.der`));

/** Answers with the recorded response about the certificate that is asked for. */
const serveOcsp: Handler = ({ body }, response) => {
  const { serial } = readRequest(body);
  const found = responses.find((der) => parseOcspResponse(der).answers[0]?.id.serial === serial);
  if (found === undefined) response.writeHead(404).end();
  else response.end(found);
};

/** Answers as the simulator's responder, with the nonce of the request. */
const answerWithNonce: Handler = ({ body }, response) => {
  const { serial, nonce } = readRequest(body);
  const { chain } = driverRim({});
  for (const one of [device.chain, chain]) {
    const index = one.findIndex(
      ({ template }) => Buffer.from(template.serial).toString("hex") === serial,
    );
    if (index !== -1) return void response.end(simulator.ocsp(one, index, { nonce }));
  }
  response.writeHead(404).end();
};

describe("the services of NVIDIA, as a local server", () => {
  let server: LocalServer;
  const create = (options: GpuServicesOptions = {}): GpuServices =>
    createGpuServices({
      rimUrl: `${server.url}/v1/rim`,
      ocspUrl: `${server.url}/ocsp`,
      jwksUrl: `${server.url}/jwks.json`,
      retries: 0,
      retryDelay: 1,
      timeout: 2_000,
      ...options,
    });
  const fetchDriver = (services: GpuServices, at = RIM_TIME) =>
    services.fetchRim(DRIVER, { at, root: roots.rim });

  before(async () => {
    server = await startServer();
  });
  after(() => server.close());

  it("give RIMs, verified, once", async () => {
    server.handle(serveRims);
    const services = create();
    const rim = await fetchDriver(services);
    assert.equal(rim.id, DRIVER);
    assert.equal(rim.sha256, createRim(recorded[DRIVER] ?? "", { root: roots.rim }).sha256);
    assert.equal(await fetchDriver(services), rim);
    assert.equal(await fetchDriver(services, RIM_TIME + 3_600), rim);
    assert.deepEqual(
      server.seen.map(({ method, path }) => `${method} ${path}`),
      [`GET /v1/rim/${DRIVER}`],
    );
    // A day later it may have been revised; under another root it was not verified.
    assert.notEqual(await fetchDriver(services, RIM_TIME + 86_400), rim);
    await refusal(
      "ROOT_UNTRUSTED",
      services.fetchRim(DRIVER, { at: RIM_TIME, root: simulator.roots.rim }),
    );
    assert.equal(server.seen.length, 3);
  });

  it("keep no more than they are told", async () => {
    server.handle(serveRims);
    const services = create({ cacheLimit: 0 });
    assert.notEqual(await fetchDriver(services), await fetchDriver(services));
    assert.equal(server.seen.length, 2);
  });

  it("are not believed about RIMs", async () => {
    const answer = async (code: GpuErrorCode, body: string | Uint8Array) => {
      server.handle((_, response) => response.end(body));
      await refusal(code, fetchDriver(create()));
    };
    await answer("SERVICE_RESPONSE_MALFORMED", "no JSON");
    await answer("SERVICE_RESPONSE_MALFORMED", "[]");
    await answer("SERVICE_RESPONSE_MALFORMED", Uint8Array.of(0xff));
    await answer("SERVICE_RESPONSE_MALFORMED", '{"rim":7}');
    await answer("SERVICE_RESPONSE_MALFORMED", '{"rim":"?"}');
    await answer("SERVICE_RESPONSE_MALFORMED", rimAnswer(VBIOS, recorded[VBIOS] ?? ""));
    await answer("RIM_XML_MALFORMED", rimAnswer(DRIVER, "no XML"));
    const bad = gpuVector("rim-corpus/bad_signature.xml");
    await answer("RIM_SIGNATURE_INVALID", rimAnswer(DRIVER, bad));
    await answer("SERVICE_RESPONSE_TOO_LARGE", "x".repeat(400_000));
  });

  it("are asked about revocation with a nonce, once in its time", async () => {
    server.handle(serveOcsp);
    const { nonce } = gpuManifest(H100);
    const options = { at: DEVICE_TIME, nonce, root: roots.device };
    const { links } = authenticate(evidenceOf(H100), options);
    const [link] = links;
    assert.ok(link !== undefined);
    // The recorded answers have no nonce.
    await refusal("OCSP_NONCE_MISMATCH", create().fetchOcsp(link, { at: DEVICE_TIME }));
    const services = create({ ocspFrom: "cache" });
    server.handle(serveOcsp);
    const answer = await services.fetchOcsp(link, { at: DEVICE_TIME });
    assert.deepEqual(answer, gpuVector(`${H100}/ocsp_gpu_certificate_l4.der`));
    // Not even a cache may answer with the nonce of another request.
    const [genuine] = authenticate(evidence, { ...trust, root: simulator.roots.device }).links;
    assert.ok(genuine !== undefined);
    server.handle((_, response) => response.end(simulator.ocsp(device.chain, 1, { nonce: NONCE })));
    await refusal(
      "OCSP_NONCE_MISMATCH",
      create({ ocspFrom: "cache" }).fetchOcsp(genuine, { at: simulator.at }),
    );
    server.handle(serveOcsp);
    await create({ ocspFrom: "cache" }).fetchOcsp(link, { at: DEVICE_TIME });
    assert.equal(await services.fetchOcsp(link, { at: DEVICE_TIME + 60 }), answer);
    assert.deepEqual(
      server.seen.map(({ method, type }) => `${method} ${type}`),
      ["POST application/ocsp-request"],
    );
    await services.fetchOcsp(link, { at: RIM_TIME });
    assert.equal(server.seen.length, 2);
    assert.equal(readRequest(server.seen[0]?.body ?? new Uint8Array()).nonce.length, 32);
  });

  it("give the recorded RIMs and OCSP responses of a real H100, each thing once", async () => {
    server.handle((seen, response, count) =>
      (seen.method === "GET" ? serveRims : serveOcsp)(seen, response, count),
    );
    const { nonce } = gpuManifest(H100);
    const authentic = authenticate(evidenceOf(H100), { at: RIM_TIME, nonce, root: roots.device });
    const services = create({ ocspFrom: "cache" });
    const parameters = { at: RIM_TIME, root: roots.rim };
    const collateral = await services.fetchCollateral([authentic, authentic], parameters);
    assert.equal(collateral.rims.length, 2);
    // Three of the device; two CAs that the two RIMs share, and a signer of each.
    assert.equal(collateral.ocsp.length, 7);
    assert.equal(server.seen.length, 9);
    assert.throws(
      () => verify(evidenceOf(H100), collateral, { at: RIM_TIME, nonce, roots }),
      (error) => error instanceof GpuError && error.code === "OCSP_EXPIRED",
    );
  });

  it("give all that a device needs to be verified", async () => {
    const rims: Record<string, string> = {
      [DRIVER]: driverRim({}).xml,
      [VBIOS]: simulator.rim({ part: "vbios", version: "96.00.9F.00.01" }).xml,
    };
    server.handle((seen, response, count) => {
      if (seen.method === "POST") return answerWithNonce(seen, response, count);
      return void response.end(rimAnswer(idOf(seen.path), rims[idOf(seen.path)] ?? ""));
    });
    const { at } = simulator;
    const authentic = authenticate(evidence, { at, nonce: NONCE, root: simulator.roots.device });
    const parameters = { at, root: simulator.roots.rim };
    const collateral = await create().fetchCollateral([authentic], parameters);
    assert.equal(verify(evidence, collateral, trust).gpuCount, 1);
  });

  it("give the key set of NRAS", async () => {
    const { jwks } = simulator.nras({ nonce: NONCE });
    server.handle((_, response) => response.end(jwks));
    assert.equal(await create().fetchJwks(), jwks);
    server.handle((_, response) => response.end(Uint8Array.of(0xff)));
    await refusal("SERVICE_RESPONSE_MALFORMED", create().fetchJwks());
  });

  it("are asked again after failures that may pass, and no more often than that", async () => {
    for (const status of [429, 500, 503]) {
      server.handle((seen, response, count) =>
        count < 3 ? void response.writeHead(status).end() : serveRims(seen, response, count),
      );
      assert.equal((await fetchDriver(create({ retries: 2 }))).version, "550.90.07");
      assert.equal(server.seen.length, 3);
      server.handle((_, response) => response.writeHead(status).end());
      const error = await refusal("SERVICE_STATUS", fetchDriver(create({ retries: 2 })));
      assert.equal(error.found, status);
      assert.equal(server.seen.length, 3);
    }
    for (const status of [301, 400, 403, 404]) {
      server.handle((_, response) => response.writeHead(status, { location: "/other" }).end());
      await refusal("SERVICE_STATUS", fetchDriver(create({ retries: 2 })));
      assert.equal(server.seen.length, 1);
    }
  });

  it("have a time limit for headers and body", async () => {
    for (const begin of [false, true]) {
      server.handle((_, response) => {
        if (begin) response.write("{");
      });
      await refusal("SERVICE_TIMEOUT", fetchDriver(create({ timeout: 50 })));
    }
  });

  it("have a size limit, announced or not", async () => {
    server.handle((_, response) => {
      response.writeHead(200, { "content-length": 1_000_000_000 });
      response.write("x");
    });
    await refusal("SERVICE_RESPONSE_TOO_LARGE", fetchDriver(create()));
    server.handle((_, response) => {
      const more = () => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", more);
      };
      more();
    });
    await refusal("SERVICE_RESPONSE_TOO_LARGE", fetchDriver(create()));
  });

  it("are unreachable when they break off or are not there", async () => {
    server.handle((_, response) => response.destroy());
    await refusal("SERVICE_UNREACHABLE", fetchDriver(create()));
    await refusal(
      "SERVICE_UNREACHABLE",
      fetchDriver(create({ rimUrl: "http://127.0.0.1:1/", retries: 1 })),
    );
  });

  it("can be cancelled, before, during and between tries", async () => {
    server.handle(() => undefined);
    const reason = new Error("no longer needed");
    const parameters = (signal: AbortSignal) => ({ at: RIM_TIME, root: roots.rim, signal });
    await assert.rejects(
      create().fetchRim(DRIVER, parameters(AbortSignal.abort(reason))),
      (error) => error === reason,
    );
    const during = new AbortController();
    const pending = create().fetchRim(DRIVER, parameters(during.signal));
    setTimeout(() => during.abort(reason), 20);
    await assert.rejects(pending, (error) => error === reason);
    server.handle((_, response) => response.writeHead(500).end());
    const between = new AbortController();
    const waiting = create({ retries: 1, retryDelay: 60_000 }).fetchRim(
      DRIVER,
      parameters(between.signal),
    );
    setTimeout(() => between.abort(reason), 100);
    await assert.rejects(waiting, (error) => error === reason);
  });

  it("are asked for nothing that is no id", async () => {
    server.handle(serveRims);
    for (const id of ["", "../secret", "a/b", "a?b", "x".repeat(201)]) {
      await refusal(
        "SERVICE_PARAMETER_INVALID",
        create().fetchRim(id, { at: RIM_TIME, root: roots.rim }),
      );
    }
    assert.equal(server.seen.length, 0);
  });
});

describe("a client of NVIDIA's services", () => {
  it("asks NVIDIA unless it is told otherwise", async () => {
    const asked: string[] = [];
    const services = createGpuServices({
      retries: 0,
      fetch: async (url) => {
        asked.push(String(url));
        return new Response("", { status: 404 });
      },
    });
    const { nonce } = gpuManifest(H100);
    const options = { at: RIM_TIME, nonce, root: roots.device };
    const [link] = authenticate(evidenceOf(H100), options).links;
    assert.ok(link !== undefined);
    await refusal("SERVICE_STATUS", services.fetchRim(DRIVER, { at: RIM_TIME, root: roots.rim }));
    await refusal("SERVICE_STATUS", services.fetchOcsp(link, { at: RIM_TIME }));
    await refusal("SERVICE_STATUS", services.fetchJwks());
    assert.deepEqual(asked, [
      `${NVIDIA_RIM_SERVICE}${DRIVER}`,
      NVIDIA_OCSP_SERVICE,
      NVIDIA_NRAS_JWKS,
    ]);
  });

  it("refuses options that it cannot use", () => {
    for (const options of [
      { rimUrl: "no URL" },
      { ocspUrl: "ftp://127.0.0.1" },
      { jwksUrl: "https://user:secret@127.0.0.1" },
      { rimUrl: "https://127.0.0.1/?a" },
      { timeout: 0 },
      { timeout: 1.5 },
      { retries: 11 },
      { retryDelay: -1 },
      { cacheLimit: -1 },
      { rimCacheTime: -1 },
      { ocspFrom: "anyone" as "cache" },
    ]) {
      assert.throws(
        () => createGpuServices(options),
        (error) =>
          error instanceof GpuError &&
          error.code === "SERVICE_PARAMETER_INVALID" &&
          !error.message.includes("secret"),
      );
    }
  });
});
