/**
 * Gas of verification on chain, Osaka's rules, whole transactions: `npm run bench:gas`.
 *
 * Real quotes and collateral where there are such; a development root where Intel's signature would
 * be needed: TCB info of 6.6 KB, the next month, revocation lists of 129 and 130 entries. Peers'
 * figures were measured with their own code in the same way (anvil 1.7.1, November 2026).
 *
 * Gas does not depend on the machine: `test/bench/gas.test.ts` compares each figure exactly with
 * `bench/results/gas.json`, which this writes.
 */
import hre from "hardhat";
import { type GasFigures, measureGas } from "./support/gas-scenarios.ts";
import { printTable, writeResult } from "./support/report.ts";

interface Row {
  readonly what: string;
  readonly gas: number;
  /** The most that the project allows itself. */
  readonly bar?: number;
  readonly peer?: string;
}

function rowsOf(gas: GasFigures): readonly Row[] {
  const { tcbInfo, largestTcbInfo, crl129 } = gas;
  return [
    {
      what: "verify a real quote, PCK certificate known",
      gas: gas.verifyQuote,
      bar: 110_000,
      peer: "Automata: 3.97M",
    },
    { what: "the same, TCB out of date", gas: gas.verifyQuoteOutOfDate, bar: 110_000 },
    { what: "the same, newer revocation list since", gas: gas.verifyQuoteNotCleared, bar: 110_000 },
    { what: "verify and keep a PCK certificate", gas: gas.cachePckCertificate },
    {
      what: `TCB info of ${tcbInfo.bytes} bytes`,
      gas: tcbInfo.upload,
      bar: 2_500_000,
      peer: "Automata: 9.14M for 4.8 KB",
    },
    {
      what: "its refresh, same levels",
      gas: tcbInfo.refresh,
      bar: 2_500_000,
      peer: "Automata: 4.79M",
    },
    {
      what: `the largest real one, ${largestTcbInfo.bytes} bytes`,
      gas: largestTcbInfo.upload,
      bar: 2_500_000,
    },
    ...Object.entries(gas.firstQuote).map(([part, each]) => ({
      what: `first quote: ${part}`,
      gas: each,
    })),
    {
      what: "everything a first quote needs",
      gas: gas.firstQuoteInAll,
      bar: 5_000_000,
      peer: "Automata: 18.3M",
    },
    { what: "monthly refresh: PCK CRL, TCB info, QE identity", gas: gas.refreshInAll },
    {
      what: `PCK CRL of 129 entries, ${crl129.bytes} bytes, from nothing`,
      gas: crl129.upload,
      bar: 5_000_000,
    },
    { what: "its next one, with one entry more", gas: crl129.oneMore },
  ];
}

await hre.tasks.getTask("build").run({ quiet: true });
const figures = await measureGas();
const rows = rowsOf(figures);
const number = (value: number) => value.toLocaleString("en");
printTable([
  ["Osaka, whole transactions", "gas", "bar", "peer"],
  ...rows.map(({ what, gas, bar, peer }) => [
    what,
    number(gas),
    bar === undefined ? "" : `${gas <= bar ? "reached" : "MISSED"} ${number(bar)}`,
    peer ?? "",
  ]),
]);
writeResult("gas", { what: "gas of whole transactions under Osaka's rules", ...figures });
if (rows.some(({ gas, bar }) => bar !== undefined && gas > bar)) process.exitCode = 1;
