import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { type BrowserContext, chromium } from "playwright-core";
import { TdxError, verify } from "../../sdk/tdx/index.ts";
import { intelSgxRootCa } from "../../sdk/tdx/intel-root.ts";
import { needs } from "../support/programs.ts";
import {
  collateralCases,
  collateralOf,
  quoteCases,
  quoteOf,
  readVector,
  tdxManifest,
} from "../support/vectors.ts";
import { bundleForBrowser } from "./bundle.ts";
import { type StaticServer, serve } from "./static-server.ts";
import type { PageOutcome, PageReport } from "./vectors-page.ts";

/** What each verifier is bundled with, and how large it may be. */
const CORES = [
  { core: "sdk/tdx", sizeLimit: 40_000, files: ["sdk/tdx"] },
  { core: "sdk/gpu", sizeLimit: 50_000, files: ["sdk/gpu", "sdk/gpu/ocsp", "sdk/gpu/xml"] },
] as const;

/** Minified and gzipped, with its dependencies. Raise a limit knowingly, or not at all. */
for (const { core, sizeLimit, files } of CORES) {
  const entry = { entryPoints: [`${core}/index.ts`] };

  describe(`bundle of ${core} for browsers`, () => {
    for (const format of ["esm", "iife"] as const) {
      it(`needs nothing of Node.js (${format})`, async () => {
        const { code } = await bundleForBrowser(entry, format);
        // The one place that asks for node:crypto does so at run time, and lives without it.
        const text = new TextDecoder().decode(code);
        const named = [...text.matchAll(/["'`](node:[a-z_/]+)["'`]/g)].map(([, name]) => name);
        assert.deepEqual(named, ["node:crypto"]);
        assert.doesNotMatch(text, /\brequire\(|\bBuffer\b/);
      });
    }

    it("would not be made if it did", async () => {
      for (const contents of [
        'export { createHash } from "node:crypto";',
        'import "fs";',
        'export const load = () => import("node:fs/promises");',
        'export const load = () => require("node:fs");',
      ]) {
        const stdin = { contents, resolveDir: import.meta.dirname };
        await assert.rejects(bundleForBrowser({ stdin }), /Could not resolve/, contents);
      }
    });

    it("holds the verifier and @noble, and neither simulator nor client", async () => {
      const { inputs } = await bundleForBrowser(entry);
      const folders = new Set(
        inputs.map((file) => /^(node_modules\/(@[^/]+\/)?[^/]+|.*(?=\/))/.exec(file)?.[0]),
      );
      assert.deepEqual([...folders].sort(), [
        "node_modules/@noble/curves",
        "node_modules/@noble/hashes",
        "sdk",
        ...files,
        "sdk/x509",
      ]);
    });

    it(`is at most ${sizeLimit} bytes, minified and gzipped`, async () => {
      const { code } = await bundleForBrowser(entry);
      const size = gzipSync(code, { level: 9 }).length;
      console.log(`      ${size} bytes gzipped, ${code.length} minified`);
      assert.ok(size <= sizeLimit, `${size} bytes`);
    });
  });
}

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>vectors</title><script src="/page.js"></script>';

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Serves the page, its script and the vectors. */
async function serveVectors(script: Uint8Array): Promise<StaticServer> {
  const files = new Set(
    ["manifest.json"].concat(
      tdxManifest.cases.flatMap(({ dir, quote, collateral }) =>
        [quote, collateral].map((file) => `${dir}/${file}`),
      ),
    ),
  );
  return serve((requested) => {
    if (requested === "/") return { type: "text/html", body: PAGE };
    if (requested === "/page.js") return { type: "text/javascript", body: script };
    const file = requested.slice("/vectors/".length);
    if (!requested.startsWith("/vectors/") || !files.has(file)) return undefined;
    const type = file.endsWith(".json") ? "application/json" : "application/octet-stream";
    return { type, body: readVector(`tdx/${file}`) };
  });
}

/** What Node.js comes to on the same case. */
function inNode(at: number, quote: Uint8Array, collateral: object | null): Partial<PageOutcome> {
  try {
    const options = { at, root: intelSgxRootCa() };
    const { status, tcbDate, advisoryIds } = verify(quote, collateral, options);
    return { status, tcbDate, advisoryIds };
  } catch (error) {
    if (error instanceof TdxError) return { code: error.code };
    throw error;
  }
}

describe("the verifier in Chromium", function () {
  this.timeout(120_000);
  let server: StaticServer | undefined;
  let browser: BrowserContext | undefined;
  let profile: string | undefined;
  const outside: string[] = [];
  let report: PageReport;

  before(async function () {
    const executablePath = needs(this, "chromium");
    const { code } = await bundleForBrowser(
      { entryPoints: ["test/browser/vectors-page.ts"] },
      "iife",
    );
    server = await serveVectors(code);
    profile = mkdtempSync(path.join(tmpdir(), "chainseal-chromium-"));
    browser = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS });
    const { origin } = server;
    browser.on("request", (request) => {
      if (!request.url().startsWith(origin)) outside.push(request.url());
    });
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${origin}/`);
    report = (await page.evaluate("verifyVectors()")) as PageReport;
    assert.deepEqual(errors, []);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    if (profile !== undefined) rmSync(profile, { recursive: true, force: true });
  });

  it("has no node:crypto, and uses JavaScript's", () => {
    assert.equal(report.hasNodeBackend, false);
    assert.equal(report.hasProcess, false);
    assert.equal(report.backend, "noble");
  });

  it("asks for nothing outside of the page's own origin", () => {
    assert.deepEqual(outside, []);
  });

  it("tries every case of the manifest", () => {
    assert.deepEqual(
      report.outcomes.map(({ name }) => name),
      tdxManifest.cases.map(({ name }) => name),
    );
  });

  it("gives Intel's status, dates and advisories, as in Node.js", () => {
    const outcomes = new Map(report.outcomes.map((outcome) => [outcome.name, outcome]));
    for (const entry of collateralCases) {
      const outcome = outcomes.get(entry.name);
      assert.equal(outcome?.status ?? null, entry.expected.tcb_status, entry.name);
      assert.deepEqual(outcome, {
        name: entry.name,
        ...inNode(entry.verify_at, quoteOf(entry), collateralOf(entry)),
      });
    }
  });

  it("refuses what has no collateral, another root or another TEE", () => {
    const codes = {
      "quote-only": "COLLATERAL_MISSING",
      "test-root": "ROOT_UNTRUSTED",
      sgx: "QUOTE_IS_SGX",
    } as const;
    for (const kind of ["quote-only", "test-root", "sgx"] as const) {
      for (const { name } of quoteCases(kind)) {
        const outcome = report.outcomes.find((candidate) => candidate.name === name);
        assert.deepEqual(outcome, { name, code: codes[kind] });
      }
    }
  });
});
