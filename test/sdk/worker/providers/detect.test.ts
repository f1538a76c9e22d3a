import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator } from "../../../../sdk/tdx/simulator/index.ts";
import {
  detectQuoteProvider,
  simulatorProvider,
  type WorkerError,
} from "../../../../sdk/worker/index.ts";

describe("detectQuoteProvider", () => {
  let folder: string;
  let places: { tsmFolder: string; dstackSocket: string; legacySocket: string };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chainseal-detect-"));
    places = {
      tsmFolder: join(folder, "tsm"),
      dstackSocket: join(folder, "dstack.sock"),
      legacySocket: join(folder, "tappd.sock"),
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("prefers the kernel, then the guest agent, then its predecessor", async () => {
    const names: string[] = [];
    for (const place of [places.legacySocket, places.dstackSocket, places.tsmFolder]) {
      writeFileSync(place, "");
      names.push((await detectQuoteProvider(places)).provider.name);
    }
    assert.deepEqual(names, ["dstack (tappd)", "dstack", "configfs-tsm"]);
  });

  it("says what it tried, whether it found something or not", async () => {
    await assert.rejects(detectQuoteProvider(places), (error: WorkerError) => {
      assert.equal(error.code, "QUOTE_PROVIDER_MISSING");
      for (const place of Object.values(places)) {
        assert.ok(String(error.found).includes(`${place}: ENOENT`));
      }
      return true;
    });
    writeFileSync(places.dstackSocket, "");
    const { tried } = await detectQuoteProvider(places);
    assert.deepEqual(
      tried.map(({ found }) => found),
      ["ENOENT", "usable"],
    );
  });
});

describe("the simulator as a provider", () => {
  const platform = createSimulator({ seed: "provider" }).platform();

  it("quotes what it is asked, of the TD it is told", async () => {
    const reportData = new Uint8Array(64).fill(9);
    const td = { rtmr3: "ab".repeat(48) };
    const quote = await simulatorProvider({ platform, td }).getQuote(reportData);
    assert.deepEqual(quote, platform.quote({ ...td, reportData }));
  });

  it("refuses report data of another length, and an aborted signal", async () => {
    const provider = simulatorProvider({ platform });
    await assert.rejects(provider.getQuote(new Uint8Array(63)), {
      code: "WORKER_PARAMETER_INVALID",
    });
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(provider.getQuote(new Uint8Array(64), { signal }), /enough/);
  });
});
