import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { fetchCollateralForQuote, type PccsRetry } from "../../../../sdk/tdx/pccs/index.ts";
import { quoteOf } from "../../../support/vectors.ts";
import type { Handler } from "./collateral-server.ts";
import {
  clientOf,
  collateral,
  items,
  parameters,
  recorded,
  refused,
  useServer,
} from "./support.ts";

/** Breaks the first `times` tries, then answers as usual. */
function failing(times: number, fail: Handler): Handler {
  return (context, response, request) =>
    context.count <= times ? fail(context, response, request) : context.reply;
}

describe("a source that cannot be reached", () => {
  const used = useServer();

  it("is PCCS_UNREACHABLE", async () => {
    const { server } = used;
    const client = clientOf(server, { url: "http://127.0.0.1:1" });
    await refused("PCCS_UNREACHABLE", client.fetchCollateral(parameters), {
      expected: "an answer from http://127.0.0.1:1",
    });
  });

  it("is named by the network's own code", async () => {
    const { server } = used;
    const refusing = Object.assign(new Error("no"), { code: "ECONNREFUSED" });
    const client = clientOf(server, {
      fetch: () => Promise.reject(new TypeError("fetch failed", { cause: refusing })),
    });
    await refused("PCCS_UNREACHABLE", client.fetchCollateral(parameters), {
      found: "ECONNREFUSED",
    });
    const nameless = clientOf(server, { fetch: () => Promise.reject(new TypeError("no")) });
    await refused("PCCS_UNREACHABLE", nameless.fetchCollateral(parameters), {
      found: "a network error",
    });
  });

  for (const item of items) {
    it(`is PCCS_UNREACHABLE when it drops the connection of the ${item}`, async () => {
      const { server } = used;
      server.on(item, (_, response) => {
        response.socket?.destroy();
        return undefined;
      });
      await refused("PCCS_UNREACHABLE", clientOf(server).fetchCollateral(parameters), {
        subject: item,
      });
    });
  }

  it("is PCCS_UNREACHABLE when it drops the connection within a body", async () => {
    const { server } = used;
    server.on("TCB info", ({ reply }, response) => {
      response.writeHead(200, { ...reply.headers, "Content-Length": "5000" });
      response.write('{"tcbInfo":', () => response.socket?.destroy());
      return undefined;
    });
    await refused("PCCS_UNREACHABLE", clientOf(server).fetchCollateral(parameters), {
      subject: "TCB info",
    });
  });

  it("is asked again", async () => {
    const { server } = used;
    server.on(
      "QE identity",
      failing(3, (_, response) => {
        response.socket?.destroy();
        return undefined;
      }),
    );
    const client = clientOf(server, { retries: 3 });
    assert.deepEqual({ ...(await client.fetchCollateral(parameters)) }, collateral);
    assert.equal(server.countOf("QE identity"), 4);
  });
});

describe("a source that is slow", () => {
  const used = useServer();
  const timeout = 150;

  it("is PCCS_TIMEOUT when it does not answer", async () => {
    const { server } = used;
    server.on("PCK CRL", () => undefined);
    await refused("PCCS_TIMEOUT", clientOf(server, { timeout }).fetchCollateral(parameters), {
      subject: "PCK CRL",
      expected: `a whole answer from ${server.url} within 150 ms`,
    });
  });

  it("is PCCS_TIMEOUT when its body drips", async () => {
    const { server } = used;
    let dripping: ReturnType<typeof setInterval> | undefined;
    server.on("TCB info", ({ reply }, response) => {
      response.writeHead(200, reply.headers);
      dripping = setInterval(() => response.write(" "), 5);
      response.on("close", () => clearInterval(dripping));
      return undefined;
    });
    await refused("PCCS_TIMEOUT", clientOf(server, { timeout }).fetchCollateral(parameters), {
      subject: "TCB info",
    });
  });

  it("is PCCS_TIMEOUT when `fetch` does not heed its signal", async () => {
    const { server } = used;
    const client = clientOf(server, { timeout, fetch: () => new Promise(() => {}) });
    await refused("PCCS_TIMEOUT", client.fetchCollateral(parameters));
  });

  it("is asked again", async () => {
    const { server } = used;
    server.on(
      "root CRL",
      failing(1, () => undefined),
    );
    const client = clientOf(server, { timeout: 400, retries: 1 });
    assert.deepEqual({ ...(await client.fetchCollateral(parameters)) }, collateral);
    assert.equal(server.countOf("root CRL"), 2);
  });
});

describe("a source that refuses", () => {
  const used = useServer();

  for (const status of [204, 206, 304, 400, 401, 403, 404, 410, 460, 461, 462]) {
    it(`is PCCS_STATUS for ${status}, and not asked again`, async () => {
      const { server } = used;
      server.on("TCB info", () => ({ status }));
      const client = clientOf(server, { retries: 3 });
      await refused("PCCS_STATUS", client.fetchCollateral(parameters), {
        subject: "TCB info",
        expected: 200,
        found: status === 304 ? "304, which is not followed" : status,
      });
      assert.equal(server.countOf("TCB info"), 1);
    });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    it(`is PCCS_STATUS for ${status}, which is not followed`, async () => {
      const { server } = used;
      server.on("TCB info", ({ count, reply }) =>
        count > 1 ? reply : { status, headers: { Location: "/tdx/certification/v4/tcb" } },
      );
      const client = clientOf(server, { retries: 3 });
      await refused("PCCS_STATUS", client.fetchCollateral(parameters), {
        found: `${status}, which is not followed`,
      });
      assert.equal(server.countOf("TCB info"), 1);
    });
  }

  it("is PCCS_STATUS for a redirect that a browser hides", async () => {
    const hidden = { type: "opaqueredirect", status: 0, headers: new Headers(), body: null };
    const client = clientOf(used.server, {
      retries: 3,
      fetch: () => Promise.resolve(hidden as unknown as Response),
    });
    await refused("PCCS_STATUS", client.fetchCollateral(parameters), { found: "a redirect" });
  });

  for (const status of [429, 500, 502, 503, 504]) {
    it(`is asked again after ${status}`, async () => {
      const { server } = used;
      const retries: PccsRetry[] = [];
      server.on(
        "PCK CRL",
        failing(2, () => ({ status, body: "later" })),
      );
      const client = clientOf(server, { retries: 2, onRetry: (retry) => retries.push(retry) });
      assert.deepEqual({ ...(await client.fetchCollateral(parameters)) }, collateral);
      assert.deepEqual(
        retries.map(({ item, failures, error }) => [item, failures, error.code, error.found]),
        [
          ["PCK CRL", 1, "PCCS_STATUS", status],
          ["PCK CRL", 2, "PCCS_STATUS", status],
        ],
      );
    });
  }

  it("is PCCS_STATUS when it goes on refusing", async () => {
    const { server } = used;
    server.on("PCK CRL", () => ({ status: 503 }));
    const client = clientOf(server, { retries: 2 });
    await refused("PCCS_STATUS", client.fetchCollateral(parameters), { found: 503 });
    assert.equal(server.countOf("PCK CRL"), 3);
  });

  it("is not asked sooner than it wants", async () => {
    const { server } = used;
    const retries: PccsRetry[] = [];
    server.on(
      "PCK CRL",
      failing(1, () => ({ status: 429, headers: { "Retry-After": "1" } })),
    );
    const client = clientOf(server, { retries: 1, onRetry: (retry) => retries.push(retry) });
    const start = performance.now();
    await client.fetchCollateral(parameters);
    assert.equal(retries[0]?.delay, 1000);
    assert.ok(performance.now() - start >= 990);
  });

  it("is not asked again when it wants more time than there is", async () => {
    const { server } = used;
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    for (const [wanted, seconds] of [
      ["11", /to be repeated after 11 s/],
      [inAnHour, /to be repeated after (?:3599|3600) s/],
    ] as const) {
      server.on("PCK CRL", () => ({ status: 503, headers: { "Retry-After": wanted } }));
      const client = clientOf(server, { retries: 3 });
      await refused("PCCS_STATUS", client.fetchCollateral(parameters), { found: seconds });
    }
    assert.equal(server.countOf("PCK CRL"), 2);
  });
});

describe("a source that sends too much", () => {
  const used = useServer();
  const tooMuch = 1_048_577;

  for (const item of items) {
    it(`is PCCS_RESPONSE_TOO_LARGE for the ${item}, without a Content-Length`, async () => {
      const { server } = used;
      let sent = 0;
      server.on(item, ({ reply }, response) => {
        response.writeHead(200, reply.headers);
        const chunk = Buffer.alloc(65_536, 0x20);
        const send = () => {
          sent += chunk.length;
          if (!response.destroyed) response.write(chunk, send);
        };
        send();
        return undefined;
      });
      await refused("PCCS_RESPONSE_TOO_LARGE", clientOf(server).fetchCollateral(parameters), {
        subject: item,
        expected: "at most 1048576 bytes",
      });
      assert.ok(sent < 64 * 1_048_576);
    });
  }

  it("is PCCS_RESPONSE_TOO_LARGE by its Content-Length, before the body", async () => {
    const { server } = used;
    server.on("TCB info", ({ reply }, response) => {
      response.writeHead(200, { ...reply.headers, "Content-Length": String(tooMuch) });
      response.flushHeaders();
      return undefined;
    });
    await refused("PCCS_RESPONSE_TOO_LARGE", clientOf(server).fetchCollateral(parameters), {
      found: `${tooMuch} bytes`,
    });
  });

  it("is PCCS_RESPONSE_TOO_LARGE for what a small body unpacks to", async () => {
    const { server } = used;
    const body = gzipSync(new Uint8Array(tooMuch));
    assert.ok(body.length < 10_000);
    server.on("TCB info", ({ reply }) => ({
      ...reply,
      headers: { ...reply.headers, "Content-Encoding": "gzip" },
      body,
    }));
    await refused("PCCS_RESPONSE_TOO_LARGE", clientOf(server).fetchCollateral(parameters));
  });

  it("is accepted up to the limit, and not a byte beyond", async () => {
    const { server } = used;
    const longest = Math.max(
      ...[collateral.pck_crl.length, collateral.root_ca_crl.length],
      JSON.stringify({ tcbInfo: "", signature: "" }).length -
        2 +
        collateral.tcb_info.length +
        collateral.tcb_info_signature.length,
    );
    server.flavour = "old PCCS";
    await clientOf(server, { maxResponseLength: longest }).fetchCollateral(parameters);
    await refused(
      "PCCS_RESPONSE_TOO_LARGE",
      clientOf(server, { maxResponseLength: longest - 1 }).fetchCollateral(parameters),
    );
  });

  it("is read in chunks of any size", async () => {
    const { server } = used;
    for (const item of items) {
      server.on(item, ({ reply }, response) => {
        response.writeHead(200, reply.headers);
        for (const byte of Buffer.from(reply.body ?? "")) response.write(Buffer.of(byte));
        response.end();
        return undefined;
      });
    }
    const fetched = await fetchCollateralForQuote(clientOf(server), quoteOf(recorded));
    assert.deepEqual({ ...fetched }, collateral);
  });

  it("is not asked again", async () => {
    const { server } = used;
    server.on("root CRL", ({ reply }) => ({ ...reply, body: new Uint8Array(tooMuch) }));
    const client = clientOf(server, { retries: 3 });
    await refused("PCCS_RESPONSE_TOO_LARGE", client.fetchCollateral(parameters));
    assert.equal(server.countOf("root CRL"), 1);
  });

  for (const [what, length] of [
    ["by the client's limit", 12_289],
    ["by the platform's limit", 20_000],
  ] as const) {
    it(`is PCCS_RESPONSE_TOO_LARGE for an issuer chain too long ${what}`, async () => {
      const { server } = used;
      server.on("TCB info", ({ reply }) => ({
        ...reply,
        headers: { "TCB-Info-Issuer-Chain": "A".repeat(length) },
      }));
      const client = clientOf(server, { retries: 3 });
      await refused("PCCS_RESPONSE_TOO_LARGE", client.fetchCollateral(parameters), {
        subject: /TCB info/,
      });
      assert.equal(server.countOf("TCB info"), 1);
    });
  }
});
