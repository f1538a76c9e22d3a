import { readdirSync } from "node:fs";
import { type GpuEvidence, parseEvidence } from "../../../../sdk/gpu/index.ts";
import { readVector, readVectorText } from "../../../support/vectors.ts";

export const gpuFolders: readonly string[] = readdirSync(
  new URL("../../../vectors/gpu/", import.meta.url),
).sort();

export function gpuVector(path: string): Uint8Array {
  return readVector(`gpu/${path}`);
}

export function gpuVectorText(path: string): string {
  return readVectorText(`gpu/${path}`);
}

export function gpuManifest(folder: string): { readonly nonce: string } {
  return JSON.parse(gpuVectorText(`${folder}/manifest.json`));
}

/** An H100 with its RIMs and OCSP responses. */
export const H100 = "h100-550.90.07-full-pass";
export const HGX = "hgx-h100x8-nvswitch4-ppcie-590.12-pass";
export const LS10 = "ls10-switch-96.10.55-full-pass";
/** Within the periods of the H100's RIM signers and of the OCSP responses about them. */
export const RIM_TIME = Date.parse("2025-10-24T12:00:00Z") / 1000;
/** Within the periods of the OCSP responses about the H100, and of its RIM signers. */
export const DEVICE_TIME = Date.parse("2025-08-21T12:00:00Z") / 1000;

export function evidenceOf(folder: string): GpuEvidence {
  return { report: gpuVector(`${folder}/report.bin`), chain: gpuVector(`${folder}/chain.pem`) };
}

export const hgxEvidence: readonly GpuEvidence[] = ["gpu", "switch"].flatMap((kind) =>
  parseEvidence(gpuVectorText(`${HGX}/${kind}_evidence.json`)),
);
