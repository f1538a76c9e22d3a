import assert from "node:assert/strict";
import { projectFiles, readProjectFile } from "../support/project.ts";

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** Licences of what users of the library install. */
const LIBRARY_LICENCES = new Set([
  "MIT",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MPL-2.0",
]);

/** Licences of tools, which are not redistributed. */
const TOOL_LICENCES = new Set([
  ...LIBRARY_LICENCES,
  "0BSD",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
]);

/** Packages whose package.json names the licence in a form of its own, or leaves it to a file. */
const STATED_ELSEWHERE: Record<string, string> = {
  "node_modules/memorystream": "MIT",
  "node_modules/@nomicfoundation/ignition-ui": "MIT",
};

/** In parts, so that this file passes its own test. */
const REGISTRY_HOSTS = [
  ["registry", "npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["registry", "npmmirror", "com"],
  ["npm", "pkg", "github", "com"],
].map((labels) => labels.join("."));

/** A licence expression is fine when one of its alternatives is. */
function isAllowed(licence: string | undefined, allowed: ReadonlySet<string>): boolean {
  if (licence === undefined) return false;
  const alternatives = licence.replace(/^\((.*)\)$/, "$1").split(" OR ");
  return alternatives.some((one) => allowed.has(one));
}

describe("package-lock.json", () => {
  let packages: Record<string, LockedPackage>;

  /** Where Node.js finds `name` from the package at `from`, as a key of the lock file. */
  function locate(from: string, name: string): string | undefined {
    let base = from;
    for (;;) {
      const key = `${base === "" ? "" : `${base}/`}node_modules/${name}`;
      if (key in packages) return key;
      if (base === "") return undefined;
      const outer = base.lastIndexOf("/node_modules/");
      base = outer === -1 ? "" : base.slice(0, outer);
    }
  }

  /** Everything that installing chainseal as a library brings. */
  function libraryPackages(): Set<string> {
    const found = new Set<string>();
    const open = [""];
    for (let from = open.pop(); from !== undefined; from = open.pop()) {
      const entry = packages[from];
      assert.ok(entry, `${from} is not in the lock file`);
      const peers = Object.keys(entry.peerDependencies ?? {}).filter(
        (name) => entry.peerDependenciesMeta?.[name]?.optional !== true,
      );
      const names = [
        ...Object.keys(entry.dependencies ?? {}),
        ...Object.keys(entry.optionalDependencies ?? {}),
        ...peers,
      ];
      for (const name of names) {
        const key = locate(from, name);
        assert.ok(key, `${name}, which ${from || "chainseal"} needs, is not in the lock file`);
        if (found.has(key)) continue;
        found.add(key);
        open.push(key);
      }
    }
    return found;
  }

  before(() => {
    packages = JSON.parse(readProjectFile("package-lock.json")).packages;
  });

  it("records no download addresses", () => {
    const addressed = Object.keys(packages).filter((key) => packages[key]?.resolved !== undefined);
    assert.deepEqual(addressed, []);
  });

  it("holds every optional package of every platform", () => {
    const missing = Object.entries(packages).flatMap(([key, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter((name) => !locate(key, name)),
    );
    assert.deepEqual(missing, []);
  });

  it("holds tools under permissive licences only", () => {
    const others = Object.entries(packages)
      .map(([key, { license }]) => ({ key, licence: license ?? STATED_ELSEWHERE[key] }))
      .filter(({ licence }) => !isAllowed(licence, TOOL_LICENCES))
      .map(({ key, licence }) => `${key}: ${licence}`);
    assert.deepEqual(others, []);
  });

  it("brings users of the library few packages, all under the strictest licences", () => {
    const library = [...libraryPackages()];
    assert.ok(library.includes("node_modules/@noble/curves"), "the dependencies were followed");
    assert.ok(library.length < 30, `${library.length} packages`);
    const others = library
      .filter((key) => !isAllowed(packages[key]?.license, LIBRARY_LICENCES))
      .map((key) => `${key}: ${packages[key]?.license}`);
    assert.deepEqual(others, []);
  });

  it("brings users of the library no native binary and no install script", () => {
    const native = [...libraryPackages()].filter((key) => {
      const entry = packages[key];
      return entry?.os !== undefined || entry?.cpu !== undefined || entry?.hasInstallScript;
    });
    assert.deepEqual(native, []);
  });
});

describe("the project's files", () => {
  it("name no package registry", () => {
    const files = projectFiles();
    assert.ok(files.includes("package-lock.json"), "the files were listed");
    const naming = files.filter((file) => {
      const text = readProjectFile(file);
      return REGISTRY_HOSTS.some((host) => text.includes(host));
    });
    assert.deepEqual(naming, []);
  });
});
