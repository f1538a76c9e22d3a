import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runGpuManifest } from "../../cli/support/gpu/manifest.ts";
import { nvidiaRoots } from "../../sdk/gpu/index.ts";
import { device, driverRim, NONCE, simulator } from "../sdk/gpu/support/simulated.ts";
import { gpuFolders, gpuManifest, H100, HGX } from "../sdk/gpu/support/vectors.ts";
import { type CliRun, runCli, temporaryFiles } from "./support/run-cli.ts";

const VECTORS = fileURLToPath(new URL("../vectors/gpu/", import.meta.url));
const vector = (path: string) => join(VECTORS, path);
const nonceHex = Buffer.from(NONCE).toString("hex");
const AT = String(simulator.at);

const codesOf = (run: CliRun) => (run.json().reasons as { code: string }[]).map(({ code }) => code);

describe("chainseal gpu verify", function () {
  this.timeout(60_000);
  const files = temporaryFiles();
  const evidenceJson = JSON.stringify({
    nonce: "00",
    arch: "HOPPER",
    evidence_list: [
      {
        evidence: Buffer.from(device.report(NONCE)).toString("base64"),
        certificate: Buffer.from(device.chainPem).toString("base64"),
      },
    ],
  });
  const report = files.write("report.bin", device.report(NONCE));
  const chain = files.write("chain.pem", device.chainPem);
  const evidence = files.write("evidence.json", evidenceJson);
  const { rims, ocsp } = simulator.collateral(device);
  const collateral = [
    ...rims.map((xml, i) => files.write(`rim${i}.xml`, xml)),
    ...ocsp.map((der, i) => files.write(`ocsp${i}.der`, der)),
  ];
  const trust = [
    "--device-root",
    files.write("device.der", simulator.roots.device),
    "--rim-root",
    files.write("rim.der", simulator.roots.rim),
    "--at",
    AT,
  ];
  const verify = (words: readonly string[], nonce = nonceHex) =>
    runCli(["gpu", "verify", ...words, ...trust, "--nonce", nonce]);

  it("accepts a report with its chain, RIMs and OCSP responses, in any order", async () => {
    const run = await verify([...collateral, chain, report]);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.match(run.stdout, /GH100 A01 GSP BROM/);
    assert.match(run.stdout, /32 compared with the RIMs, 0 differ, 1 skipped/);
    assert.match(run.stdout, /Accepted\n$/);
  });

  it("accepts NVIDIA's JSON, and a report as hex or base64", async () => {
    const text = (encoding: "hex" | "base64") =>
      files.write(`report.${encoding}`, Buffer.from(device.report(NONCE)).toString(encoding));
    for (const words of [[evidence], [text("hex"), chain], [text("base64"), chain]]) {
      const run = await verify([...words, ...collateral, "--json"]);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      const { authentic, verified, accepted, mode, gpuCount, devices } = run.json();
      assert.deepEqual(
        { authentic, verified, accepted, mode, gpuCount },
        { authentic: true, verified: true, accepted: true, mode: "SPT", gpuCount: 1 },
      );
      const [one] = devices as { driverVersion: string; rims: unknown[] }[];
      assert.equal(one?.driverVersion, "550.90.07");
      assert.equal(one?.rims.length, 2);
    }
  });

  it("accepts RIMs as the RIM service answers", async () => {
    const answers = rims.map((xml, i) => {
      const rim = Buffer.from(xml).toString("base64");
      return files.write(`answer${i}.json`, JSON.stringify({ id: `rim ${i}`, rim }));
    });
    const run = await verify([evidence, ...answers, ...collateral.slice(2)]);
    assert.equal(run.code, 0, run.stdout + run.stderr);
  });

  it("refuses what does not hold, says why and ends with 1", async () => {
    const other = await verify([evidence, ...collateral, "--json"], "00".repeat(32));
    assert.equal(other.code, 1);
    assert.deepEqual(codesOf(other), ["NONCE_MISMATCH"]);
    assert.equal(other.json().authentic, false);

    const noRim = await verify([evidence, "--json"]);
    assert.equal(noRim.code, 1);
    assert.deepEqual(codesOf(noRim), ["RIM_MISSING"]);
    assert.equal(noRim.json().authentic, true);

    const noOcsp = await verify([evidence, ...collateral.slice(0, 2)]);
    assert.equal(noOcsp.code, 1);
    assert.match(noOcsp.stdout, /Refused\n {2}OCSP_MISSING/);
    assert.match(noOcsp.stdout, /32 compared/);
  });

  it("trusts NVIDIA unless it is told otherwise", async () => {
    const words = [report, chain, ...collateral, "--nonce", nonceHex, "--at", AT, "--json"];
    const run = await runCli(["gpu", "verify", ...words]);
    assert.equal(run.code, 1);
    assert.deepEqual(codesOf(run), ["ROOT_UNTRUSTED"]);
  });

  it("judges a real device as far as its recorded evidence goes", async () => {
    const { nonce } = gpuManifest(H100);
    const words = ["report.bin", "chain.pem", "driver_rim.xml", "vbios_rim.xml"].map((file) =>
      vector(`${H100}/${file}`),
    );
    const options = ["--nonce", nonce, "--at", "2025-10-24T12:00:00Z", "--json"];
    const run = await runCli(["gpu", "verify", ...words, ...options]);
    assert.equal(run.code, 1);
    assert.deepEqual(codesOf(run), ["OCSP_MISSING"]);
    const [one] = run.json().devices as { authentic: boolean; measurements: object }[];
    assert.equal(one?.authentic, true);
    assert.deepEqual(one?.measurements, {
      compared: Array.from({ length: 41 }, (_, i) => i).filter(
        (i) => i < 13 || (i > 20 && i !== 35),
      ),
      skipped: [35],
      mismatches: [],
    });
  });

  it("refuses by a policy", async () => {
    const policy = files.write("policy.json", '{"modes":["PPCIE"],"minDriverVersion":"570"}');
    const run = await verify([evidence, ...collateral, "--policy", policy, "--json"]);
    assert.equal(run.code, 1);
    assert.equal(run.json().verified, true);
    assert.deepEqual(codesOf(run), ["MODE_NOT_ACCEPTED", "DRIVER_TOO_OLD"]);
  });

  it("demands NVIDIA's own opinion where it is told to", async () => {
    const ask = async (options: Parameters<typeof simulator.nras>[0]) => {
      const { answer, jwks } = simulator.nras(options);
      const words = [
        "--nras",
        files.write("nras.json", answer),
        "--jwks",
        files.write("jwks.json", jwks),
      ];
      return verify([evidence, ...collateral, ...words, "--json"]);
    };
    const positive = await ask({ nonce: NONCE });
    assert.equal(positive.code, 0, positive.stdout);
    assert.equal((positive.json().nras as { isPositive: boolean }).isPositive, true);
    const negative = await ask({ nonce: NONCE, result: false });
    assert.equal(negative.code, 1);
    assert.deepEqual(codesOf(negative), ["NRAS_NEGATIVE"]);
    const replayed = await ask({ nonce: new Uint8Array(32) });
    assert.equal(replayed.code, 1);
    assert.deepEqual(codesOf(replayed), ["NRAS_NONCE_MISMATCH"]);
  });

  it("fetches RIMs and OCSP responses where it is told to", async () => {
    const { chain: rimChain } = driverRim({});
    const seen: string[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        seen.push(request.method ?? "");
        if (request.method === "GET") {
          const id = (request.url ?? "").slice(1);
          const xml = id.includes("DRIVER") ? rims[0] : rims[1];
          const rim = Buffer.from(xml ?? "").toString("base64");
          response.end(JSON.stringify({ id, rim }));
          return;
        }
        // The nonce is the last of the request, the serial number stands in it as it is.
        const body = Buffer.concat(chunks);
        for (const one of [device.chain, rimChain]) {
          const index = one.findIndex(({ template }) =>
            body.includes(Buffer.from(template.serial)),
          );
          if (index === -1) continue;
          response.end(simulator.ocsp(one, index, { nonce: new Uint8Array(body.subarray(-32)) }));
          return;
        }
        response.writeHead(404).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const words = ["--fetch", "--rim-url", url, "--ocsp-url", url, "--json"];
      const run = await verify([evidence, ...words]);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      assert.deepEqual(seen.sort(), ["GET", "GET", ...Array(6).fill("POST")]);
      // Nothing is fetched for evidence that is refused in any case.
      seen.length = 0;
      const refused = await verify([evidence, ...words], "00".repeat(32));
      assert.equal(refused.code, 1);
      assert.deepEqual(codesOf(refused), ["NONCE_MISMATCH"]);
      assert.deepEqual(seen, []);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  const usage: readonly (readonly [what: string, words: readonly string[], code: string])[] = [
    ["no file", ["--nonce", nonceHex], "USAGE"],
    ["no nonce", [evidence], "USAGE"],
    ["a nonce that is none", [evidence, "--nonce", "xyz"], "NONCE_INVALID"],
    ["a report without its chain", [report, "--nonce", nonceHex], "USAGE"],
    ["RIMs alone", [collateral[0] ?? "", "--nonce", nonceHex], "USAGE"],
    ["a file that is not there", ["no-such-file", "--nonce", nonceHex], "FILE_UNREADABLE"],
    [
      "a file of something else",
      [files.write("x.txt", "hello!"), "--nonce", nonceHex],
      "INPUT_NOT_GPU_EVIDENCE",
    ],
    ["an empty file", [files.write("empty", ""), "--nonce", nonceHex], "INPUT_NOT_GPU_EVIDENCE"],
    [
      "JSON of something else",
      [files.write("y.json", "{}"), "--nonce", nonceHex],
      "EVIDENCE_MALFORMED",
    ],
    [
      "a policy that is none",
      [evidence, "--nonce", nonceHex, "--policy", files.write("p.json", '{"gpus":8}')],
      "POLICY_MALFORMED",
    ],
    [
      "a root that is none",
      [evidence, "--nonce", nonceHex, "--device-root", evidence],
      "ROOT_MALFORMED",
    ],
    [
      "an address without --fetch",
      [evidence, "--nonce", nonceHex, "--rim-url", "http://127.0.0.1:1"],
      "USAGE",
    ],
    [
      "an answer of NRAS without its keys",
      [evidence, "--nonce", nonceHex, "--nras", evidence],
      "USAGE",
    ],
    ["a manifest beside files", [evidence, "--manifest", vector(`${H100}/manifest.json`)], "USAGE"],
    [
      "a manifest with a nonce",
      ["--manifest", vector(`${H100}/manifest.json`), "--nonce", nonceHex],
      "USAGE",
    ],
    [
      "a manifest that is none",
      ["--manifest", files.write("m.json", '{"name":"x"}')],
      "MANIFEST_MALFORMED",
    ],
    [
      "a manifest that leads out of its folder",
      ["--manifest", files.write("n.json", '{"name":"x","files":[{"file":"../x"}]}')],
      "MANIFEST_MALFORMED",
    ],
  ];
  for (const [what, words, code] of usage) {
    it(`ends with 2 for ${what}: ${code}`, async () => {
      const run = await runCli(["gpu", "verify", ...words, "--json"]);
      assert.equal(run.code, 2, run.stdout);
      assert.equal((run.json().error as { code: string }).code, code);
    });
  }
});

describe("chainseal gpu verify --manifest", function () {
  this.timeout(60_000);
  const options = { roots: nvidiaRoots(), at: undefined, now: Math.floor(Date.now() / 1000) };

  for (const folder of gpuFolders) {
    it(`agrees with ${folder}`, async () => {
      const { rows } = await runGpuManifest(vector(`${folder}/manifest.json`), options);
      assert.deepEqual(
        rows.filter(({ agrees }) => !agrees),
        [],
      );
      assert.ok(rows.length >= 3);
    });
  }

  it("prints each check and last the total", async () => {
    const run = await runCli(["gpu", "verify", "--manifest", vector(`${HGX}/manifest.json`)]);
    assert.equal(run.code, 0, run.stdout);
    const lines = run.stdout.trimEnd().split("\n");
    assert.equal(
      lines.at(-1),
      `${HGX}: ${lines.length - 1} checks, ${lines.length - 1} agree, 0 differ`,
    );
    assert.ok(lines.slice(0, -1).every((line) => line.startsWith("agrees ")));
  });

  it("judges RIMs without evidence by themselves", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chainseal-rim-"));
    try {
      const write = (name: string, xml: string) => {
        writeFileSync(join(folder, name), xml);
        const sha256 = createHash("sha256").update(xml).digest("hex");
        return { file: name, bytes: Buffer.byteLength(xml), sha256 };
      };
      const { xml } = driverRim({});
      const run = async (verdict: string, ...listed: readonly object[]) => {
        const path = join(folder, "manifest.json");
        writeFileSync(path, JSON.stringify({ name: "x", expected: { verdict }, files: listed }));
        const { rows } = await runGpuManifest(path, { ...options, roots: simulator.roots });
        return rows.every(({ agrees }) => agrees);
      };
      const good = write("rim.xml", xml);
      const bad = write("bad.xml", xml.replace("550", "551"));
      assert.equal(await run("pass", good, bad), true);
      assert.equal(await run("fail", good, bad), false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("ends with 1 on any difference", async () => {
    const copy = mkdtempSync(join(tmpdir(), "chainseal-gpu-"));
    try {
      cpSync(vector(H100), copy, { recursive: true });
      const path = join(copy, "manifest.json");
      const manifest = JSON.parse(readFileSync(path, "utf8"));
      const differing = async (change: object, expected: readonly string[]) => {
        const changed = { ...manifest, ...change };
        writeFileSync(path, JSON.stringify(changed));
        const run = await runCli(["gpu", "verify", "--manifest", path, "--json"]);
        assert.equal(run.code, 1, run.stdout);
        const checks = run.json().checks as { name: string; agrees: boolean }[];
        const names = checks.filter(({ agrees }) => !agrees).map(({ name }) => name);
        assert.deepEqual(names, expected);
        assert.equal(run.json().differed, expected.length);
      };
      const { expected } = manifest;
      await differing({ expected: { ...expected, mismatches: [1] } }, ["mismatches"]);
      await differing({ expected: { ...expected, chain: false } }, ["chain"]);
      await differing({ expected: { ...expected, verdict: "fail" } }, ["verdict"]);
      await differing({ expected: { ...expected, secboot: true } }, ["secboot"]);
      await differing({ driver: "550.90.08" }, ["driver"]);
      await differing({ at: "2027-01-01T00:00:00Z" }, [
        "verdict",
        "driver_rim_signature",
        "vbios_rim_signature",
        "driver_rim.xml",
        "vbios_rim.xml",
        "ocsp_gpu_driver_rim_l3.der",
        "ocsp_gpu_driver_rim_l4.der",
        "ocsp_gpu_rim_l2.der",
        "ocsp_gpu_vbios_l4.der",
      ]);
      // A changed file differs from its hash, and fails by itself.
      const rim = readFileSync(join(copy, "driver_rim.xml"));
      writeFileSync(join(copy, "driver_rim.xml"), Buffer.concat([rim, Buffer.from("\n")]));
      await differing({}, ["files"]);
      const { length: bytes } = rim;
      const sha256 = createHash("sha256").update(rim).digest("hex");
      assert.ok(
        manifest.files.some(
          (file: object) =>
            Reflect.get(file, "sha256") === sha256 && Reflect.get(file, "bytes") === bytes,
        ),
      );
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});

describe("chainseal gpu inspect", function () {
  this.timeout(60_000);
  const files = temporaryFiles();

  it("shows what every kind of file says, as unverified", async () => {
    const paths = [
      `${H100}/report.bin`,
      `${H100}/chain.pem`,
      `${H100}/driver_rim.xml`,
      `${H100}/ocsp_gpu_vbios_l4.der`,
      `${HGX}/switch_evidence.json`,
      "nras-v4-claims3.0-h100-550.90.07/detached_eat.json",
    ].map(vector);
    const run = await runCli(["gpu", "inspect", ...paths, "--json"]);
    assert.equal(run.code, 0, run.stderr);
    const { verified, files: shown } = run.json() as {
      verified: boolean;
      files: { kind: string }[];
    };
    assert.equal(verified, false);
    assert.deepEqual(
      shown.map(({ kind }) => kind),
      ["report", "chain", "rim", "ocsp", "json", "json"],
    );
    const text = await runCli(["gpu", "inspect", ...paths]);
    assert.equal(text.code, 0, text.stderr);
    for (const part of [
      "Nothing of this is verified.",
      "550.90.07",
      "0x666e93e19dec7d2d",
      "measres",
      "NVIDIA GH100 Identity",
    ]) {
      assert.ok(text.stdout.includes(part), part);
    }
  });

  it("ends with 2 for what cannot be read", async () => {
    const run = await runCli([
      "gpu",
      "inspect",
      files.write("bad.bin", Uint8Array.of(0x11, 0xe0)),
      "--json",
    ]);
    assert.equal(run.code, 2);
    assert.equal((run.json().error as { code: string }).code, "REPORT_TRUNCATED");
  });
});
