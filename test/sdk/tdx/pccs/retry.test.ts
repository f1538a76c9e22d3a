import assert from "node:assert/strict";
import { TdxError } from "../../../../sdk/tdx/index.ts";
import { PassingFailure } from "../../../../sdk/tdx/pccs/errors.ts";
import { readRetryAfter, withRetries } from "../../../../sdk/tdx/pccs/retry.ts";

const now = Date.UTC(2026, 10, 22, 12, 0, 0);

describe("Retry-After", () => {
  const values: readonly (readonly [value: string | null, expected: number | undefined])[] = [
    [null, undefined],
    ["", undefined],
    ["0", 0],
    ["120", 120_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["9999999999", undefined],
    ["soon", undefined],
    ["Sun, 22 Nov 2026 12:00:30 GMT", 30_000],
    ["Sun, 22 Nov 2026 11:59:30 GMT", 0],
    ["Sun, 22 Nov 2026 12:00:30 +0100", undefined],
    ["2026-11-22T12:00:30Z", undefined],
    ["Sun, 99 Nov 2026 12:00:30 GMT", undefined],
  ];
  for (const [value, expected] of values) {
    it(`${JSON.stringify(value)} is ${expected}`, () => {
      assert.equal(readRetryAfter(value, now), expected);
    });
  }
});

describe("waits between tries", () => {
  const policy = { retries: 6, retryDelay: 100, maxRetryDelay: 1_000 };
  const error = new TdxError("PCCS_STATUS", { found: 503 });

  async function delaysOf(retryAfter?: number): Promise<number[]> {
    const delays: number[] = [];
    const failing = withRetries(
      policy,
      () => Promise.reject(new PassingFailure(error, retryAfter)),
      (failures, delay) => {
        assert.equal(failures, delays.length + 1);
        delays.push(delay);
        return Promise.resolve();
      },
    );
    await assert.rejects(failing, error);
    return delays;
  }

  it("double up to a limit, and are at least half random", async () => {
    for (let run = 0; run < 50; run++) {
      const delays = await delaysOf();
      const longest = [100, 200, 400, 800, 1_000, 1_000];
      assert.equal(delays.length, longest.length);
      delays.forEach((delay, index) => {
        const limit = longest[index] ?? 0;
        assert.ok(delay >= limit / 2 && delay <= limit, `${delay} of ${limit}`);
      });
    }
    assert.equal(new Set(await delaysOf()).size, 6);
  });

  it("are not shorter than the service asks for", async () => {
    const delays = await delaysOf(300);
    assert.deepEqual(delays.slice(0, 2), [300, 300]);
    assert.ok(delays.every((delay) => delay >= 300));
  });

  it("do not follow what will not pass", async () => {
    const lasting = new TdxError("PCCS_STATUS", { found: 404 });
    await assert.rejects(
      withRetries(
        policy,
        () => Promise.reject(lasting),
        () => assert.fail("waited"),
      ),
      lasting,
    );
  });
});
