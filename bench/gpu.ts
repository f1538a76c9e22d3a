/**
 * Verification of GPU evidence on one core: `npm run bench:gpu`.
 *
 * Full verification (report, chain, RIMs, OCSP) needs evidence of one day, which no recorded
 * machine has whole, so it runs on the simulator's, in NVIDIA's formats; the recorded H100 runs
 * beside it as far as it goes. Each is beside the limit that its P-384 checks by node:crypto set.
 *
 * `--quick` takes a few short rounds and writes no results.
 */
import { createPublicKey, type KeyObject, verify as verifySignature } from "node:crypto";
import { parseArgs } from "node:util";
import {
  appraise,
  authenticate,
  type CryptoBackend,
  createRim,
  DeviceChainCache,
  nobleBackend,
  nodeBackend,
  nvidiaRoots,
  OcspCache,
  parseReport,
  verify,
} from "../sdk/gpu/index.ts";
import { createGpuSimulator } from "../sdk/gpu/simulator/index.ts";
import { readVector, readVectorText } from "../test/support/vectors.ts";
import { describeMachine, printTable, round, writeResult } from "./support/report.ts";
import { type Contender, median, medianRatio, timeInRounds } from "./support/rounds.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
if (nodeBackend === undefined) throw new Error("this needs node:crypto");

const simulator = createGpuSimulator({ seed: "bench" });
const nonce = new Uint8Array(32).fill(7);
const device = simulator.device();
const evidence = device.evidence(nonce);
const xml = simulator.collateral(device);
const trust = { at: simulator.at, nonce, roots: simulator.roots };
const rims = xml.rims.map((text) => createRim(text, { root: simulator.roots.rim }));

/**
 * P-384 checks: a report has one, its chain four, each of two RIMs one and its chain three, each of
 * six OCSP responses one and its responder's certificate another.
 */
const CHECKS = { known: 1, warm: 5, cold: 5 + 2 * 4 + 6 * 2 } as const;

const contender = (name: string, run: () => void): Contender => ({ name, operations: 1, run });

function expectOne(result: { readonly gpuCount: number }): void {
  if (result.gpuCount !== 1) throw new Error("the evidence was not that of one GPU");
}

/** Nothing is kept from one report to the next. */
function cold(crypto: CryptoBackend): () => void {
  return () => {
    const caches = { chainCache: new DeviceChainCache(0), ocspCache: new OcspCache() };
    expectOne(verify(evidence, xml, { ...trust, crypto, ...caches }));
  };
}

/** RIMs and OCSP responses are known, as for a whole day; the device's chain is new or known. */
function warm(chainCache: DeviceChainCache): () => void {
  const ocspCache = new OcspCache();
  const collateral = { rims, ocsp: xml.ocsp };
  return () => expectOne(verify(evidence, collateral, { ...trust, chainCache, ocspCache }));
}

function limit(count: number): () => void {
  const report = parseReport(evidence.report);
  const key: KeyObject = createPublicKey(
    device.chainPem.slice(0, device.chainPem.indexOf("-----END") + 25),
  );
  const options = { key, dsaEncoding: "ieee-p1363" } as const;
  return () => {
    for (let i = 0; i < count; i++) {
      if (!verifySignature("sha384", report.signedRegion, options, report.signature)) {
        throw new Error("the signature does not verify");
      }
    }
  };
}

/** The recorded H100, whose OCSP responses are of another day than those of its RIMs. */
function recorded(): () => void {
  const folder = "gpu/h100-550.90.07-full-pass";
  const roots = nvidiaRoots();
  const at = Date.parse("2025-10-24T12:00:00Z") / 1000;
  const manifest: { nonce: string } = JSON.parse(readVectorText(`${folder}/manifest.json`));
  const real = {
    report: readVector(`${folder}/report.bin`),
    chain: readVector(`${folder}/chain.pem`),
  };
  const known = ["driver_rim.xml", "vbios_rim.xml"].map((file) =>
    createRim(readVector(`${folder}/${file}`), { root: roots.rim }),
  );
  const chainCache = new DeviceChainCache(0);
  return () => {
    const options = { at, nonce: manifest.nonce, root: roots.device, chainCache };
    const { measurements } = appraise(authenticate(real, options), known, { at, root: roots.rim });
    if (measurements.mismatches.length > 0) throw new Error("the measurements differ");
  };
}

const contenders = {
  known: contender("RIMs, OCSP and chain known", warm(new DeviceChainCache())),
  knownLimit: contender(`limit: ${CHECKS.known} P-384 check`, limit(CHECKS.known)),
  warm: contender("RIMs and OCSP known", warm(new DeviceChainCache(0))),
  recorded: contender("the recorded H100, RIMs known, no OCSP", recorded()),
  warmLimit: contender(`limit: ${CHECKS.warm} P-384 checks`, limit(CHECKS.warm)),
  cold: contender("nothing known before", cold(nodeBackend)),
  coldLimit: contender(`limit: ${CHECKS.cold} P-384 checks`, limit(CHECKS.cold)),
  noble: contender("nothing known before, in JavaScript", cold(nobleBackend)),
};

const figures = timeInRounds(
  contenders,
  values.quick ? { rounds: 2, least: 10 } : { rounds: 11, least: 250 },
);

type Name = keyof typeof contenders;
const names = Object.keys(contenders) as Name[];
const LIMITS: Readonly<Partial<Record<Name, Name>>> = {
  known: "knownLimit",
  warm: "warmLimit",
  recorded: "warmLimit",
  cold: "coldLimit",
};
const shares = Object.fromEntries(
  Object.entries(LIMITS).map(([name, other]) => [
    name,
    medianRatio(figures[name as Name], figures[other]),
  ]),
);

printTable([
  ["one core", "reports/s", "ms each", "of the limit"],
  ...names.map((name) => {
    const perSecond = median(figures[name]);
    const share = shares[name];
    return [
      contenders[name].name,
      perSecond.toFixed(0),
      (1000 / perSecond).toFixed(3),
      share === undefined ? "" : `${(100 * share).toFixed(1)} %`,
    ];
  }),
]);

if (!values.quick) {
  writeResult("gpu", {
    what: "verification of GPU evidence, one core, reports per second (medians)",
    ...describeMachine(),
    rounds: figures.known.length,
    checks: CHECKS,
    perSecond: Object.fromEntries(names.map((name) => [name, round(median(figures[name]))])),
    shareOfLimit: Object.fromEntries(
      Object.entries(shares).map(([name, share]) => [name, round(share)]),
    ),
  });
}
