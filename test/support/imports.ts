/** Where module names stand in a source: static and dynamic imports, re-exports, built-ins by name. */
const MODULE_NAMES = [
  /^\s*(?:import|export)\s[^;"']*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\bimport\s*\(\s*["']([^"']+)["']/g,
  /\brequire(?:\.resolve)?\s*\(\s*["']([^"']+)["']/g,
  /\bimport\.meta\.resolve\s*\(\s*["']([^"']+)["']/g,
];

/** The module names that a TypeScript source imports, types included, without repetition. */
export function importsOf(source: string): string[] {
  const found = MODULE_NAMES.flatMap((pattern) =>
    Array.from(source.matchAll(pattern), (match) => match[1] ?? ""),
  );
  return [...new Set(found)];
}
