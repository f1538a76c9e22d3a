import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseQuote } from "../../../../sdk/tdx/index.ts";
import { createSimulator } from "../../../../sdk/tdx/simulator/index.ts";
import { type ConfigfsTsmOptions, configfsTsmProvider } from "../../../../sdk/worker/index.ts";
import { systemFiles } from "../../../../sdk/worker/providers/configfs-files.ts";
import { FakeTsm } from "../support/fake-tsm.ts";
import { ManualTiming } from "../support/manual-timing.ts";

const platform = createSimulator({ seed: "tsm" }).platform();
const reportData = new Uint8Array(64).fill(7);
const expected = platform.quote({ reportData });

const failure = (code: string) => Object.assign(new Error(code), { code });

function setUp(options: ConfigfsTsmOptions = {}) {
  const tsm = new FakeTsm((data) => platform.quote({ reportData: data }));
  const timing = new ManualTiming();
  const provider = configfsTsmProvider({ folder: "/tsm", files: tsm, timing, ...options });
  return { tsm, timing, provider, quote: () => provider.getQuote(reportData) };
}

describe("configfs-tsm", () => {
  it("writes the report data to an entry of its own, and removes it", async () => {
    const { tsm, quote } = setUp();
    assert.deepEqual(await quote(), expected);
    await quote();
    assert.equal(tsm.entries.size, 0);
    assert.equal(new Set(tsm.removed).size, 2);
    assert.deepEqual(tsm.calls.slice(0, 7), [
      "mkdir",
      "read provider",
      "read generation",
      "write inblob",
      "read generation",
      "read outblob",
      "read generation",
    ]);
  });

  it("takes the padding off, as of GCP", async () => {
    const { tsm, quote } = setUp();
    tsm.pad = (bytes) => {
      const padded = new Uint8Array(8000);
      padded.set(bytes);
      return padded;
    };
    const bytes = await quote();
    assert.deepEqual(bytes, expected);
    assert.equal(parseQuote(bytes).trailingLength, 0);
  });

  for (const moment of ["write inblob", "read outblob"]) {
    it(`asks again when another process wrote (${moment})`, async () => {
      const { tsm, quote } = setUp();
      tsm.before = (call, count) => {
        if (call === moment && count <= 2) tsm.interfere();
      };
      assert.deepEqual(await quote(), expected);
      assert.equal(tsm.calls.filter((call) => call === "write inblob").length, 3);
    });
  }

  it("gives up when others never leave it alone", async () => {
    const { tsm, quote, timing } = setUp({ retry: { attempts: 3 } });
    tsm.before = (call) => {
      if (call === "read outblob") tsm.interfere();
    };
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_BUSY" });
    assert.equal(timing.waits.length, 2);
    assert.equal(tsm.entries.size, 0);
  });

  for (const code of ["EBUSY", "EINTR", "EAGAIN"]) {
    it(`waits and tries again on ${code}`, async () => {
      const { tsm, quote, timing } = setUp();
      tsm.before = (call, count) => {
        if ((call === "write inblob" || call === "read outblob") && count === 1)
          throw failure(code);
      };
      assert.deepEqual(await quote(), expected);
      assert.deepEqual(timing.waits, [75, 150]);
    });
  }

  it("gives up on a quoting service that stays busy", async () => {
    const { tsm, quote, timing } = setUp();
    tsm.before = (call) => {
      if (call === "read outblob") throw failure("EBUSY");
    };
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_BUSY", found: "EBUSY" });
    assert.equal(timing.waits.length, 7);
    assert.ok(timing.waits.every((wait) => wait <= 5000));
  });

  it("stops waiting when its signal aborts", async () => {
    const { tsm, provider } = setUp();
    const controller = new AbortController();
    tsm.before = (call) => {
      if (call !== "read outblob") return;
      controller.abort(new Error("enough"));
      throw failure("EBUSY");
    };
    await assert.rejects(provider.getQuote(reportData, { signal: controller.signal }), /enough/);
    assert.equal(tsm.entries.size, 0);
  });

  it("refuses a kernel of another TEE", async () => {
    const { tsm, quote } = setUp();
    tsm.provider = "sev_guest\n";
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_UNSUPPORTED", found: "sev_guest" });
    assert.equal(tsm.entries.size, 0);
    assert.ok(!tsm.calls.includes("write inblob"));
  });

  it("refuses a quote over other report data", async () => {
    const { quote } = setUp({
      files: new FakeTsm(() => platform.quote({ reportData: new Uint8Array(64) })),
    });
    await assert.rejects(quote(), { code: "QUOTE_REPORT_DATA_MISMATCH" });
  });

  const outblobs = {
    "is empty": () => new Uint8Array(),
    "ends early": (quote: Uint8Array) => quote.slice(0, quote.length - 1),
    "is no quote": () => new Uint8Array(5000).fill(0x41),
    "is longer than 64 KB": () => new Uint8Array(70_000),
  };
  for (const [name, pad] of Object.entries(outblobs)) {
    it(`refuses an outblob that ${name}`, async () => {
      const { tsm, quote } = setUp();
      tsm.pad = pad;
      await assert.rejects(quote(), { code: "QUOTE_PROVIDER_RESPONSE_INVALID" });
      assert.equal(tsm.entries.size, 0);
    });
  }

  it("refuses report data of another length before it asks", async () => {
    const { tsm, provider } = setUp();
    await assert.rejects(provider.getQuote(new Uint8Array(32)), {
      code: "WORKER_PARAMETER_INVALID",
    });
    assert.deepEqual(tsm.calls, []);
  });

  it("gives the quote also when it may not remove its entry", async () => {
    const { tsm, quote } = setUp();
    tsm.before = (call) => {
      if (call === "rmdir") throw failure("EPERM");
    };
    assert.deepEqual(await quote(), expected);
  });

  it("says what it may not do", async () => {
    const { tsm, quote } = setUp();
    tsm.before = (call) => {
      if (call === "mkdir") throw failure("EACCES");
    };
    await assert.rejects(quote(), { code: "QUOTE_PROVIDER_FAILED", found: "EACCES" });
  });

  describe("on a real file system", () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "chainseal-tsm-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("reads and writes attributes as files", async () => {
      // No kernel fills the entry here, so this does when it is made, and when it is written to.
      const files = {
        ...systemFiles,
        async mkdir(path: string) {
          await systemFiles.mkdir(path);
          for (const name of ["inblob", "outblob"]) writeFileSync(`${path}/${name}`, "");
          writeFileSync(`${path}/provider`, "tdx_guest\n");
          writeFileSync(`${path}/generation`, "0\n");
        },
        async write(path: string, bytes: Uint8Array) {
          await systemFiles.write(path, bytes);
          const entry = path.replace(/\/inblob$/, "");
          writeFileSync(`${entry}/outblob`, platform.quote({ reportData: readFileSync(path) }));
          writeFileSync(`${entry}/generation`, "1\n");
        },
        async rmdir(path: string) {
          // Attributes of configfs go with their folder.
          for (const name of readdirSync(path)) rmSync(`${path}/${name}`);
          await systemFiles.rmdir(path);
        },
      };
      const provider = configfsTsmProvider({ folder, files });
      assert.deepEqual(await provider.getQuote(reportData), expected);
      assert.deepEqual(readdirSync(folder), []);
    });

    it("says that the kernel has no such folder", async () => {
      const provider = configfsTsmProvider({ folder: join(folder, "missing") });
      await assert.rejects(provider.getQuote(reportData), {
        code: "QUOTE_PROVIDER_FAILED",
        found: "ENOENT",
      });
    });

    it("reads no more than a byte beyond its limit", async () => {
      writeFileSync(join(folder, "large"), "x".repeat(5000));
      assert.equal((await systemFiles.read(join(folder, "large"), 100)).length, 101);
    });
  });
});
