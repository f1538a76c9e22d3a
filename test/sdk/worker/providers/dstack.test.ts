import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { createSimulator } from "../../../../sdk/tdx/simulator/index.ts";
import { type DstackProviderOptions, dstackProvider } from "../../../../sdk/worker/index.ts";
import { FakeAgent } from "../support/fake-agent.ts";

const platform = createSimulator({ seed: "dstack" }).platform();
const reportData = new Uint8Array(64).map((_, index) => index);
const expected = platform.quote({ reportData });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("dstack's guest agent", () => {
  let agent: FakeAgent;

  beforeEach(async () => {
    agent = await FakeAgent.start();
  });
  afterEach(async () => await agent.close());

  const quote = (options: DstackProviderOptions = {}) =>
    dstackProvider({ socketPath: agent.socketPath, ...options }).getQuote(reportData);

  /** As the agent does, with what it also says beside the quote. */
  const honest = (response: ServerResponse, body: string) => {
    const { report_data } = JSON.parse(body);
    const bytes = platform.quote({ reportData: Buffer.from(report_data, "hex") });
    const padded = hex(bytes) + "00".repeat(70);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ quote: padded, event_log: "[]", report_data, vm_config: "{}" }));
  };

  it("is asked over its socket, and its padding taken off", async () => {
    agent.answer = honest;
    assert.deepEqual(await quote(), expected);
    assert.deepEqual(agent.received, [
      { path: "/GetQuote", body: JSON.stringify({ report_data: hex(reportData) }) },
    ]);
  });

  it("is asked as its predecessor was, when told so", async () => {
    agent.answer = honest;
    assert.deepEqual(await quote({ isLegacy: true }), expected);
    assert.equal(agent.received[0]?.path, "/prpc/Tappd.RawQuote");
  });

  it("is not believed when it replays a quote", async () => {
    const other = hex(platform.quote({ reportData: new Uint8Array(64) }));
    agent.answer = (response) =>
      response.end(JSON.stringify({ quote: other, report_data: hex(reportData) }));
    await assert.rejects(quote(), { code: "QUOTE_REPORT_DATA_MISMATCH" });
  });

  const bodies = {
    "no JSON": "quote",
    "JSON without a quote": "{}",
    "a quote that is a number": '{"quote":7}',
    "a quote that stands twice": `{"quote":"00","quote":"${hex(expected)}"}`,
    "a quote in base64": JSON.stringify({ quote: Buffer.from(expected).toString("base64") }),
    "hex that is no quote": '{"quote":"00ff"}',
    "a quote of more than 64 KB": JSON.stringify({ quote: "00".repeat(65_537) }),
    "more than 4 MB": `{"quote":"${"0".repeat(4_300_000)}"}`,
    nothing: "",
  };
  for (const [name, body] of Object.entries(bodies)) {
    it(`is not believed with ${name}`, async () => {
      agent.answer = (response) => response.end(body);
      await assert.rejects(quote(), { code: "QUOTE_PROVIDER_RESPONSE_INVALID" });
    });
  }

  it("is not believed with bytes that are not UTF-8", async () => {
    agent.answer = (response) => response.end(Buffer.from([0x7b, 0xff, 0x7d]));
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_RESPONSE_INVALID" });
  });

  it("that refuses is quoted by its status", async () => {
    agent.answer = (response) => {
      response.statusCode = 500;
      response.end("{}");
    };
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_FAILED", found: "HTTP status 500" });
  });

  it("that ends the connection early has failed, before and in its answer", async () => {
    agent.answer = (response) => response.destroy();
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_FAILED" });
    agent.answer = (response) => {
      response.setHeader("content-length", "1000");
      response.write('{"quote":"');
      setTimeout(() => response.destroy(), 5);
    };
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_FAILED" });
  });

  it("that is slow is not waited for, with no byte or one now and then", async () => {
    agent.answer = () => undefined;
    await assert.rejects(quote({ timeout: 20 }), { code: "QUOTE_PROVIDER_TIMEOUT" });
    let timer: ReturnType<typeof setInterval> | undefined;
    agent.answer = (response) => {
      timer = setInterval(() => response.write(" "), 3);
    };
    await assert.rejects(quote({ timeout: 40 }), { code: "QUOTE_PROVIDER_TIMEOUT" });
    clearInterval(timer);
  });

  it("is left alone when the signal aborts, before and while it answers", async () => {
    const provider = dstackProvider({ socketPath: agent.socketPath });
    const aborted = AbortSignal.abort(new Error("enough"));
    await assert.rejects(provider.getQuote(reportData, { signal: aborted }), /enough/);
    assert.equal(agent.received.length, 0);
    const controller = new AbortController();
    agent.answer = () => controller.abort(new Error("enough"));
    await assert.rejects(provider.getQuote(reportData, { signal: controller.signal }), /enough/);
  });

  it("that is not there has failed", async () => {
    const provider = dstackProvider({ socketPath: `${agent.socketPath}.missing` });
    await assert.rejects(provider.getQuote(reportData), {
      code: "QUOTE_PROVIDER_FAILED",
      found: "ENOENT",
    });
  });
});
