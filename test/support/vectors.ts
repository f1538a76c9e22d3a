import { readFileSync } from "node:fs";
import type { QuoteCollateral, TcbStatus } from "../../sdk/tdx/index.ts";

const FOLDER = new URL("../vectors/", import.meta.url);

/** A file under `test/vectors`, read anew on each call: the bytes are the caller's to change. */
export function readVector(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(path, FOLDER)));
}

export function readVectorText(path: string): string {
  return readFileSync(new URL(path, FOLDER), "utf8");
}

/** One of the two TCBs that Intel's library reports. */
interface ExpectedLevel {
  readonly status: TcbStatus;
  /** Such as 2024-11-13T00:00:00+00:00. */
  readonly tcb_date: string;
  readonly advisory_ids: readonly string[];
}

interface QuoteEntry {
  readonly name: string;
  readonly dir: string;
  readonly quote: string;
  readonly quote_sha256: string;
  readonly quote_version: 3 | 4 | 5;
  readonly fmspc: string | null;
  readonly cpu_svn: string | null;
  readonly pce_svn: number | null;
  readonly tee_tcb_svn: string | null;
  readonly tee_tcb_svn2: string | null;
  readonly td_attributes: string | null;
  readonly qe_isvsvn: number;
  /** The file as its source has it, with bytes after the quote's declared end. */
  readonly quote_as_found?: { readonly file: string; readonly bytes: number };
}

/** A quote with collateral and a time, and what Intel's library (QVL) answers on them. */
export interface CollateralCase extends QuoteEntry {
  readonly collateral: string;
  readonly pce_id: string;
  readonly td_debug: boolean;
  readonly sept_ve_disable: boolean;
  readonly mr_service_td_nonzero: boolean;
  /** Unix seconds, as are the next two. */
  readonly verify_at: number;
  readonly collateral_valid_from: number;
  readonly collateral_valid_to: number;
  readonly tcb_evaluation_data_number: {
    readonly tcb_info: number;
    readonly qe_identity: number;
  };
  readonly expected: {
    /** `null` where QVL gives no status, but an error. */
    readonly tcb_status: TcbStatus | null;
    /** QVL's own code, such as STATUS_TCB_NOT_SUPPORTED(49). */
    readonly intel_status_code: string;
    readonly launch: ExpectedLevel | null;
    readonly current: ExpectedLevel | null;
    readonly advisory_ids: readonly string[];
  };
  /** What @phala/dcap-qvl answers. */
  readonly observed_dcap_qvl_js: {
    readonly status?: string;
    readonly advisory_ids?: readonly string[];
    readonly error?: string;
  };
  readonly differs_from_dcap_qvl_js: boolean;
}

/** A quote without collateral. */
export interface QuoteCase extends QuoteEntry {
  readonly collateral: null;
  /** What is to be learned from it: it has no collateral, another root, or another TEE. */
  readonly kind: "quote-only" | "test-root" | "sgx";
  /** Such as 2024-09-20 11:12:20+00:00. */
  readonly pck_not_before: string | null;
  readonly pck_not_after: string | null;
}

interface Manifest {
  readonly root_ca: { readonly file: string; readonly sha256: string };
  readonly cases: readonly (CollateralCase | QuoteCase)[];
}

export const tdxManifest = JSON.parse(readVectorText("tdx/manifest.json")) as Manifest;

export const collateralCases: readonly CollateralCase[] = tdxManifest.cases.filter(
  (entry) => entry.collateral !== null,
);

/** The cases to which Intel's library gives a status. */
export const statusCases: readonly CollateralCase[] = collateralCases.filter(
  ({ expected }) => expected.tcb_status !== null,
);

export function quoteCases(kind: QuoteCase["kind"]): readonly QuoteCase[] {
  return tdxManifest.cases.filter(
    (entry) => entry.collateral === null && entry.kind === kind,
  ) as readonly QuoteCase[];
}

/** The case of this name; the names are those of the manifest. */
export function caseNamed(name: string): CollateralCase {
  const found = collateralCases.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no such case: ${name}`);
  return found;
}

export function quoteOf({ dir, quote }: CollateralCase | QuoteCase): Uint8Array {
  return readVector(`tdx/${dir}/${quote}`);
}

/** The quote with the trailing bytes it was found with, where it was found with some. */
export function quoteAsFoundOf(entry: CollateralCase | QuoteCase): Uint8Array | undefined {
  const { dir, quote_as_found } = entry;
  return quote_as_found === undefined ? undefined : readVector(`tdx/${dir}/${quote_as_found.file}`);
}

export function collateralOf({ dir, collateral }: CollateralCase): QuoteCollateral {
  return JSON.parse(readVectorText(`tdx/${dir}/${collateral}`)) as QuoteCollateral;
}
