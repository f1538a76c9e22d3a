import type { Hex } from "viem";

/** The EIP-712 domain of the worker registry. */
export function registryDomain({
  chainId,
  registry,
}: {
  readonly chainId: number;
  readonly registry: Hex;
}) {
  return {
    name: "Chainseal WorkerRegistry",
    version: "1",
    chainId,
    verifyingContract: registry,
  } as const;
}

/** What an identity signs to be registered: the commitment in its quote's report data. */
export const registrationTypes = {
  Registration: [{ name: "commitment", type: "bytes32" }],
} as const;

/** What a program's owner signs to admit a worker under COSIGN. */
export const admitTypes = {
  Admit: [
    { name: "programId", type: "bytes32" },
    { name: "identity", type: "address" },
    { name: "platformId", type: "bytes32" },
    { name: "challengeBlock", type: "uint256" },
  ],
} as const;

/** What a worker signs to have a call of a gated contract carried (`WorkerGate.callAs`). */
export const workerCallTypes = {
  WorkerCall: [
    { name: "worker", type: "address" },
    { name: "data", type: "bytes" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;
