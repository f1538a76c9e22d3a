import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Bundle {
  readonly code: Uint8Array;
  /** Every file in it, relative to the repository. */
  readonly inputs: readonly string[];
}

/**
 * Bundles one entry for browsers. Nothing stands in for Node's modules: an import of one that is
 * reached makes this throw.
 */
export async function bundleForBrowser(
  entry: Pick<BuildOptions, "entryPoints" | "stdin">,
  format: "esm" | "iife" = "esm",
): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    ...entry,
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    outdir: "out",
    platform: "browser",
    target: "es2023",
    format,
    ...(format === "iife" ? { globalName: "tdx" } : {}),
    minify: true,
    logLevel: "silent",
  });
  const [output, ...others] = outputFiles;
  if (output === undefined || others.length > 0 || warnings.length > 0) {
    throw new Error(`unexpected output of esbuild: ${JSON.stringify(warnings)}`);
  }
  return { code: output.contents, inputs: Object.keys(metafile.inputs) };
}
