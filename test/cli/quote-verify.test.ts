import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { caseNamed, quoteOf, readVector } from "../support/vectors.ts";
import { runCli, temporaryFiles } from "./support/run-cli.ts";

const VECTORS = fileURLToPath(new URL("../vectors/tdx/", import.meta.url));

function pathsOf(name: string): { quote: string; collateral: string; at: string } {
  const { dir, quote, collateral, verify_at } = caseNamed(name);
  return {
    quote: `${VECTORS}${dir}/${quote}`,
    collateral: `${VECTORS}${dir}/${collateral}`,
    at: String(verify_at),
  };
}

const GOOD = "v4-00806f050000-0b7c5579/collateral-20260715-eval19";
const OUT_OF_DATE = "v4-b0c06f000000-063c31a7/collateral-20260828-eval20";
const DEBUG = "v4-50806f000000-12b401a8/collateral-20230628-eval15";
const good = pathsOf(GOOD);

describe("chainseal quote verify", () => {
  const files = temporaryFiles();
  const goodQuote = quoteOf(caseNamed(GOOD));
  const verifyGood = (...words: string[]) =>
    runCli([
      "quote",
      "verify",
      good.quote,
      "--collateral",
      good.collateral,
      "--at",
      good.at,
      ...words,
    ]);

  it("accepts a real quote and says what was measured and why", async () => {
    const { code, stdout, stderr } = await verifyGood();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /MRTD +0x[0-9a-f]{96}/);
    assert.match(stdout, /TCB UpToDate, of 2025-05-14/);
    assert.match(stdout, /TDX module +UpToDate/);
    assert.match(stdout, /^Accepted$/m);
  });

  it("prints the whole verdict as JSON", async () => {
    const { code, json } = await verifyGood("--json");
    assert.equal(code, 0);
    const verdict = json();
    assert.equal(verdict.verified, true);
    assert.equal(verdict.status, "UpToDate");
    assert.equal(verdict.tcbDate, "2025-05-14T00:00:00Z");
    assert.deepEqual(verdict.advisoryIds, []);
    assert.equal(verdict.accepted, true);
    assert.deepEqual(verdict.reasons, []);
    assert.equal(Object.keys(verdict.report as object).length, 15);
    assert.equal(verdict.at, Number(good.at));
  });

  for (const [name, encode] of Object.entries({
    hex: (bytes: Uint8Array) => Buffer.from(bytes).toString("hex"),
    "hex with 0x and line breaks": (bytes: Uint8Array) =>
      `0x${(
        Buffer.from(bytes)
          .toString("hex")
          .match(/.{1,76}/g) ?? []
      ).join("\n")}\n`,
    "hex with 0X and a byte order mark": (bytes: Uint8Array) =>
      `\ufeff0X${Buffer.from(bytes).toString("hex").toUpperCase()}`,
    base64: (bytes: Uint8Array) => `${Buffer.from(bytes).toString("base64")}\n`,
    base64url: (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url"),
  })) {
    it(`reads ${name}`, async () => {
      const path = files.write("quote.txt", encode(goodQuote));
      const run = await runCli([
        "quote",
        "verify",
        path,
        "--collateral",
        good.collateral,
        "--at",
        good.at,
        "--json",
      ]);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      assert.equal(run.json().status, "UpToDate");
    });
  }

  it("reads standard input", async () => {
    const run = await runCli(
      ["quote", "verify", "-", "--collateral", good.collateral, "--at", good.at],
      {
        stdin: goodQuote,
      },
    );
    assert.equal(run.code, 0, run.stderr);
  });

  for (const at of ["2026-07-15T08:03:03Z", "2026-07-15T10:03:03+02:00", "2026-07-15"]) {
    it(`understands the time ${at}`, async () => {
      const run = await runCli([
        "quote",
        "verify",
        good.quote,
        "--collateral",
        good.collateral,
        "--at",
        at,
        "--json",
      ]);
      assert.equal(run.code, 0, run.stdout + run.stderr);
    });
  }

  it("refuses a flipped bit, with exit code 1 and the reason", async () => {
    const flipped = goodQuote.slice();
    flipped[200] = (flipped[200] ?? 0) ^ 0x10;
    const path = files.write("flipped.bin", flipped);
    const words = ["quote", "verify", path, "--collateral", good.collateral, "--at", good.at];
    const run = await runCli([...words, "--json"]);
    assert.equal(run.code, 1);
    const verdict = run.json();
    assert.equal(verdict.verified, false);
    assert.equal(verdict.status, null);
    assert.equal(verdict.accepted, false);
    const [reason] = verdict.reasons as { code: string; remedy: string }[];
    assert.equal(reason?.code, "QUOTE_SIGNATURE_INVALID");
    assert.ok(reason?.remedy);
    const text = await runCli(words);
    assert.match(text.stdout, /Claimed \(not verified\)/);
    assert.match(text.stdout, /^Refused$/m);
    assert.match(text.stdout, /QUOTE_SIGNATURE_INVALID/);
  });

  it("refuses an out-of-date TCB by default, and accepts it by a policy that says so", async () => {
    const { quote, collateral, at } = pathsOf(OUT_OF_DATE);
    const words = ["quote", "verify", quote, "--collateral", collateral, "--at", at, "--json"];
    const refused = await runCli(words);
    assert.equal(refused.code, 1);
    assert.equal(refused.json().verified, true);
    assert.equal(refused.json().status, "OutOfDate");
    assert.match(refused.stdout, /TCB_STATUS_NOT_ACCEPTED/);
    const policy = files.write("policy.json", '{"tcbStatuses":["UpToDate","OutOfDate"]}');
    assert.equal((await runCli([...words, "--policy", policy])).code, 0);
  });

  it("refuses a debug TD, though Intel's status is UpToDate", async () => {
    const { quote, collateral, at } = pathsOf(DEBUG);
    const run = await runCli([
      "quote",
      "verify",
      quote,
      "--collateral",
      collateral,
      "--at",
      at,
      "--json",
    ]);
    assert.equal(run.code, 1);
    assert.equal(run.json().status, "UpToDate");
    assert.match(run.stdout, /DEBUG_TD/);
  });

  it("refuses collateral at the wrong time and says when it holds", async () => {
    const run = await runCli([
      "quote",
      "verify",
      good.quote,
      "--collateral",
      good.collateral,
      "--at",
      "2027-01-01",
    ]);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /_EXPIRED/);
    assert.match(run.stdout, /expected a time from 2026-/);
  });

  it("refuses a quote without collateral, and says that its chain verifies", async () => {
    const run = await runCli(["quote", "verify", good.quote, "--at", good.at]);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /COLLATERAL_MISSING/);
  });

  it("trusts another root only when told to", async () => {
    const root = `${VECTORS}IntelSGXRootCA.pem`;
    assert.equal((await verifyGood("--root", root)).code, 0);
    const garbage = files.write("root.der", Uint8Array.of(1, 2, 3));
    const run = await verifyGood("--root", garbage);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /ROOT_MALFORMED/);
  });

  it("says how many bytes after the quote's end were ignored", async () => {
    const asFound = readVector("tdx/v4-90c06f000000-f8f82dc7/quote.as-found.bin");
    const { collateral, at } = pathsOf("v4-90c06f000000-f8f82dc7/collateral-20240527-eval17");
    const path = files.write("as-found.bin", asFound);
    const run = await runCli(["quote", "verify", path, "--collateral", collateral, "--at", at]);
    assert.equal(run.code, 0, run.stdout);
    assert.match(run.stdout, /\d+ bytes after the quote's end were ignored/);
  });

  const unreadable: Readonly<Record<string, readonly [words: () => string[], code: string]>> = {
    "a missing file": [() => ["/nowhere/quote.bin"], "FILE_UNREADABLE"],
    "a folder": [() => [VECTORS], "FILE_UNREADABLE"],
    "an empty file": [() => [files.write("empty", "")], "INPUT_NOT_A_QUOTE"],
    "other text": [() => [files.write("text", "this is not a quote!\n")], "INPUT_NOT_A_QUOTE"],
    "a quote of 40 bytes": [
      () => [files.write("short", goodQuote.subarray(0, 40))],
      "INPUT_NOT_A_QUOTE",
    ],
    "a file of 300 KB": [() => [files.write("large", new Uint8Array(300_000))], "FILE_TOO_LARGE"],
    "collateral that is not JSON": [
      () => [good.quote, "--collateral", good.quote],
      "INPUT_NOT_JSON",
    ],
    "collateral that is a list": [
      () => [good.quote, "--collateral", files.write("list.json", "[]")],
      "INPUT_NOT_JSON",
    ],
    "collateral that is a number": [
      () => [good.quote, "--collateral", files.write("number.json", "7")],
      "INPUT_NOT_JSON",
    ],
    "hex of odd length": [() => [files.write("odd.hex", "abc")], "INPUT_NOT_A_QUOTE"],
    "a policy with a member twice": [
      () => [good.quote, "--policy", files.write("twice.json", '{"ppids":["00"],"ppids":[]}')],
      "INPUT_NOT_JSON",
    ],
    "a day that does not exist": [() => [good.quote, "--at", "2026-02-30"], "TIME_UNREADABLE"],
    "a policy with an unknown field": [
      () => [good.quote, "--policy", files.write("bad-policy.json", '{"tcbStatus":[]}')],
      "POLICY_MALFORMED",
    ],
    "a time that is none": [() => [good.quote, "--at", "yesterday"], "TIME_UNREADABLE"],
    "no file at all": [() => [], "USAGE"],
    "a file and a manifest": [() => [good.quote, "--manifest", `${VECTORS}manifest.json`], "USAGE"],
    "a manifest and a policy": [
      () => ["--manifest", `${VECTORS}manifest.json`, "--policy", good.collateral],
      "USAGE",
    ],
    "a manifest that is none": [() => ["--manifest", good.collateral], "MANIFEST_MALFORMED"],
  };

  for (const [name, [words, expected]] of Object.entries(unreadable)) {
    it(`ends with exit code 2 for ${name}`, async () => {
      const all = ["quote", "verify", ...words()];
      const text = await runCli(all);
      assert.equal(text.code, 2);
      assert.equal(text.stdout, "");
      assert.ok(text.stderr.includes(`[${expected}]`), text.stderr);
      const json = await runCli([...all, "--json"]);
      assert.equal(json.code, 2);
      assert.equal((json.json().error as { code: string }).code, expected);
    });
  }

  for (const [name, words] of Object.entries({
    "an unknown option": ["quote", "verify", good.quote, "--bogus", "--json"],
    "too many files": ["quote", "verify", good.quote, good.quote, "--json"],
    "an unknown command": ["bogus", "--json"],
    "no command": ["quote", "--json"],
  })) {
    it(`gives JSON for ${name} too`, async () => {
      const run = await runCli(words);
      assert.equal(run.code, 2);
      assert.equal(run.stderr, "");
      assert.equal((run.json().error as { code: string }).code, "USAGE");
    });
  }

  it("keeps its exit code when nobody reads what it prints", async () => {
    const flipped = goodQuote.slice();
    flipped[200] = (flipped[200] ?? 0) ^ 1;
    const path = files.write("unread.bin", flipped);
    const words = ["quote", "verify", path, "--collateral", good.collateral, "--at", good.at];
    assert.equal((await runCli(words, { isRead: false })).code, 1);
    assert.equal((await runCli([...words, "--json"], { isRead: false })).code, 1);
    assert.equal(
      (await runCli(["quote", "verify", "/nowhere", "--json"], { isRead: false })).code,
      2,
    );
  });

  it("ends with exit code 2 when its output cannot be written", async function () {
    if (!existsSync("/dev/full")) this.skip();
    const words = ["quote", "verify", good.quote, "--collateral", good.collateral, "--at", good.at];
    assert.equal((await runCli(words, { stdout: "/dev/full" })).code, 2);
  });

  it("shows nothing that a terminal would obey", async () => {
    const text = Buffer.from(goodQuote).toString("latin1");
    const [leaf = ""] =
      /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/.exec(text) ?? [];
    const der = Buffer.from(leaf.replace(/-----[^-]*-----/g, ""), "base64");
    const name = Buffer.from("Intel SGX PCK Certificate");
    der.set(Buffer.from("\u001b[2J\u001b[31mAccepted\u0007"), der.indexOf(name));
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    const pem = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
    const path = files.write("hostile.bin", Buffer.from(text.replace(leaf, pem), "latin1"));
    for (const words of [
      ["quote", "inspect", path],
      ["quote", "verify", path, "--collateral", good.collateral, "--at", good.at],
      ["quote", "verify", path, "--policy", files.write("esc.json", '{"\\u001b[31mred":1}')],
    ]) {
      const { stdout, stderr } = await runCli(words);
      assert.ok(!stdout.includes("\u001b") && !stderr.includes("\u001b"), stdout + stderr);
      assert.match(stdout + stderr, /\\u001b\[/);
    }
  });

  it("ends with exit code 2 and a hint for an unknown option", async () => {
    const run = await runCli(["quote", "verify", good.quote, "--colateral", good.collateral]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /--collateral/);
  });

  it("explains itself", async () => {
    for (const words of [["--help"], ["quote", "--help"], ["quote", "verify", "--help"]]) {
      const run = await runCli(words);
      assert.equal(run.code, 0);
      assert.match(run.stdout, /Usage: chainseal/);
    }
    assert.match((await runCli(["quote", "verify", "--help"])).stdout, /Exit code: 0 accepted/);
    assert.match((await runCli(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe("chainseal quote verify --manifest", () => {
  const files = temporaryFiles();

  it("agrees with Intel's library on every case", async () => {
    const { code, stdout } = await runCli([
      "quote",
      "verify",
      "--manifest",
      `${VECTORS}manifest.json`,
    ]);
    assert.equal(code, 0, stdout);
    const rows = stdout.trimEnd().split("\n");
    assert.equal(rows.length, 52);
    assert.equal(rows.at(-1), "51 cases, 51 agree, 0 differ");
  });

  it("gives the same as JSON", async () => {
    const run = await runCli([
      "quote",
      "verify",
      "--manifest",
      `${VECTORS}manifest.json`,
      "--json",
    ]);
    const { cases, ...total } = run.json();
    assert.deepEqual(total, { total: 51, agreed: 51, differed: 0 });
    assert.deepEqual((cases as unknown[])[0], {
      name: "v4-50806f000000-3507b5f7/collateral-20230628-eval15",
      expected: "REFUSED",
      note: "STATUS_TCB_NOT_SUPPORTED(49)",
      found: "TCB_LEVEL_NOT_SUPPORTED",
      agrees: true,
    });
  });

  for (const [name, changes] of Object.entries({
    "a time that is none": { verify_at: "soon" },
    "half a second": { verify_at: 1_784_102_583.5 },
    "a status that nobody knows": { expected: { tcb_status: "UptoDate" } },
    "no expectation": { expected: {} },
  })) {
    it(`refuses a manifest with ${name}`, async () => {
      const real = caseNamed(GOOD);
      const cases = [{ ...real, dir: `${VECTORS}${real.dir}`, ...changes }];
      const manifest = files.write("bad-manifest.json", JSON.stringify({ cases }));
      const run = await runCli(["quote", "verify", "--manifest", manifest]);
      assert.equal(run.code, 2, run.stdout);
      assert.match(run.stderr, /MANIFEST_MALFORMED|TIME_UNREADABLE/);
    });
  }

  it("takes a time in ISO 8601", async () => {
    const real = { ...caseNamed(GOOD), verify_at: "2026-07-15T08:03:03Z" };
    const cases = [{ ...real, dir: `${VECTORS}${real.dir}` }];
    const manifest = files.write("iso-manifest.json", JSON.stringify({ cases }));
    const run = await runCli(["quote", "verify", "--manifest", manifest]);
    assert.equal(run.code, 0, run.stdout + run.stderr);
  });

  it("shows each difference and ends with exit code 1", async () => {
    const entry = { dir: VECTORS, collateral: null, quote: "IntelSGXRootCA.der" };
    const real = caseNamed(GOOD);
    const manifest = files.write(
      "manifest.json",
      JSON.stringify({
        cases: [
          {
            ...real,
            dir: `${VECTORS}${real.dir}`,
            expected: { tcb_status: "OutOfDate" },
          },
          { ...entry, name: "missing file", quote: "nowhere", expected: { tcb_status: "REJECT" } },
          {
            ...entry,
            name: "no quote",
            kind: "quote-only",
            expected: { verdict: "chain verifies" },
          },
          { ...entry, name: "refused", kind: "test-root", expected: { verdict: "REJECT" } },
        ],
      }),
    );
    const run = await runCli(["quote", "verify", "--manifest", manifest]);
    assert.equal(run.code, 1);
    assert.match(run.stdout, /DIFFERS .* expected OutOfDate +found UpToDate/);
    assert.match(run.stdout, /DIFFERS +missing file .* found FILE_UNREADABLE/);
    assert.match(run.stdout, /DIFFERS +no quote/);
    assert.match(run.stdout, /agrees +refused/);
    assert.match(run.stdout, /4 cases, 1 agree, 3 differ\n$/);
  });
});
