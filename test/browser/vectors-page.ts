// Runs in the browser: verifies every case of the manifest and tells what came of it.
import * as tdx from "../../sdk/tdx/index.ts";

interface Case {
  readonly name: string;
  readonly dir: string;
  readonly quote: string;
  readonly collateral: string | null;
  readonly verify_at?: number;
}

/** What a case came to: a status and its advisories, or the code it was refused with. */
export interface PageOutcome {
  readonly name: string;
  readonly status?: string;
  readonly tcbDate?: string;
  readonly advisoryIds?: readonly string[];
  readonly code?: string;
}

export interface PageReport {
  readonly backend: string;
  readonly hasNodeBackend: boolean;
  readonly hasProcess: boolean;
  readonly outcomes: readonly PageOutcome[];
}

async function get(path: string): Promise<Response> {
  const response = await fetch(`/vectors/${path}`);
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return response;
}

async function tryCase({ name, dir, quote, collateral, verify_at }: Case): Promise<PageOutcome> {
  const bytes = await (await get(`${dir}/${quote}`)).bytes();
  const json = collateral === null ? null : await (await get(`${dir}/${collateral}`)).json();
  try {
    const { status, tcbDate, advisoryIds } = tdx.verify(bytes, json, {
      at: verify_at ?? new Date("2026-09-01T00:00:00Z"),
      root: tdx.intelSgxRootCa(),
    });
    return { name, status, tcbDate, advisoryIds };
  } catch (error) {
    if (error instanceof tdx.TdxError) return { name, code: error.code };
    throw error;
  }
}

async function verifyVectors(): Promise<PageReport> {
  const { cases }: { cases: readonly Case[] } = await (await get("manifest.json")).json();
  const outcomes: PageOutcome[] = [];
  for (const entry of cases) outcomes.push(await tryCase(entry));
  return {
    backend: tdx.defaultBackend.name,
    hasNodeBackend: tdx.nodeBackend !== undefined,
    hasProcess: "process" in globalThis,
    outcomes,
  };
}

Object.assign(globalThis, { verifyVectors });
