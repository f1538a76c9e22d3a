/**
 * Adds to package-lock.json the optional platform packages (binaries for other systems) that the
 * registry at hand does not offer: npm 11 refuses to install from a lock without them. Run it after
 * a change of dependencies, when test/project/lock.test.ts asks for it.
 */
import { readFile, writeFile } from "node:fs/promises";

const FILE = new URL("../../package-lock.json", import.meta.url);

const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const PROCESSORS = ["arm", "arm64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"];

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Other words for a processor: some packages name it as Go does. */
function aliasOf(words: readonly string[]): string | undefined {
  return words.includes("amd64") ? "x64" : undefined;
}

/** What a platform package of this name is for, as its name's parts say. */
function platformOf(name: string): Pick<LockedPackage, "os" | "cpu" | "libc"> {
  const words = (name.split("/").at(-1) ?? name).split("-");
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor)) ?? aliasOf(words);
  if (os === undefined || cpu === undefined) throw new Error(`cannot tell the platform of ${name}`);
  const last = words.at(-1) ?? "";
  const libc = last.startsWith("musl") ? "musl" : last.startsWith("gnu") ? "glibc" : undefined;
  return { cpu: [cpu], ...(os === "linux" && libc ? { libc: [libc] } : {}), os: [os] };
}

const lock = JSON.parse(await readFile(FILE, "utf8")) as {
  packages: Record<string, LockedPackage>;
};
const added: string[] = [];
for (const [path, parent] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] || lock.packages[`${path}/${key}`]) continue;
    lock.packages[key] = {
      version,
      ...platformOf(name),
      ...(parent.dev ? { dev: true } : {}),
      ...(parent.license === undefined ? {} : { license: parent.license }),
      optional: true,
    };
    added.push(name);
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
await writeFile(FILE, `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(added.length === 0 ? "complete\n" : `added: ${added.join(", ")}\n`);
