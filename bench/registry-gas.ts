/**
 * Gas of registrations, attestations and gates, whole transactions beside their bars and peers:
 * `npm run bench:registry`. A development root's quotes with parts of the sizes of real ones,
 * identity signature, platform id, admission by LIST; Osaka's rules.
 */
import hre from "hardhat";
import { measureRegistryGas } from "./support/registry-gas.ts";
import { printTable, writeResult } from "./support/report.ts";

await hre.tasks.getTask("build").run({ quiet: true });
const rows = await measureRegistryGas();
const format = (gas: number | undefined) => gas?.toLocaleString("en") ?? "";
printTable([
  ["", "gas", "bar", "peer"],
  ...rows.map(({ what, gas, bar, peer }) => [what, format(gas), format(bar), peer ?? ""]),
]);
const judged = rows.filter((row) => row.bar !== undefined);
for (const { what, gas, bar = 0 } of judged) {
  console.log(`${gas <= bar ? "reached" : "MISSED "}  ${what}: ${format(gas)} of ${format(bar)}`);
}
writeResult("registry-gas", { rows });
if (judged.some(({ gas, bar = 0 }) => gas > bar)) process.exitCode = 1;
