import { intelSgxRootCa, type QuoteCollateral } from "../../sdk/tdx/index.ts";
import {
  buildEvidence,
  type CollateralUpload,
  collateralUploads,
  uploadCalldata,
  verifyQuoteCalldata,
} from "../../sdk/tdx/onchain/index.ts";
import {
  type CollateralOptions,
  defaultTcbLevels,
  type TcbLevel,
} from "../../sdk/tdx/simulator/index.ts";
import { AttestationChain } from "../../test/contracts/support/chain.ts";
import { simulator } from "../../test/sdk/tdx/support/simulated.ts";
import {
  type CollateralCase,
  caseNamed,
  collateralCases,
  collateralOf,
  quoteOf,
} from "../../test/support/vectors.ts";

/** Gas of whole transactions, by what they do. */
export interface GasFigures {
  readonly quoteBytes: number;
  /** A real quote of an up-to-date machine, and of one that is not; the certificate known. */
  readonly verifyQuote: number;
  readonly verifyQuoteOutOfDate: number;
  /** After a newer revocation list (57 entries), under which the certificate was not looked up. */
  readonly verifyQuoteNotCleared: number;
  readonly cachePckCertificate: number;
  readonly tcbInfo: { readonly bytes: number; readonly upload: number; readonly refresh: number };
  readonly largestTcbInfo: { readonly bytes: number; readonly upload: number };
  /** All that a chain needs before it can judge the first quote, by transaction. */
  readonly firstQuote: Readonly<Record<CollateralUpload["part"], number>>;
  readonly firstQuoteInAll: number;
  /** What is issued anew every month, with the same levels and the same revoked certificates. */
  readonly refresh: Readonly<Record<"PCK CRL" | "TCB info" | "QE identity", number>>;
  readonly refreshInAll: number;
  readonly crl129: { readonly bytes: number; readonly upload: number; readonly oneMore: number };
}

const UP_TO_DATE = "v4-00806f050000-0b7c5579/collateral-20260715-eval19";
const OUT_OF_DATE = "v4-00806f050000-94d26a4a/collateral-20260211-eval18";
const DAY = 86_400;

async function sent(chain: AttestationChain, data: `0x${string}`, what: string): Promise<number> {
  const { code, gas } = await chain.sendAs(chain.from, data);
  if (code !== undefined) throw new Error(`${what}: ${code}`);
  return gas;
}

async function uploadAll(
  chain: AttestationChain,
  uploads: readonly CollateralUpload[],
): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  for (const upload of uploads) {
    gas[upload.part] = await sent(chain, uploadCalldata(upload), upload.part);
  }
  return gas;
}

function sum(gas: Readonly<Record<string, number>>): number {
  return Object.values(gas).reduce((total, each) => total + each, 0);
}

/** Everything for a real quote, from nothing, and the quote. */
async function playReal(entry: CollateralCase) {
  const chain = await AttestationChain.create({ root: intelSgxRootCa() });
  await chain.setTime(entry.verify_at);
  const quote = quoteOf(entry);
  const collateral = collateralOf(entry);
  const { evidence } = buildEvidence(quote, { collateral });
  const uploads = await uploadAll(chain, collateralUploads(collateral, { quote }));
  const verify = await sent(chain, verifyQuoteCalldata(evidence), entry.name);
  return { uploads, verify, bytes: (evidence.quote.length - 2) / 2 };
}

/** Levels, and in the last of them advisories, until the TCB info has `bytes` or a few more. */
function levelsOfSize(bytes: number): readonly TcbLevel[] {
  const [first] = defaultTcbLevels;
  const advisoryIds = ["INTEL-SA-01036", "INTEL-SA-01079", "INTEL-SA-01099"];
  const levels: TcbLevel[] = [first];
  const textOf = () => simulator.collateral({ tcbInfo: { tcbLevels: levels } }).tcb_info;
  const levelBytes = 900;
  for (let below = 1; textOf().length < bytes - levelBytes; below++) {
    levels.push({ ...first, pceSvn: first.pceSvn - below, status: "OutOfDate", advisoryIds });
  }
  const last = levels.length - 1;
  for (let more = 0; textOf().length < bytes; more++) {
    const ids = [
      ...advisoryIds,
      ...Array.from({ length: more }, (_, i) => `INTEL-SA-${10_100 + i}`),
    ];
    levels[last] = { ...first, pceSvn: 0, status: "OutOfDate", advisoryIds: ids };
  }
  return levels;
}

function uploadsOf(
  options: CollateralOptions,
  parts?: readonly string[],
): readonly CollateralUpload[] {
  const collateral: QuoteCollateral = simulator.collateral(options);
  const quote = simulator.platform().quote();
  return collateralUploads(collateral, { quote }).filter(
    ({ part }) => parts?.includes(part) ?? true,
  );
}

/** A month of a development root with collateral of the sizes of Intel's. */
async function playMonth() {
  const tcbLevels = levelsOfSize(6_600);
  const month = (issued: number): CollateralOptions => ({
    tcbInfo: { tcbLevels, issueDate: issued },
    qeIdentity: { issueDate: issued },
    pckCrl: { thisUpdate: issued, size: 57 },
  });
  const chain = await AttestationChain.create({ root: simulator.rootCertificate });
  await chain.setTime(simulator.at);
  const first = await uploadAll(chain, uploadsOf(month(simulator.at - DAY)));
  const later = simulator.at + 25 * DAY;
  await chain.setTime(later);
  const parts = ["PCK CRL", "TCB info", "QE identity"];
  const refresh = await uploadAll(chain, uploadsOf(month(later), parts));
  const { evidence } = buildEvidence(simulator.platform().quote(), {
    collateral: simulator.collateral(),
  });
  const verifyNotCleared = await sent(chain, verifyQuoteCalldata(evidence), "not cleared");
  const text = simulator.collateral(month(later)).tcb_info;
  return { first, refresh, verifyNotCleared, bytes: text.length };
}

async function playCrl() {
  const chain = await AttestationChain.create({ root: simulator.rootCertificate });
  await chain.setTime(simulator.at);
  await uploadAll(chain, uploadsOf({}, ["root CRL", "PCK CA"]));
  const list = (size: number, thisUpdate: number) =>
    uploadsOf({ pckCrl: { size, thisUpdate } }, ["PCK CRL"]);
  const [whole] = list(129, simulator.at - DAY);
  const [grown] = list(130, simulator.at);
  if (whole === undefined || grown === undefined) throw new Error("there is no list");
  return {
    bytes: (whole.args[0].length - 2) / 2,
    upload: await sent(chain, uploadCalldata(whole), "129 entries"),
    oneMore: await sent(chain, uploadCalldata(grown), "130 entries"),
  };
}

function largestRealTcbInfo(): CollateralCase {
  const sizeOf = (entry: CollateralCase) => collateralOf(entry).tcb_info.length;
  return collateralCases.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a));
}

/** Plays everything on Osaka's rules; the same sources give the same figures, to the last unit. */
export async function measureGas(): Promise<GasFigures> {
  const real = await playReal(caseNamed(UP_TO_DATE));
  const outOfDate = await playReal(caseNamed(OUT_OF_DATE));
  const largest = largestRealTcbInfo();
  const ofLargest = await playReal(largest);
  const month = await playMonth();
  return {
    quoteBytes: real.bytes,
    verifyQuote: real.verify,
    verifyQuoteOutOfDate: outOfDate.verify,
    verifyQuoteNotCleared: month.verifyNotCleared,
    cachePckCertificate: real.uploads["PCK certificate"] ?? 0,
    tcbInfo: {
      bytes: month.bytes,
      upload: month.first["TCB info"] ?? 0,
      refresh: month.refresh["TCB info"] ?? 0,
    },
    largestTcbInfo: {
      bytes: collateralOf(largest).tcb_info.length,
      upload: ofLargest.uploads["TCB info"] ?? 0,
    },
    firstQuote: real.uploads as GasFigures["firstQuote"],
    firstQuoteInAll: sum(real.uploads),
    refresh: month.refresh as GasFigures["refresh"],
    refreshInAll: sum(month.refresh),
    crl129: await playCrl(),
  };
}
