import type { CryptoBackend } from "./crypto-backend.ts";
import { nobleBackend } from "./crypto-noble.ts";
import { createNodeBackend, type NodeCrypto } from "./crypto-node.ts";

/** What is there in Node, and in Deno and Bun, which imitate it. */
interface NodeProcess {
  readonly getBuiltinModule?: (name: "node:crypto") => NodeCrypto | undefined;
}

/** Found at run time, so that a bundle for browsers has no trace of it. */
function detectNodeBackend(): CryptoBackend | undefined {
  const { process } = globalThis as { readonly process?: NodeProcess };
  const crypto = process?.getBuiltinModule?.("node:crypto");
  return crypto === undefined ? undefined : createNodeBackend(crypto);
}

/** The Node backend where there is one, else `undefined`. */
export const nodeBackend: CryptoBackend | undefined = detectNodeBackend();

/** What `verify` uses unless it is told otherwise. */
export const defaultBackend: CryptoBackend = nodeBackend ?? nobleBackend;
