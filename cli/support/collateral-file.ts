import type { QuoteCollateral } from "../../sdk/tdx/index.ts";
import { asJsonObject, readJson } from "./input.ts";

/** Reads collateral; its members are checked by whoever uses them. Errors: `INPUT_NOT_JSON`. */
export async function readCollateral(path: string): Promise<QuoteCollateral> {
  return asJsonObject(await readJson(path), path) as QuoteCollateral;
}
