import assert from "node:assert/strict";
import { TdxError, type TdxErrorCode } from "../../../../sdk/tdx/index.ts";
import {
  type CollateralItem,
  createPccsClient,
  type FetchCollateralParameters,
  type PccsClient,
  type PccsClientOptions,
} from "../../../../sdk/tdx/pccs/index.ts";
import { caseNamed, collateralOf } from "../../../support/vectors.ts";
import { CollateralServer } from "./collateral-server.ts";

export const items: readonly CollateralItem[] = ["PCK CRL", "root CRL", "TCB info", "QE identity"];

/** A recorded case, whose collateral the servers of these tests give out. */
export const recorded = caseNamed("v4-00806f050000-0b7c5579/collateral-20260715-eval19");
export const collateral = collateralOf(recorded);
export const parameters: FetchCollateralParameters = {
  fmspc: "0x00806f050000",
  pckCa: "platform",
};

/** A server for the tests of one `describe`, as good as new for each of them. */
export function useServer(): { readonly server: CollateralServer } {
  let server: CollateralServer | undefined;
  before(async () => {
    server = await CollateralServer.start(collateral);
  });
  beforeEach(() => server?.reset(collateral));
  after(async () => await server?.close());
  return {
    get server() {
      if (server === undefined) throw new Error("the server runs during tests only");
      return server;
    },
  };
}

/** A client of the server that gives up quickly. */
export function clientOf(
  server: CollateralServer,
  options: Partial<PccsClientOptions> = {},
): PccsClient {
  return createPccsClient({ url: server.url, retries: 0, retryDelay: 1, ...options });
}

/** Asserts that a promise is refused with this code, and with these details. */
export async function refused(
  code: TdxErrorCode,
  promise: Promise<unknown>,
  details: Partial<Record<"subject" | "expected" | "found", unknown>> = {},
): Promise<TdxError> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof TdxError)) throw new Error("not a TdxError", { cause: error });
    assert.equal(error.code, code, error.message);
    for (const [name, value] of Object.entries(details)) {
      const found: unknown = Reflect.get(error, name);
      if (value instanceof RegExp) assert.match(String(found), value);
      else assert.equal(found, value);
    }
    return error;
  }
  assert.fail(`what should give ${code} was accepted`);
}
