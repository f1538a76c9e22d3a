import {
  type GpuCollateral,
  type GpuEvidence,
  type VerifiedGpus,
  verify,
} from "../../../../sdk/gpu/index.ts";
import { createGpuSimulator, type Device } from "../../../../sdk/gpu/simulator/index.ts";

/** One simulator for all tests: it has no state, only a seed. */
export const simulator = createGpuSimulator({ seed: "chainseal tests" });

export const NONCE = new Uint8Array(32).fill(0x5a);

export const device: Device = simulator.device();
export const evidence: GpuEvidence = device.evidence(NONCE);
/** Fresh RIMs and OCSP responses for `device`. */
export const collateral: GpuCollateral = simulator.collateral(device);

export const trust = { roots: simulator.roots, nonce: NONCE, at: simulator.at };

/** Verifies under the simulator's roots, at its time unless another is given. */
export function verifySimulated(
  what: GpuEvidence | readonly GpuEvidence[] = evidence,
  by: GpuCollateral = collateral,
  at: number = simulator.at,
): VerifiedGpus {
  return verify(what, by, { ...trust, at });
}

/** The RIM of the simulator's driver, changed. */
export function driverRim(
  changes: Partial<Parameters<typeof simulator.rim>[0]>,
): ReturnType<typeof simulator.rim> {
  return simulator.rim({ version: "550.90.07", ...changes });
}

/** Collateral whose driver RIM is another. */
export function withDriverRim(changes: Parameters<typeof driverRim>[0]): GpuCollateral {
  const [, vbios = ""] = collateral.rims;
  return { ...collateral, rims: [driverRim(changes).xml, vbios as string] };
}
