import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { keccak256 } from "viem";
import { parseQuote } from "../../../../sdk/tdx/index.ts";
import {
  createAppCompose,
  measureAppCompose,
  measureCompose,
  mrConfigIdV1,
  mrConfigIdV2,
  replayEventLog,
  type WorkerErrorCode,
} from "../../../../sdk/worker/index.ts";
import { readVector, readVectorText } from "../../../support/vectors.ts";

const DIGEST = "a".repeat(64);
const IMAGE = `example.org/worker:1@sha256:${DIGEST}`;
const GOOD = `services:\n  worker:\n    image: ${IMAGE}\n`;

const utf8 = (text: string) => new TextEncoder().encode(text);
const sha256 = (bytes: Uint8Array) => `0x${createHash("sha256").update(bytes).digest("hex")}`;
const measured = (compose: string) => measureAppCompose(createAppCompose({ compose, name: "app" }));

function refused(code: WorkerErrorCode, run: () => unknown, subject?: string) {
  assert.throws(run, (error: { code?: string; subject?: string; message: string }) => {
    assert.equal(error.code, code, error.message);
    if (subject !== undefined) assert.equal(error.subject, subject);
    return true;
  });
}

describe("the compose digest", () => {
  it("is SHA-256 of the file's bytes, as a real guest measured them", () => {
    const bytes = readVector("dstack/rtmr3-based-app-compose.json");
    const report = JSON.parse(readVectorText("dstack/rtmr3-based-report.json"));
    const quote = new Uint8Array(Buffer.from(report.quote, "hex"));
    assert.equal(sha256(bytes), replayEventLog(quote, report.event_log).composeDigest);
    // That file names its image by no digest, so that it fixes nothing.
    refused("IMAGE_NOT_PINNED", () => measureAppCompose(bytes), "services.jupyter.image");
  });

  it("changes with a space", () => {
    const bytes = createAppCompose({ compose: GOOD, name: "app" });
    const spaced = utf8(`${new TextDecoder().decode(bytes)} `);
    assert.equal(measureAppCompose(bytes).composeDigest, sha256(bytes));
    assert.equal(measureAppCompose(spaced).composeDigest, sha256(spaced));
    assert.notEqual(sha256(bytes), sha256(spaced));
  });

  it("of a docker-compose file is that of the app-compose.json made around it", () => {
    const direct = measured(GOOD);
    const made = measureCompose(utf8(GOOD), "app");
    assert.deepEqual(made, direct);
    assert.deepEqual(measureCompose(made.bytes, "another name"), made);
    assert.equal(JSON.parse(new TextDecoder().decode(made.bytes)).docker_compose_file, GOOD);
    assert.deepEqual(made.images, [{ service: "worker", image: IMAGE }]);
    assert.equal(made.defaultAppId, made.composeDigest.slice(0, 42));
  });

  it("lets settings be added, but not replace what is measured", () => {
    const settings = { kms_enabled: true, docker_compose_file: "other", runner: "bash" };
    const { bytes } = measureAppCompose(createAppCompose({ compose: GOOD, name: "app", settings }));
    const manifest = JSON.parse(new TextDecoder().decode(bytes));
    assert.equal(manifest.kms_enabled, true);
    assert.equal(manifest.docker_compose_file, GOOD);
    assert.equal(manifest.runner, "docker-compose");
  });

  it("names the scripts that a guest runs before", () => {
    const settings = { pre_launch_script: "curl http://x | sh", init_script: "" };
    const bytes = createAppCompose({ compose: GOOD, name: "app", settings });
    assert.deepEqual(measureAppCompose(bytes).scripts, ["pre_launch_script"]);
  });
});

describe("a compose file that does not fix what runs", () => {
  const unpinned = {
    "a tag alone": "image: alpine:3.20",
    "no image": "command: run",
    "a digest that is short": `image: alpine@sha256:${"a".repeat(63)}`,
    "a digest in capitals": `image: alpine@sha256:${"A".repeat(64)}`,
    "a weaker digest": `image: alpine@md5:${"a".repeat(32)}`,
    "a variable for the digest": `image: alpine@sha256:\${DIGEST}`,
    "a variable with a pinned default": `image: "\${IMAGE:-alpine@sha256:${DIGEST}}"`,
    "a variable behind the digest": `image: "alpine@sha256:${DIGEST}\${MORE}"`,
    "two digests": `image: alpine@sha256:${DIGEST}@sha256:${DIGEST}`,
    "a line after the digest": `image: "alpine@sha256:${DIGEST}\\n"`,
    "an image that is a number": "image: 7",
    "itself, by an alias": "&one {service: *one}",
    "an image as a volume": `image: ${IMAGE}\n    volumes:\n      - {type: image, source: alpine, target: /x}`,
  };
  for (const [name, line] of Object.entries(unpinned)) {
    it(`is refused: ${name}`, () => {
      refused("IMAGE_NOT_PINNED", () => measured(`services:\n  one:\n    ${line}\n`));
    });
  }

  const foreign = {
    "an image that is built": `services: {one: {image: "${IMAGE}", build: .}}`,
    "a service of another file": `services: {one: {image: "${IMAGE}", extends: {file: x, service: y}}}`,
    "a provider": `services: {one: {image: "${IMAGE}", provider: {type: x}}}`,
    "other files": `include: [other.yaml]\n${GOOD}`,
    models: `models: {llm: {model: ai/some}}\n${GOOD}`,
  };
  for (const [name, compose] of Object.entries(foreign)) {
    it(`is refused: ${name}`, () => {
      refused("COMPOSE_MALFORMED", () => measured(compose));
    });
  }

  it("is refused for one service of many", () => {
    const compose = `${GOOD}  other:\n    image: alpine\n`;
    refused("IMAGE_NOT_PINNED", () => measured(compose), "services.other.image");
  });

  it("may share parts by anchors and merge keys, which are looked through", () => {
    const good = `x-base: &base\n  image: ${IMAGE}\nservices:\n  one:\n    <<: *base\n`;
    assert.deepEqual(measured(good).images, [{ service: "one", image: IMAGE }]);
    const bad = `x-base: &base\n  build: .\nservices:\n  one:\n    <<: *base\n    image: ${IMAGE}\n`;
    refused("COMPOSE_MALFORMED", () => measured(bad), "services.one.build");
  });
});

describe("a compose file that is malformed", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ...Array.from({ length: 8 }, (_, index) => {
      const [from, to] = ["abcdefghi"[index], "abcdefghi"[index + 1]];
      return `${to}: &${to} [${Array(9).fill(`*${from}`).join(", ")}]`;
    }),
    GOOD,
  ].join("\n");
  const files = {
    "no YAML": "services: [",
    "a list": "- services",
    "no services": "services: {}",
    "services that are a list": "services: [one]",
    "a service that is a text": "services: {one: two}",
    "volumes that are a text": `services: {one: {image: "${IMAGE}", volumes: x}}`,
    "a key that stands twice": `${GOOD}    image: ${IMAGE}\n`,
    "two documents": `${GOOD}---\n${GOOD}`,
    "a tag of its own": `services:\n  one:\n    image: !reset ${IMAGE}\n`,
    "a key that is a list": `services:\n  ? [a]\n  : {image: "${IMAGE}"}\n`,
    "aliases of aliases": bomb,
    "an alias of nothing": "services: {one: *none}",
    "too many services": `services:\n${Array.from({ length: 65 }, (_, i) => `  s${i}: {image: "${IMAGE}"}`).join("\n")}`,
  };
  for (const [name, compose] of Object.entries(files)) {
    it(`is refused: ${name}`, () => {
      const started = performance.now();
      refused("COMPOSE_MALFORMED", () => measured(compose));
      assert.ok(performance.now() - started < 2000);
    });
  }

  it("is refused when it is too large", () => {
    const large = utf8(`${GOOD}# ${"x".repeat(210_000)}`);
    refused("COMPOSE_TOO_LARGE", () => measureCompose(large, "app"));
  });

  const manifest = { manifest_version: 2, name: "a", runner: "docker-compose" };
  const json = JSON.stringify({ ...manifest, docker_compose_file: GOOD });
  const manifests = {
    "no JSON": "{",
    "another runner": JSON.stringify({ ...manifest, runner: "bash", docker_compose_file: GOOD }),
    "no compose file": JSON.stringify(manifest),
    "a member that stands twice": json.replace("{", `{"docker_compose_file":"",`),
    "a byte order mark": `\ufeff${json}`,
  };
  for (const [name, text] of Object.entries(manifests)) {
    it(`is refused as app-compose.json: ${name}`, () => {
      refused("COMPOSE_MALFORMED", () => measureAppCompose(utf8(text)));
    });
  }

  it("is refused when it is not UTF-8", () => {
    refused("COMPOSE_MALFORMED", () => measureCompose(Uint8Array.of(0x7b, 0xff), "app"));
  });
});

describe("MRCONFIGID of a dstack guest", () => {
  const composeDigest =
    `0x${"86b0e55f2fa8e4fb69d890f14f54d5612707646e2573d54e0d2ddaaade77caa9"}` as const;

  it("of form 01 is what a real quote has", () => {
    const report = JSON.parse(readVectorText("dstack/tdx-lite-getquote.json"));
    const { mrConfigId } = parseQuote(new Uint8Array(Buffer.from(report.quote, "hex"))).report;
    assert.equal(mrConfigIdV1(composeDigest), mrConfigId);
  });

  it("of form 02 hashes digest, app id, the key provider's kind and id", () => {
    const appId = `0x${"11".repeat(20)}` as const;
    const keyProviderId = "0xabcdef" as const;
    const kinds = { none: "00", local: "01", kms: "02", tpm: "03" } as const;
    for (const [keyProvider, byte] of Object.entries(kinds)) {
      const expected = keccak256(`${composeDigest}${appId.slice(2)}${byte}abcdef`);
      assert.equal(
        mrConfigIdV2({
          composeDigest,
          appId,
          keyProvider: keyProvider as keyof typeof kinds,
          keyProviderId,
        }),
        `0x02${expected.slice(2)}${"00".repeat(15)}`,
      );
    }
  });

  it("is not made of digests and ids of another length", () => {
    refused("WORKER_PARAMETER_INVALID", () => mrConfigIdV1("0x00"));
    const good = { composeDigest, appId: `0x${"11".repeat(20)}`, keyProvider: "none" } as const;
    refused("WORKER_PARAMETER_INVALID", () =>
      mrConfigIdV2({ ...good, appId: "0x11", keyProviderId: "0x" }),
    );
    refused("WORKER_PARAMETER_INVALID", () =>
      mrConfigIdV2({ ...good, keyProviderId: `0x${"00".repeat(1025)}` }),
    );
  });
});
