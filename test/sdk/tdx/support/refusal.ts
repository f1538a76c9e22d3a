import assert from "node:assert/strict";
import { TdxError, type TdxErrorCode } from "../../../../sdk/tdx/index.ts";

/** What `act` is refused with. Anything but a `TdxError` fails the test, a result above all. */
export function refusalOf(act: () => unknown, what = "it"): TdxError {
  try {
    act();
  } catch (error) {
    if (error instanceof TdxError) return error;
    throw new Error(`${what} ended in an error that is not a TdxError`, { cause: error });
  }
  assert.fail(`${what} was accepted`);
}

/** Asserts that `act` is refused with exactly this code. */
export function refusedWith(code: TdxErrorCode, act: () => unknown): TdxError {
  const error = refusalOf(act, `what should give ${code}`);
  assert.equal(error.code, code, error.message);
  return error;
}
