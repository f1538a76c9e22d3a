/**
 * Off-chain verification of TDX quotes on one core: `npm run bench:verify`.
 *
 * Over every real case that has a status, in rotation, in one process and in interleaved rounds:
 * ours with warm collateral and known PCK certificates, beside @phala/dcap-qvl and beside the limit
 * that the signatures set. What is judged imports the attestation key each time, as for a machine
 * whose quote comes for the first time. For information also ours with that key known too, ours
 * from nothing, and ours in plain JavaScript.
 *
 * `--quick` takes a few short rounds, writes no results and judges nothing.
 */
import { parseArgs } from "node:util";
import peer from "@phala/dcap-qvl";
import peerManifest from "@phala/dcap-qvl/package.json" with { type: "json" };
import { detectNodeBackend } from "../sdk/tdx/crypto.ts";
import {
  type CryptoBackend,
  createCollateral,
  intelSgxRootCa,
  nobleBackend,
  nodeBackend,
  PckChainCache,
  parseQuote,
  verify,
} from "../sdk/tdx/index.ts";
import {
  type CollateralCase,
  collateralOf,
  quoteOf,
  statusCases,
} from "../test/support/vectors.ts";
import {
  type Bar,
  describeMachine,
  printBars,
  printTable,
  round,
  writeResult,
} from "./support/report.ts";
import { type Contender, median, medianRatio, timeInRounds } from "./support/rounds.ts";
import { fastestImport, signatureLimit } from "./support/signature-limit.ts";

const LEAST_TIMES_PEER = 25;
const LEAST_SHARE_OF_LIMIT = 0.7;

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
/** Keeps no keys: the cases repeat, so that kept ones would always be there. */
const forgetful = detectNodeBackend({ keptKeys: 0 });
if (forgetful === undefined || nodeBackend === undefined) throw new Error("this needs node:crypto");

const root = intelSgxRootCa();

/** One operation for each case. */
function contender(name: string, prepare: (entry: CollateralCase) => () => void): Contender {
  const operations = statusCases.map(prepare);
  return {
    name,
    operations: operations.length,
    run() {
      for (const operation of operations) operation();
    },
  };
}

function expectStatus(entry: CollateralCase, status: string): void {
  if (status !== entry.expected.tcb_status) throw new Error(`${entry.name}: ${status}`);
}

function warm(name: string, crypto: CryptoBackend): Contender {
  const pckChainCache = new PckChainCache();
  return contender(name, (entry) => {
    const quote = quoteOf(entry);
    const collateral = createCollateral(collateralOf(entry), { root, crypto });
    const options = { at: entry.verify_at, root, crypto, pckChainCache };
    return () => expectStatus(entry, verify(quote, collateral, options).status);
  });
}

function cold(crypto: CryptoBackend): Contender {
  return contender("Chainseal, nothing known before", (entry) => {
    const quote = quoteOf(entry);
    const json = collateralOf(entry);
    return () => {
      const options = { at: entry.verify_at, root, crypto, pckChainCache: new PckChainCache() };
      expectStatus(entry, verify(quote, json, options).status);
    };
  });
}

/** Where its policy or its TCB matching refuses, the signatures have been verified all the same. */
function phala(): Contender {
  return contender("@phala/dcap-qvl", (entry) => {
    const quote = Buffer.from(quoteOf(entry));
    const json = collateralOf(entry);
    const accepts = entry.observed_dcap_qvl_js.status !== undefined;
    return () => {
      try {
        peer.verify(quote, json, entry.verify_at);
      } catch (error) {
        if (accepts) throw error;
      }
    };
  });
}

const [first] = statusCases;
if (first === undefined) throw new Error("there are no cases");
const keyImport = fastestImport(quoteOf(first));

const contenders = {
  ours: warm("Chainseal, collateral and PCK known", forgetful),
  peer: phala(),
  limit: contender(`limit: 2 verifications, 1 ${keyImport} key`, (entry) =>
    signatureLimit(parseQuote(quoteOf(entry)), keyImport),
  ),
  known: warm("Chainseal, attestation key known too", nodeBackend),
  cold: cold(forgetful),
  noble: warm("Chainseal in JavaScript (noble)", nobleBackend),
};

const figures = timeInRounds(
  contenders,
  values.quick ? { rounds: 3, least: 20 } : { rounds: 21, least: 250 },
);

const names = Object.keys(contenders) as (keyof typeof contenders)[];
printTable([
  ["one core", "quotes/s", "ms each", "x the peer", "of the limit"],
  ...names.map((name) => {
    const perSecond = median(figures[name]);
    return [
      contenders[name].name,
      perSecond.toFixed(0),
      (1000 / perSecond).toFixed(3),
      medianRatio(figures[name], figures.peer).toFixed(1),
      `${(100 * medianRatio(figures[name], figures.limit)).toFixed(1)} %`,
    ];
  }),
]);
console.log();

const timesPeer = medianRatio(figures.ours, figures.peer);
const shareOfLimit = medianRatio(figures.ours, figures.limit);
const bars: readonly Bar[] = [
  { name: "times @phala/dcap-qvl", value: timesPeer, least: LEAST_TIMES_PEER },
  { name: "share of the limit", value: shareOfLimit, least: LEAST_SHARE_OF_LIMIT },
];
const areReached = printBars(bars);

if (!values.quick) {
  writeResult("verify", {
    what: "off-chain verification of real TDX quotes, one core, quotes per second (medians)",
    ...describeMachine(),
    peer: `${peerManifest.name} ${peerManifest.version}`,
    cases: statusCases.length,
    rounds: figures.ours.length,
    perSecond: Object.fromEntries(names.map((name) => [name, round(median(figures[name]))])),
    timesPeer: round(timesPeer),
    shareOfLimit: round(shareOfLimit),
    bars: { timesPeer: LEAST_TIMES_PEER, shareOfLimit: LEAST_SHARE_OF_LIMIT },
  });
  if (!areReached) process.exitCode = 1;
}
