import {
  type AuthenticReport,
  authenticate,
  type Comparison,
  checkTopology,
  compareMeasurements,
  createRim,
  type GoldenSource,
  GpuError,
  type GpuEvidence,
  parseEvidence,
  parseReport,
  type Rim,
  type Roots,
} from "../../../sdk/gpu/index.ts";
import { readRimContent } from "../../../sdk/gpu/rim-content.ts";
import { readXml } from "../../../sdk/gpu/xml/reader.ts";
import { type FolderFile, type GpuFolder, isNegative } from "./folder.ts";

/** What came of something that may be refused. */
export type Outcome<Result> =
  | { readonly result: Result; readonly code?: undefined }
  | { readonly result?: undefined; readonly code: string };

export function outcomeOf<Result>(act: () => Result): Outcome<Result> {
  try {
    return { result: act() };
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    return { code: error.code };
  }
}

export interface ManifestTimes {
  readonly roots: Roots;
  /** The time for everything; `undefined` lets each part be judged within its own period. */
  readonly at: number | undefined;
  readonly now: number;
}

/** A RIM of the folder: whether it is genuine, and what it says in any case. */
export interface RimFacts {
  readonly name: string;
  readonly verified: Outcome<Rim>;
  /** As it stands in the file, signed or not: to compare what a forged RIM would say. */
  readonly content: Outcome<GoldenSource>;
}

export interface Facts {
  /** Of the folder's own evidence, without what is there to be refused. */
  readonly devices: readonly Outcome<AuthenticReport>[];
  readonly reports: readonly ReturnType<typeof parseReport>[];
  readonly rims: readonly RimFacts[];
  readonly topology: Outcome<string | undefined>;
  readonly nonce: string;
  readonly times: ManifestTimes;
  readonly chain: FolderFile | undefined;
  /** Authenticates another report, or the same for another nonce. */
  authenticate(evidence: GpuEvidence, nonce?: string): Outcome<AuthenticReport>;
  readonly evidence: readonly GpuEvidence[];
}

function isEvidence(json: unknown): boolean {
  const [first]: readonly unknown[] = Array.isArray(json) ? json : [json];
  return typeof first === "object" && first !== null && "evidence" in first;
}

/** The shortest name is the plain one: `report.bin` before `report_other.bin`. */
function plainest<File extends FolderFile>(files: readonly File[]): File | undefined {
  return [...files].sort((a, b) => a.name.length - b.name.length)[0];
}

function evidenceOf({ files }: GpuFolder): GpuEvidence[] {
  const evidence = files.flatMap((file) =>
    file.kind === "json" && isEvidence(file.json) ? parseEvidence(file.text) : [],
  );
  const report = plainest(files.filter((file) => file.kind === "report" && !isNegative(file.name)));
  const chain = plainest(files.filter((file) => file.kind === "chain" && !isNegative(file.name)));
  if (report?.kind === "report" && chain?.kind === "chain") {
    evidence.push({ report: report.bytes, chain: chain.bytes });
  }
  return evidence;
}

function rimFacts(file: FolderFile, { roots, at }: ManifestTimes): RimFacts[] {
  if (file.kind !== "rim") return [];
  const { bytes, name } = file;
  const verified = outcomeOf(() => {
    const rim = createRim(bytes, { root: roots.rim });
    rim.checkTime(at ?? rim.validFrom);
    return rim;
  });
  return [{ name, verified, content: outcomeOf(() => readRimContent(readXml(bytes))) }];
}

export function gatherFacts(folder: GpuFolder, times: ManifestTimes): Facts {
  const nonce = typeof folder.manifest.nonce === "string" ? folder.manifest.nonce : "";
  const tryOne = (evidence: GpuEvidence, other = nonce): Outcome<AuthenticReport> =>
    outcomeOf(() =>
      authenticate(evidence, {
        at: times.at ?? times.now,
        nonce: other,
        root: times.roots.device,
      }),
    );
  const evidence = evidenceOf(folder);
  const devices = evidence.map((one) => tryOne(one));
  const authentic = devices.flatMap(({ result }) => (result === undefined ? [] : [result]));
  return {
    devices,
    evidence,
    reports: evidence.flatMap(({ report }) => {
      const { result } = outcomeOf(() => parseReport(report));
      return result === undefined ? [] : [result];
    }),
    rims: folder.files.flatMap((file) => rimFacts(file, times)),
    topology: outcomeOf(() => (authentic.length < 2 ? undefined : checkTopology(authentic))),
    nonce,
    times,
    chain: plainest(folder.files.filter(({ kind, name }) => kind === "chain" && !isNegative(name))),
    authenticate: tryOne,
  };
}

/** The RIMs of the folder that are for the one device in it: for each version the plainest. */
export function ownRims({ reports, rims }: Facts): readonly RimFacts[] {
  const [report] = reports;
  const { driverVersion, vbiosVersion } = report?.opaque ?? {};
  return [driverVersion, vbiosVersion].flatMap((version) => {
    const fitting = rims.filter(
      ({ content }) => content.result?.version.toUpperCase() === version?.toUpperCase(),
    );
    const [own] = [...fitting].sort((a, b) => a.name.length - b.name.length);
    return version === undefined || own === undefined ? [] : [own];
  });
}

/** Compares the one device with RIMs, of which one may be put in the place of its like. */
export function compareOwn(facts: Facts, replacement?: RimFacts): Outcome<Comparison> {
  const [report] = facts.reports;
  if (report === undefined) return { code: "no report" };
  const version = replacement?.content.result?.version.toUpperCase();
  const sources = ownRims(facts)
    .map((own) =>
      own.content.result?.version.toUpperCase() === version ? (replacement ?? own) : own,
    )
    .flatMap(({ content }) => (content.result === undefined ? [] : [content.result]));
  if (sources.length === 0) return { code: "no RIM" };
  // All that counts here is whether it is an NVSwitch, which has no NVDEC0.
  const architecture = report.opaque.driverVersion === undefined ? "LS10" : "HOPPER";
  return outcomeOf(() => compareMeasurements(report, sources, architecture));
}
