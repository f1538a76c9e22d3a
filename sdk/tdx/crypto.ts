import type { CryptoBackend } from "./crypto-backend.ts";
import { nobleBackend } from "./crypto-noble.ts";
import { createNodeBackend, type NodeBackendOptions, type NodeCrypto } from "./crypto-node.ts";

/** What is there in Node, and in Deno and Bun, which imitate it. */
interface NodeProcess {
  readonly getBuiltinModule?: (name: "node:crypto") => NodeCrypto | undefined;
  readonly versions?: { readonly node?: string };
}

/**
 * A backend on node:crypto, or `undefined` where there is none. It is found at run time, so that a
 * bundle for browsers has no trace of it.
 */
export function detectNodeBackend(options: NodeBackendOptions = {}): CryptoBackend | undefined {
  const { process } = globalThis as { readonly process?: NodeProcess };
  const crypto = process?.getBuiltinModule?.("node:crypto");
  if (crypto === undefined) return undefined;
  const major = Number.parseInt(process?.versions?.node ?? "0", 10);
  return createNodeBackend(crypto, { importFrom: major >= 24 ? "pem" : "jwk", ...options });
}

/** The Node backend where there is one, else `undefined`. */
export const nodeBackend: CryptoBackend | undefined = detectNodeBackend();

/** What `verify` uses unless it is told otherwise. */
export const defaultBackend: CryptoBackend = nodeBackend ?? nobleBackend;
