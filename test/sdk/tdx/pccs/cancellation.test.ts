import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { promisify } from "node:util";
import { fetchCollateralForQuote } from "../../../../sdk/tdx/pccs/index.ts";
import { quoteOf } from "../../../support/vectors.ts";
import {
  clientOf,
  collateral,
  items,
  parameters,
  recorded,
  refused,
  useServer,
} from "./support.ts";

const MODULE = new URL("../../../../sdk/tdx/pccs/index.ts", import.meta.url).href;

/** Waits until something holds, which it must within a second. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 200, "it does not come about");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("cancelling", () => {
  const used = useServer();

  it("sends nothing when it was cancelled before", async () => {
    const { server } = used;
    const reason = new Error("the caller's");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(clientOf(server).fetchCollateral({ ...parameters, signal }), reason);
    assert.equal(server.requests.length, 0);
  });

  it("ends every request, with the caller's reason", async () => {
    const { server } = used;
    for (const item of items) server.on(item, () => undefined);
    const controller = new AbortController();
    const { signal } = controller;
    const fetching = fetchCollateralForQuote(clientOf(server), quoteOf(recorded), { signal });
    const reason = new Error("the caller's");
    const rejected = assert.rejects(fetching, reason);
    await until(() => server.requests.length === 4);
    controller.abort(reason);
    await rejected;
    await until(() => server.cancelled === 4);
  });

  it("ends a wait", async () => {
    const { server } = used;
    server.on("TCB info", () => ({ status: 503 }));
    const controller = new AbortController();
    const client = clientOf(server, {
      retries: 3,
      retryDelay: 60_000,
      maxRetryDelay: 60_000,
      onRetry: ({ delay }) => {
        assert.ok(delay >= 30_000 && delay <= 60_000);
        controller.abort();
      },
    });
    const { signal } = controller;
    await assert.rejects(client.fetchCollateral({ ...parameters, signal }), { name: "AbortError" });
    assert.equal(server.countOf("TCB info"), 1);
  });

  it("leaves nothing on the caller's signal", async () => {
    const { server } = used;
    const { signal } = new AbortController();
    const client = clientOf(server);
    assert.deepEqual({ ...(await client.fetchCollateral({ ...parameters, signal })) }, collateral);
    server.on("TCB info", () => ({ status: 404 }));
    await refused("PCCS_STATUS", client.fetchCollateral({ ...parameters, signal }));
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
});

describe("the first failure", () => {
  const used = useServer();

  for (const item of items) {
    it(`of the ${item} cancels the rest`, async () => {
      const { server } = used;
      for (const other of items) server.on(other, () => undefined);
      // Not before the others are under way.
      server.on(item, (_, response) => {
        void until(() => server.requests.length === 4).then(() => response.writeHead(403).end());
        return undefined;
      });
      await refused("PCCS_STATUS", clientOf(server).fetchCollateral(parameters), {
        subject: item,
        found: 403,
      });
      await until(() => server.cancelled === 3);
    });
  }

  it("is the one that is reported", async () => {
    const { server } = used;
    for (const item of items) server.on(item, () => ({ status: 503 }));
    server.on("QE identity", () => ({ status: 410 }));
    const client = clientOf(server, { retries: 3, retryDelay: 60_000, maxRetryDelay: 60_000 });
    await refused("PCCS_STATUS", client.fetchCollateral(parameters), {
      subject: "QE identity",
      found: 410,
    });
    assert.ok(items.every((item) => server.countOf(item) <= 1));
  });
});

describe("a process that has fetched", () => {
  const used = useServer();

  /** A process ends by itself when nothing is left open; an unhandled rejection ends it with 1. */
  async function runToItsEnd(options: object): Promise<string> {
    const script = `
      const { createPccsClient } = await import(${JSON.stringify(MODULE)});
      const client = createPccsClient(${JSON.stringify({ url: used.server.url, ...options })});
      const outcome = await client.fetchCollateral(${JSON.stringify(parameters)}).then(
        () => "fetched", (error) => error.code);
      process.stdout.write(outcome);`;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
      timeout: 15_000,
    });
    return stdout;
  }

  it("ends", async () => {
    assert.equal(await runToItsEnd({ timeout: 60_000 }), "fetched");
  });

  it("ends when it failed with requests and waits under way", async () => {
    const { server } = used;
    server.on("PCK CRL", () => undefined);
    server.on("root CRL", () => ({ status: 503 }));
    server.on("TCB info", ({ reply }, response) => {
      response.writeHead(200, reply.headers).write("{");
      return undefined;
    });
    server.on("QE identity", (_, response) => {
      void until(() => server.requests.length === 4).then(() => response.writeHead(404).end());
      return undefined;
    });
    const options = { timeout: 60_000, retryDelay: 60_000, maxRetryDelay: 60_000 };
    assert.equal(await runToItsEnd(options), "PCCS_STATUS");
  });
});
