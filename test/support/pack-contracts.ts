/**
 * Puts what the command line deploys into `dist`: the attestation contract, the registry, and the libraries that
 * they are linked with, without what only tools need. A part of `npm run build`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  ACCESS_MANAGER,
  ATTESTATION,
  artifactPath,
  JOB_MARKET,
  librariesOf,
  REGISTRY,
  readArtifact,
} from "../../sdk/contracts/artifacts.ts";

const DIST = path.resolve(import.meta.dirname, "../../dist");

const open = [ATTESTATION, REGISTRY, ACCESS_MANAGER, JOB_MARKET];
const done = new Set<string>();
for (let name = open.pop(); name !== undefined; name = open.pop()) {
  if (done.has(name)) continue;
  done.add(name);
  const artifact = await readArtifact(name);
  const { abi, bytecode, linkReferences } = artifact;
  const file = path.join(DIST, artifactPath(name));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ abi, bytecode, linkReferences }));
  open.push(...librariesOf(artifact));
}
