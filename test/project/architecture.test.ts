import assert from "node:assert/strict";
import { isBuiltin } from "node:module";
import path from "node:path";
import { importsOf } from "../support/imports.ts";
import { projectFiles, readProjectFile } from "../support/project.ts";

/** What kinds of evidence share: each kind depends on no other folder of the project. */
const EVIDENCE_MAY_IMPORT = [
  "sdk/x509/",
  "sdk/base64.ts",
  "sdk/bounded-cache.ts",
  "sdk/bytes.ts",
  "sdk/errors.ts",
  "sdk/json.ts",
] as const;

/**
 * What each part of the project may import from the project, most specific part first: folders end
 * in `/`, `sdk/*` stands for the files directly in `sdk/`.
 */
const MAY_IMPORT = {
  "sdk/x509/": ["sdk/x509/", "sdk/base64.ts", "sdk/bytes.ts", "sdk/errors.ts"],
  "sdk/tdx/": ["sdk/tdx/", ...EVIDENCE_MAY_IMPORT],
  "sdk/gpu/": ["sdk/gpu/", ...EVIDENCE_MAY_IMPORT],
  "sdk/worker/": ["sdk/worker/", "sdk/client/", "sdk/tdx/", "sdk/*"],
  "sdk/": ["sdk/"],
  "relayer/": ["relayer/", "sdk/"],
  "cli/": ["cli/", "relayer/", "sdk/"],
} as const satisfies Record<string, readonly string[]>;

/** These run in browsers too, so they name no built-in module of Node.js. */
const WITHOUT_BUILTINS = ["sdk/x509/", "sdk/tdx/", "sdk/gpu/", "sdk/*"];

/** What talks to a chain: the rest of the library is for those who never do. */
const WITH_VIEM = [
  "sdk/client/",
  "sdk/contracts/",
  "sdk/ethers/",
  "sdk/tdx/onchain/",
  "sdk/testing/",
  "sdk/worker/",
  "relayer/",
  "cli/",
];

/** A file is a screen or three. A table that is one list of like entries may be longer. */
const MAX_LINES = 400;
const TABLES = new Set(["sdk/gpu/errors.ts", "sdk/tdx/errors.ts"]);

interface Source {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function isIn(file: string, part: string): boolean {
  return part.endsWith("*") ? `${path.posix.dirname(file)}/*` === part : file.startsWith(part);
}

function partOf(file: string): keyof typeof MAY_IMPORT | undefined {
  const parts = Object.keys(MAY_IMPORT) as (keyof typeof MAY_IMPORT)[];
  return parts.find((part) => isIn(file, part));
}

/** The project's file that a relative import names; `undefined` for packages and built-ins. */
function target(file: string, name: string): string | undefined {
  if (!name.startsWith(".")) return undefined;
  return path.posix.join(path.posix.dirname(file), name);
}

function forbiddenImports({ file, imports }: Source): string[] {
  const part = partOf(file);
  if (part === undefined) return [];
  const allowed: readonly string[] = MAY_IMPORT[part];
  return imports
    .map((name) => target(file, name))
    .filter((found) => found !== undefined)
    .filter((found) => !allowed.some((one) => isIn(found, one)))
    .map((found) => `${file} imports ${found}`);
}

function forbiddenBuiltins({ file, imports }: Source): string[] {
  if (!WITHOUT_BUILTINS.some((part) => isIn(file, part))) return [];
  return imports.filter(isBuiltin).map((name) => `${file} imports ${name}`);
}

function packageName(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

describe("architecture", () => {
  let sources: Source[];

  before(() => {
    sources = projectFiles()
      .filter((file) => partOf(file) !== undefined && file.endsWith(".ts"))
      .map((file) => {
        const text = readProjectFile(file);
        return { file, text, imports: importsOf(text) };
      });
  });

  it("reads the imports of every part that there is", () => {
    for (const part of ["sdk/x509/", "sdk/tdx/", "sdk/gpu/", "cli/"]) {
      const inside = sources.filter(({ file }) => isIn(file, part));
      assert.ok(inside.length > 0, `no sources in ${part}`);
      assert.ok(
        inside.some(({ imports }) => imports.length > 0),
        `no imports in ${part}`,
      );
    }
  });

  it("finds imports in all their forms", () => {
    const source = [
      'import { a } from "./a.ts";',
      'import type { b } from "./b.ts";',
      "import {",
      "  c,",
      '} from "./c.ts";',
      'import "./d.ts";',
      'export * from "./e.ts";',
      'export { f } from "./f.ts";',
      'const g = await import("./g.ts");',
      'const h = require("h");',
      'const text = "from here";',
      'import { a } from "./a.ts";',
    ].join("\n");
    assert.deepEqual(importsOf(source).sort(), [
      "./a.ts",
      "./b.ts",
      "./c.ts",
      "./d.ts",
      "./e.ts",
      "./f.ts",
      "./g.ts",
      "h",
    ]);
  });

  it("refuses an import against the direction", () => {
    const text = "";
    const upward = { file: "sdk/tdx/quote.ts", text, imports: ["../client/read.ts"] };
    assert.deepEqual(forbiddenImports(upward), ["sdk/tdx/quote.ts imports sdk/client/read.ts"]);
    const downward = { file: "cli/main.ts", text, imports: ["../sdk/tdx/index.ts", "viem"] };
    assert.deepEqual(forbiddenImports(downward), []);
    const shared = { file: "sdk/tdx/errors.ts", text, imports: ["../errors.ts", "node:fs"] };
    assert.deepEqual(forbiddenImports(shared), []);
    assert.deepEqual(forbiddenBuiltins(shared), ["sdk/tdx/errors.ts imports node:fs"]);
    const evidence = { file: "sdk/tdx/pck.ts", text, imports: ["../x509/der.ts", "../index.ts"] };
    assert.deepEqual(forbiddenImports(evidence), ["sdk/tdx/pck.ts imports sdk/index.ts"]);
    const across = { file: "sdk/gpu/report.ts", text, imports: ["../tdx/quote.ts"] };
    assert.deepEqual(forbiddenImports(across), ["sdk/gpu/report.ts imports sdk/tdx/quote.ts"]);
  });

  it("imports in one direction: cli, relayer, sdk", () => {
    assert.deepEqual(sources.flatMap(forbiddenImports), []);
  });

  it("keeps built-in modules of Node.js out of what runs in browsers", () => {
    assert.deepEqual(sources.flatMap(forbiddenBuiltins), []);
  });

  it("keeps viem out of what verifies quotes without a chain", () => {
    const outside = sources.filter(({ file }) => !WITH_VIEM.some((part) => isIn(file, part)));
    const found = outside.flatMap(({ file, imports }) =>
      imports
        .filter((name) => packageName(name) === "viem" || name.includes("/onchain/"))
        .map((name) => `${file} imports ${name}`),
    );
    assert.deepEqual(found, []);
  });

  it("imports only packages that a user of the library gets", () => {
    const manifest: Record<
      "dependencies" | "peerDependencies",
      Record<string, string>
    > = JSON.parse(readProjectFile("package.json"));
    // Who has a provider of ethers has ethers.
    const isGiven = (file: string, name: string): boolean =>
      name in manifest.dependencies ||
      (file.startsWith("sdk/ethers/") && name === "ethers" && name in manifest.peerDependencies);
    const missing = sources.flatMap(({ file, imports }) =>
      imports
        .filter((name) => !name.startsWith(".") && !isBuiltin(name))
        .filter((name) => !isGiven(file, packageName(name)))
        .map((name) => `${file} imports ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  it(`has files of at most ${MAX_LINES} lines`, () => {
    const long = sources
      .filter(({ file }) => !TABLES.has(file))
      .map(({ file, text }) => ({ file, lines: text.split("\n").length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ file, lines }) => `${file} has ${lines} lines`);
    assert.deepEqual(long, []);
  });
});
