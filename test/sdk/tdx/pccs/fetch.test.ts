import assert from "node:assert/strict";
import {
  createCollateral,
  intelSgxRootCa,
  parseQuote,
  TdxError,
  verify,
} from "../../../../sdk/tdx/index.ts";
import {
  createPccsClient,
  fetchCollateralForQuote,
  type PccsProgress,
} from "../../../../sdk/tdx/pccs/index.ts";
import { collateralCases, collateralOf, quoteOf } from "../../../support/vectors.ts";
import { simulator } from "../support/simulated.ts";
import { flavours } from "./collateral-server.ts";
import { clientOf, collateral, parameters, recorded, refused, useServer } from "./support.ts";

const INTEL_PCS = "https://api.trustedservices.intel.com";
const root = intelSgxRootCa();

describe("fetching collateral", () => {
  const used = useServer();

  for (const flavour of flavours) {
    it(`gives what a ${flavour} has, to the byte`, async () => {
      const { server } = used;
      server.flavour = flavour;
      const client = clientOf(server, {
        fetch: server.fetch,
        ...(flavour === "PCS" ? { url: INTEL_PCS } : {}),
      });
      assert.deepEqual({ ...(await client.fetchCollateral(parameters)) }, collateral);
    });
  }

  for (const entry of collateralCases) {
    it(`serves to verify ${entry.name}`, async () => {
      const { server } = used;
      const json = collateralOf(entry);
      server.reset(json);
      const quote = quoteOf(entry);
      const fetched = await fetchCollateralForQuote(clientOf(server), quote);
      assert.deepEqual({ ...fetched }, json);
      createCollateral(fetched, { root });

      const { tcb_status, intel_status_code } = entry.expected;
      try {
        assert.equal(verify(quote, fetched, { at: entry.verify_at, root }).status, tcb_status);
      } catch (error) {
        if (tcb_status !== null || !(error instanceof TdxError)) throw error;
        assert.equal(error.code, "TCB_LEVEL_NOT_SUPPORTED", intel_status_code);
      }
    });
  }

  it("takes a parsed quote, and the processor CA from its certificate", async () => {
    const { server } = used;
    const json = simulator.collateral({ ca: "processor" });
    server.reset(json);
    const quote = simulator.platform({ ca: "processor" }).quote();
    const fetched = await fetchCollateralForQuote(clientOf(server), parseQuote(quote));
    assert.deepEqual({ ...fetched }, json);
    const trust = { at: simulator.at, root: simulator.rootCertificate };
    assert.equal(verify(quote, fetched, trust).status, "UpToDate");
    const crl = server.requests.find(({ item }) => item === "PCK CRL");
    assert.deepEqual(crl?.query, { ca: "processor", encoding: "der" });
  });

  it("refuses a quote that does not carry its chain", async () => {
    const { server } = used;
    const quote = simulator.platform().quote({ certificationData: { type: 1 } });
    await refused("PCK_CHAIN_MISSING", fetchCollateralForQuote(clientOf(server), quote));
    assert.equal(server.requests.length, 0);
  });

  it("asks each endpoint once", async () => {
    const { server } = used;
    await clientOf(server).fetchCollateral({ fmspc: "0x00806F050000", pckCa: "platform" });
    assert.deepEqual(
      server.requests.map(({ path, query }) => ({ path, query })).sort(byPath),
      [
        { path: "/sgx/certification/v4/pckcrl", query: { ca: "platform", encoding: "der" } },
        { path: "/sgx/certification/v4/rootcacrl", query: {} },
        { path: "/tdx/certification/v4/qe/identity", query: {} },
        { path: "/tdx/certification/v4/tcb", query: { fmspc: "00806F050000" } },
      ].sort(byPath),
    );
  });

  it("asks for an update type", async () => {
    const { server } = used;
    await clientOf(server).fetchCollateral({ ...parameters, update: "early" });
    assert.deepEqual(editionsOf(server.requests), [{ update: "early" }, { update: "early" }]);
  });

  it("asks for a TCB evaluation data number", async () => {
    const { server } = used;
    await clientOf(server).fetchCollateral({ ...parameters, tcbEvaluationDataNumber: 19 });
    const edition = { tcbEvaluationDataNumber: "19" };
    assert.deepEqual(editionsOf(server.requests), [edition, edition]);
  });

  for (const path of [
    "/",
    "/sgx/certification/v4",
    "/sgx/certification/v4/",
    "/tdx/certification/v4/",
  ]) {
    it(`takes an address that ends in ${path}`, async () => {
      const { server } = used;
      const client = clientOf(server, { url: new URL(`${server.url}${path}`) });
      await client.fetchCollateral(parameters);
      assert.ok(server.requests.every((request) => /^\/(?:sgx|tdx)\/c/.test(request.path)));
    });
  }

  it("keeps a path that comes before the API's own", async () => {
    const { server } = used;
    for (const path of ["/cache/pccs", "/cache/pccs/", "/cache/pccs/sgx/certification/v4/"]) {
      await clientOf(server, { url: server.url + path }).fetchCollateral(parameters);
    }
    assert.equal(server.requests.length, 12);
    assert.ok(server.requests.every((request) => /^\/cache\/pccs\/(?:s|t)/.test(request.path)));
  });

  it("reports progress", async () => {
    const { server } = used;
    const seen: PccsProgress[] = [];
    const client = clientOf(server, { onProgress: (progress) => seen.push(progress) });
    await client.fetchCollateral(parameters);
    assert.deepEqual(
      seen.map(({ received, total }) => `${received}/${total}`),
      ["1/4", "2/4", "3/4", "4/4"],
    );
    const rootCrl = seen.find(({ item }) => item === "root CRL");
    assert.equal(rootCrl?.length, collateral.root_ca_crl.length);
    assert.equal(new Set(seen.map(({ item }) => item)).size, 4);
  });

  it("fails when a hook throws", async () => {
    const failure = new Error("the hook's");
    const client = clientOf(used.server, {
      onProgress: () => {
        throw failure;
      },
    });
    await assert.rejects(client.fetchCollateral(parameters), failure);
  });

  it("uses one client for many", async () => {
    const client = clientOf(used.server);
    const fetched = await Promise.all(
      Array.from({ length: 8 }, () => client.fetchCollateral(parameters)),
    );
    for (const json of fetched) assert.deepEqual({ ...json }, collateral);
    assert.equal(used.server.requests.length, 32);
  });

  it("sends its headers, and the credentials of the address", async () => {
    const { server } = used;
    const url = server.url.replace("http://", "http://us%C3%A9r:p%3Ass@");
    await clientOf(server, { url, headers: { "X-Key": "value" } }).fetchCollateral(parameters);
    const authorization = `Basic ${Buffer.from("usér:p:ss").toString("base64")}`;
    for (const { headers } of server.requests) {
      assert.equal(headers["x-key"], "value");
      assert.equal(headers.authorization, authorization);
    }
  });
});

describe("the root CRL", () => {
  const used = useServer();

  it("comes from Intel's certificate host when the source is Intel's PCS", async () => {
    const { server } = used;
    server.flavour = "PCS";
    const client = createPccsClient({
      url: INTEL_PCS,
      fetch: server.fetch,
      headers: { "Ocp-Apim-Subscription-Key": "key" },
    });
    assert.deepEqual({ ...(await client.fetchCollateral(parameters)) }, collateral);
    const hosts = server.requests.map(({ path, headers }) => [
      headers["x-stands-for"],
      path === "/IntelSGXRootCA.der",
      headers["ocp-apim-subscription-key"],
    ]);
    // The key is for the API; the other host gets none.
    assert.deepEqual(
      hosts.filter(([, isRootCrl]) => isRootCrl),
      [["certificates.trustedservices.intel.com", true, undefined]],
    );
    assert.deepEqual(
      hosts.filter(([, isRootCrl]) => !isRootCrl),
      Array(3).fill(["api.trustedservices.intel.com", false, "key"]),
    );
  });

  it("comes from `rootCaCrlUrl` when the source answers 404", async () => {
    const { server } = used;
    server.flavour = "PCS";
    const client = clientOf(server, {
      fetch: server.fetch,
      headers: { "X-Key": "value" },
      rootCaCrlUrl: "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der",
    });
    assert.deepEqual({ ...(await client.fetchCollateral(parameters)) }, collateral);
    const paths = server.requests.filter(({ item }) => item === "root CRL");
    assert.deepEqual(
      paths.map(({ path, headers }) => [path, headers["x-key"]]),
      [
        ["/sgx/certification/v4/rootcacrl", "value"],
        ["/IntelSGXRootCA.der", undefined],
      ],
    );
  });

  it("is not looked for elsewhere when the source has it, or fails", async () => {
    const { server } = used;
    const client = clientOf(server, {
      fetch: server.fetch,
      rootCaCrlUrl: "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der",
    });
    await client.fetchCollateral(parameters);
    server.on("root CRL", () => ({ status: 403 }));
    await refused("PCCS_STATUS", client.fetchCollateral(parameters), { found: 403 });
    assert.ok(server.requests.every(({ path }) => !path.endsWith(".der")));
  });

  it("is not looked for at an address that stands in unverified data", async () => {
    const { server } = used;
    server.flavour = "PCS";
    // The recorded certificates name Intel's distribution point.
    await refused("PCCS_STATUS", clientOf(server).fetchCollateral(parameters), {
      subject: "root CRL",
      expected: /rootCaCrlUrl/,
      found: 404,
    });
    assert.ok(server.requests.every(({ path }) => !path.endsWith(".der")));
  });
});

describe("what is fetched", () => {
  const used = useServer();

  it("is not verified: `verify` does that", async () => {
    const { server } = used;
    const forged = collateral.tcb_info_signature.replace(/^../, (byte) =>
      byte === "00" ? "01" : "00",
    );
    server.reset({ ...collateral, tcb_info_signature: forged });
    const fetched = await clientOf(server).fetchCollateral(parameters);
    assert.throws(
      () => verify(quoteOf(recorded), fetched, { at: recorded.verify_at, root }),
      (error) => error instanceof TdxError && error.code === "TCB_INFO_SIGNATURE_INVALID",
    );
  });
});

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** What the requests for signed documents ask for beside the platform. */
function editionsOf(
  requests: readonly { readonly path: string; readonly query: Readonly<Record<string, string>> }[],
) {
  return requests
    .filter(({ path }) => path.startsWith("/tdx/"))
    .map(({ query: { fmspc: _, ...edition } }) => edition);
}
