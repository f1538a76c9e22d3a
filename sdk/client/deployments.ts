// Made by `npm run docs` from ignition/deployments; do not edit.
import type { Address } from "viem";

/** Where the contracts are on one chain. */
export interface Deployment {
  readonly attestation: Address;
  readonly registry: Address;
  readonly authority: Address;
}

/** The recorded deployments by chain id. */
export const deployments: Readonly<Record<number, Deployment>> = {};
