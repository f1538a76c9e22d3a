import assert from "node:assert/strict";
import { GpuError, type GpuErrorCode } from "../../../../sdk/gpu/index.ts";

/** What `act` is refused with. Anything but a `GpuError` fails the test, a result above all. */
export function refusalOf(act: () => unknown, what = "it"): GpuError {
  try {
    act();
  } catch (error) {
    if (error instanceof GpuError) return error;
    throw new Error(`${what} ended in an error that is not a GpuError`, { cause: error });
  }
  assert.fail(`${what} was accepted`);
}

/** Asserts that `act` is refused with exactly this code. */
export function refusedWith(code: GpuErrorCode, act: () => unknown): GpuError {
  const error = refusalOf(act, `what should give ${code}`);
  assert.equal(error.code, code, error.message);
  return error;
}
