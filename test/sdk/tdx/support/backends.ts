import { type CryptoBackend, nobleBackend, nodeBackend } from "../../../../sdk/tdx/index.ts";

if (nodeBackend === undefined) throw new Error("Node.js has no node:crypto");

/** The backend for tests that verify thousands of times. */
export const fastBackend: CryptoBackend = nodeBackend;

export const backends: readonly CryptoBackend[] = [nodeBackend, nobleBackend];
