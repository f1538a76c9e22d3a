/**
 * Verifies a quote and judges it by a policy.
 *
 * After `npm run build`, with Node 22.18 or newer:
 *
 *   node examples/verify-quote.ts QUOTE COLLATERAL TIME
 */
import { readFileSync } from "node:fs";
import {
  createCollateral,
  intelSgxRootCa,
  parsePolicy,
  TdxError,
  validate,
  verify,
} from "chainseal/sdk/tdx";

const [quoteFile = "", collateralFile = "", time = ""] = process.argv.slice(2);
const quote = new Uint8Array(readFileSync(quoteFile));

const root = intelSgxRootCa();
const policy = parsePolicy({ tcbStatuses: ["UpToDate"], requireSeptVeDisable: true });

try {
  // Parsed and verified once; it serves any number of quotes of this platform type.
  const collateral = createCollateral(JSON.parse(readFileSync(collateralFile, "utf8")), { root });
  const result = verify(quote, collateral, { root, at: new Date(time) });
  const { accepted, reasons } = validate(result, policy);

  console.log(`${result.status}, TCB of ${result.tcbDate}`);
  console.log(`MRTD ${result.report.mrTd}`);
  console.log(accepted ? "accepted" : `refused: ${reasons.map(({ code }) => code).join(", ")}`);
} catch (error) {
  if (!(error instanceof TdxError)) throw error;
  console.log(`does not verify: ${error.code}`);
}
