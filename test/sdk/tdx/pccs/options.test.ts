import assert from "node:assert/strict";
import { inspect } from "node:util";
import { TdxError } from "../../../../sdk/tdx/index.ts";
import {
  createPccsClient,
  type FetchCollateralParameters,
  type PccsClientOptions,
} from "../../../../sdk/tdx/pccs/index.ts";
import { clientOf, parameters, useServer } from "./support.ts";

const url = "https://pccs.example:8081";
const SECRET = "geheim";

function refusalOf(options: PccsClientOptions): TdxError {
  try {
    createPccsClient(options);
  } catch (error) {
    assert.ok(error instanceof TdxError, inspect(error));
    return error;
  }
  assert.fail(`was accepted: ${inspect(options)}`);
}

/** Everything of an error that could end in a log. */
function textOf(error: unknown): string {
  assert.ok(error instanceof TdxError, inspect(error));
  return [
    inspect(error, { depth: 20, showHidden: true, getters: true }),
    error.stack,
    JSON.stringify(error),
  ].join("\n");
}

describe("the options of a PCCS client", () => {
  for (const given of [
    "",
    "pccs.example",
    "pccs.example:8081",
    "//pccs.example",
    "ftp://pccs.example",
    "file:///pccs",
    "data:application/json,{}",
    "https://",
    "https://pccs.example:99999",
    `${url}/?key=1`,
    `${url}/#part`,
    `${url}/sgx/certification/v3/`,
    "https://%ff@pccs.example",
  ]) {
    it(`refuse the address ${JSON.stringify(given)}`, () => {
      const error = refusalOf({ url: given });
      assert.ok(error instanceof TdxError);
      assert.equal(error.code, "PCCS_URL_INVALID");
      assert.equal(error.subject, "url");
    });
  }

  for (const rootCaCrlUrl of [
    "",
    "root.crl",
    "http://crl.example/root.der",
    "https://user:password@crl.example/root.der",
  ]) {
    it(`refuse the root CRL's address ${JSON.stringify(rootCaCrlUrl)}`, () => {
      const error = refusalOf({ url, rootCaCrlUrl });
      assert.equal(error.code, "PCCS_URL_INVALID");
      assert.equal(error.subject, "rootCaCrlUrl");
    });
  }

  it("refuse credentials in two places", () => {
    const error = refusalOf({
      url: "https://user@pccs.example",
      headers: { Authorization: "Bearer x" },
    });
    assert.equal(error.code, "PCCS_URL_INVALID");
  });

  const unusable: readonly (readonly [keyof PccsClientOptions, number])[] = [
    ["timeout", 0],
    ["timeout", 1.5],
    ["timeout", Number.NaN],
    ["timeout", 2 ** 31],
    ["retries", -1],
    ["retries", 11],
    ["retryDelay", -1],
    ["maxRetryDelay", Number.POSITIVE_INFINITY],
    ["maxResponseLength", 0],
  ];
  for (const [name, value] of unusable) {
    it(`refuse ${name} ${value}`, () => {
      const error = refusalOf({ url, [name]: value });
      assert.equal(error.code, "PCCS_PARAMETER_INVALID");
      assert.equal(error.subject, name);
      assert.equal(error.found, String(value));
    });
  }
});

describe("what to fetch", () => {
  const used = useServer();
  const unusable: Readonly<Record<string, object>> = {
    "an FMSPC that is too short": { fmspc: "0x00806f0500" },
    "an FMSPC that is not hex": { fmspc: "0x00806f05000g" },
    "no FMSPC": { fmspc: undefined },
    "another CA": { pckCa: "root" },
    "another update type": { update: "all" },
    "a negative number": { tcbEvaluationDataNumber: -1 },
    "a number that is not whole": { tcbEvaluationDataNumber: 18.5 },
    "an update type and a number": { update: "standard", tcbEvaluationDataNumber: 18 },
  };

  for (const [what, change] of Object.entries(unusable)) {
    it(`is refused before any request: ${what}`, async () => {
      const { server } = used;
      await assert.rejects(
        clientOf(server).fetchCollateral({ ...parameters, ...change } as FetchCollateralParameters),
        (error) =>
          error instanceof TdxError &&
          error.code === "PCCS_PARAMETER_INVALID" &&
          error.subject === Object.keys(change)[0],
      );
      assert.equal(server.requests.length, 0);
    });
  }
});

describe("secrets", () => {
  const used = useServer();

  for (const given of [
    `https://${SECRET}:${SECRET}@pccs.example:99999`,
    `https://${SECRET}:${SECRET}@pccs.example/?a`,
    `https://${SECRET}:%ff@pccs.example/`,
    `ftp://${SECRET}:${SECRET}@pccs.example/`,
    `${SECRET}:${SECRET}@pccs.example`,
    `${url}/?subscription-key=${SECRET}`,
    `${url}/sgx/certification/v3?${SECRET}`,
  ]) {
    it(`of an address are not in its error: ${given.replaceAll(SECRET, "…")}`, () => {
      assert.ok(!textOf(refusalOf({ url: given })).includes(SECRET));
    });
  }

  it("of the root CRL's address are not in its error", () => {
    for (const rootCaCrlUrl of [
      `https://${SECRET}:${SECRET}@crl.example/`,
      `http://crl.example/?${SECRET}`,
      `${SECRET}:${SECRET}@crl.example`,
    ]) {
      assert.ok(!textOf(refusalOf({ url, rootCaCrlUrl })).includes(SECRET));
    }
  });

  it("of headers are not in the error of a header", () => {
    for (const headers of [{ "X-Key": `${SECRET}\n${SECRET}` }, { [`${SECRET} `]: "value" }]) {
      const error = refusalOf({ url, headers });
      assert.equal(error.code, "PCCS_PARAMETER_INVALID");
      assert.ok(!textOf(error).includes(SECRET));
    }
  });

  it("are in no error of a request", async () => {
    const { server } = used;
    const options = {
      url: server.url.replace("http://", `http://${SECRET}:${SECRET}@`),
      headers: { "Ocp-Apim-Subscription-Key": SECRET },
    };
    const seen = new Map<string, unknown>();
    const fail = async (change: Partial<PccsClientOptions> = {}) => {
      const onRetry: PccsClientOptions["onRetry"] = ({ error }) => seen.set("retry", error);
      const client = clientOf(server, { ...options, onRetry, ...change });
      const error: unknown = await client.fetchCollateral(parameters).then(
        () => assert.fail("was accepted"),
        (reason) => reason,
      );
      assert.ok(error instanceof TdxError, inspect(error));
      seen.set(error.code, error);
    };

    const port = new URL(server.url).port;
    await fail({ url: options.url.replace(port, "1") });
    // An implementation of `fetch` whose errors quote the request.
    await fail({
      fetch: (_, init) =>
        Promise.reject(
          Object.assign(new Error(`failed: ${inspect(init)}`), {
            config: init,
            code: new Headers(init?.headers).get("ocp-apim-subscription-key"),
            cause: new Error(SECRET),
          }),
        ),
    });
    server.on("TCB info", () => undefined);
    await fail({ timeout: 50 });
    // A service that sends back what it was sent.
    server.on("TCB info", (_, _response, request) => ({
      status: 401,
      headers: { "Error-Message": String(request.headers["ocp-apim-subscription-key"]) },
      body: String(request.headers["ocp-apim-subscription-key"]),
    }));
    await fail();
    server.on("TCB info", () => ({ status: 302, headers: { Location: `/?key=${SECRET}` } }));
    await fail();
    for (const body of [SECRET, `{"${SECRET}":1}`, `{"${SECRET}":1,"${SECRET}":2}`]) {
      server.on("TCB info", ({ reply }) => ({ ...reply, body }));
      await fail();
    }
    await fail({ maxResponseLength: 1 });
    server.on("TCB info", () => ({ status: 503 }));
    await fail({ retries: 1 });

    assert.deepEqual([...seen.keys()].sort(), [
      "PCCS_RESPONSE_MALFORMED",
      "PCCS_RESPONSE_TOO_LARGE",
      "PCCS_STATUS",
      "PCCS_TIMEOUT",
      "PCCS_UNREACHABLE",
      "retry",
    ]);
    for (const [code, error] of seen) assert.ok(!textOf(error).includes(SECRET), code);
  });
});
