import { defaultBackend, OcspCache, parseOcspResponse } from "../../../sdk/gpu/index.ts";
import { Revocation } from "../../../sdk/gpu/revocation.ts";
import { parseTime } from "../input.ts";
import {
  type Context,
  compareExpectation,
  fateOf,
  fingerprints,
  type ManifestRow,
  row,
  status,
} from "./expectations.ts";
import { type Facts, gatherFacts, type ManifestTimes, outcomeOf } from "./facts.ts";
import { type FolderFile, type GpuFolder, isNegative, readGpuFolder } from "./folder.ts";
import { gatherTokens, plain, sameClaims } from "./tokens.ts";

export interface ManifestRun {
  readonly name: string;
  readonly rows: readonly ManifestRow[];
}

const ISO_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/;

/** The time that a manifest asks for: a field of its own, or one in its note on times. */
function timeOf({ manifest }: GpuFolder): number | undefined {
  for (const name of ["at", "verify_at", "clock"]) {
    const value = manifest[name];
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    if (typeof value === "string") return parseTime(value);
  }
  const note = manifest.time_note;
  const [found] = (typeof note === "string" && ISO_TIME.exec(note)) || [];
  return found === undefined ? undefined : parseTime(found);
}

/** What the manifest says of the device besides what it expects. */
function deviceRows({ folder, facts }: Context): readonly ManifestRow[] {
  const { manifest } = folder;
  const rows: ManifestRow[] = [];
  const gpus = facts.reports.filter(({ opaque }) => opaque.driverVersion !== undefined);
  const switches = facts.reports.filter(({ opaque }) => opaque.driverVersion === undefined);
  const common = (values: readonly (string | undefined)[]) => [...new Set(values)].join(" + ");
  const check = (key: string, found: string | number) => {
    const expected = manifest[key];
    if (expected === undefined || facts.reports.length === 0) return;
    const isEqual = String(expected).toUpperCase() === String(found).toUpperCase();
    rows.push({ name: key, expected: String(expected), found: String(found), agrees: isEqual });
  };
  const vbios = (list: Facts["reports"]) => common(list.map(({ opaque }) => opaque.vbiosVersion));
  check("driver", common(gpus.map(({ opaque }) => opaque.driverVersion)));
  check("vbios", vbios(gpus));
  check("bios", vbios(switches));
  check("switch_bios", vbios(switches));
  check("gpus", gpus.length);
  check("switches", switches.length);
  check("nvdec0", common(gpus.map(({ opaque }) => status(opaque.nvdec0Status))));
  const known = facts.devices.flatMap(({ result }) => result ?? []);
  if (known.length === facts.devices.length) {
    check("arch", common(known.map(({ architecture }) => architecture)));
    check("chip", common(known.map(({ chip }) => chip)));
  }
  return rows;
}

/** An OCSP response is about a certificate of the folder and says that it is good. */
function ocspRow(file: FolderFile, { facts }: Context): readonly ManifestRow[] {
  if (file.kind !== "ocsp") return [];
  const links = [
    ...facts.devices.flatMap(({ result }) => result?.links ?? []),
    ...facts.rims.flatMap(({ verified }) => verified.result?.chain ?? []),
  ];
  const found = outcomeOf(() => {
    const [answer] = parseOcspResponse(file.bytes).answers;
    const at = answer?.thisUpdate ?? facts.times.now;
    const revocation = new Revocation([file.bytes], at, defaultBackend, new OcspCache());
    for (const link of links) {
      const { code } = outcomeOf(() => revocation.check(link, "DEVICE_REVOKED", false));
      if (code === undefined) return `good: ${link.name}`;
      if (code !== "OCSP_MISSING") return code;
    }
    return "about no certificate of the folder";
  });
  const text = found.result ?? found.code;
  const expected = "good, of a certificate of the folder";
  return [{ name: file.name, expected, found: text, agrees: text.startsWith("good") }];
}

/** Another parser's reading of the same report. */
function parsedClaimsRow(file: FolderFile, { facts }: Context): readonly ManifestRow[] {
  const [report] = facts.reports;
  if (file.kind !== "json" || report === undefined) return [];
  const json = plain(file.json) as { config?: Record<string, unknown>; measurements?: object };
  if (typeof json !== "object" || json?.config === undefined) return [];
  const { config, measurements = {} } = json;
  const values = new Map<string, string>(
    [...report.measurements].map(([index, { value }]) => [String(index + 1), value.slice(2)]),
  );
  const { driverVersion, vbiosVersion, fwid, project, projectSku, chipSku } = report.opaque;
  const differing = [
    ...Object.entries(measurements).filter(([index, value]) => values.get(index) !== value),
    ...Object.entries({
      driver_version: driverVersion,
      vbios_version: vbiosVersion?.toLowerCase(),
      fwid: fwid?.slice(2),
      project,
      project_sku: projectSku,
      chip_sku: chipSku,
    }).filter(([name, value]) => config[name] !== value),
  ].map(([name]) => name);
  return [row(file.name, "the same fields", differing.join(", ") || "the same fields")];
}

/** What each file is there for, where no expectation names it. */
function fileRows(context: Context, named: ReadonlySet<string>): readonly ManifestRow[] {
  return context.folder.files.flatMap((file): readonly ManifestRow[] => {
    const { name } = file;
    if (named.has(name)) return [];
    if (file.kind === "ocsp") return ocspRow(file, context);
    if (file.kind === "json") {
      const isSame = sameClaims(file.json, context.tokens);
      const claims =
        isSame === undefined ? [] : [row(`${name}: claims as in the tokens`, true, isSame)];
      return [...claims, ...parsedClaimsRow(file, context)];
    }
    const found = fateOf(name, context);
    if (found === "not judged") return [];
    if (isNegative(name)) {
      const isRefused = found !== "accepted" && !found.endsWith("content: accepted");
      return [{ name, expected: "refused", found, agrees: isRefused }];
    }
    // Evidence is judged by the expectations; it may be there to be refused as well.
    return file.kind === "rim" ? [row(name, "accepted", found)] : [];
  });
}

/** Unsigned tokens of a local verifier are never taken for those of NVIDIA's service. */
function localRows({ tokens }: Context): readonly ManifestRow[] {
  return tokens.flatMap(({ name, local, signature }) =>
    local === undefined
      ? []
      : [row(`${name}: as an answer of NRAS`, "NRAS_ALGORITHM_REFUSED", signature)],
  );
}

/** The nonces of a manifest are those of its tokens. */
function tokenNonceRows({ folder, tokens }: Context): readonly ManifestRow[] {
  const { nonce } = folder.manifest;
  if (typeof nonce !== "string") return [];
  const nonces = nonce.split(/\s*\/\s*/);
  return tokens.map(({ name, answer }) => {
    const found = answer.result?.overall.claims.eat_nonce;
    const expected = nonces.find((one) => one === found) ?? nonces[0];
    return row(`${name}: nonce`, expected, found);
  });
}

/**
 * Verifies a folder of the form of `test/vectors/gpu/*` and compares each thing that its manifest
 * says. Errors: `MANIFEST_MALFORMED`, and those of reading files.
 */
export async function runGpuManifest(
  path: string,
  options: Pick<ManifestTimes, "roots" | "now"> & { readonly at: number | undefined },
): Promise<ManifestRun> {
  const folder = await readGpuFolder(path);
  const times: ManifestTimes = { ...options, at: options.at ?? timeOf(folder) };
  const context: Context = {
    folder,
    facts: gatherFacts(folder, times),
    tokens: gatherTokens(folder, times),
  };
  const { manifest } = folder;
  const expectations =
    typeof manifest.expected === "object" && manifest.expected !== null
      ? Object.entries(manifest.expected).flatMap(([key, value]) =>
          compareExpectation(key, value, context),
        )
      : [];
  const named = new Set(expectations.map(({ name }) => name));
  const roots = manifest.sha256_fingerprints;
  return {
    name: folder.name,
    rows: [
      row("files", "as listed", folder.differing.join(", ") || "as listed"),
      ...deviceRows(context),
      ...expectations,
      ...(roots === undefined ? [] : fingerprints(roots, context)),
      ...fileRows(context, named),
      ...localRows(context),
      ...tokenNonceRows(context),
    ],
  };
}
