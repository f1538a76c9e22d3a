/**
 * Makes quotes without a TDX machine and verifies them, also one of a platform that is revoked.
 *
 * After `npm run build`, with Node 22.18 or newer:
 *
 *   node examples/simulated-quote.ts
 */
import { TdxError, verify } from "chainseal/sdk/tdx";
import { createSimulator } from "chainseal/sdk/tdx/simulator";

const simulator = createSimulator({ seed: "an example" });
const platform = simulator.platform();

// What the caller wants the TD to vouch for: 64 bytes, such as a hash of its public key.
const reportData = new Uint8Array(64).fill(7);
const quote = platform.quote({ version: 5, reportData });

const options = { at: simulator.at, root: simulator.rootCertificate };
const result = verify(quote, simulator.collateral(), options);
console.log(`${result.status}, report data ${result.report.reportData.slice(0, 10)}…`);

try {
  verify(quote, simulator.collateral({ revokedPck: [platform.serial] }), options);
} catch (error) {
  if (!(error instanceof TdxError)) throw error;
  console.log(`once its certificate is revoked: ${error.code}`);
}
