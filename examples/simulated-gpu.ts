/**
 * Makes the evidence of a simulated HGX board, verifies it, and shows that the same board without
 * one of its NVSwitches is refused.
 *
 * After `npm run build`, with Node 22.18 or newer:
 *
 *   node examples/simulated-gpu.ts
 */
import { GpuError, validate, verify } from "chainseal/sdk/gpu";
import { createGpuSimulator } from "chainseal/sdk/gpu/simulator";

const simulator = createGpuSimulator({ seed: "an example" });
const { gpus, switches, evidence } = simulator.hgx();
const collateral = simulator.collateral(...gpus, ...switches);

const nonce = crypto.getRandomValues(new Uint8Array(32));
const shown = evidence(nonce);
const options = { at: simulator.at, nonce, roots: simulator.roots };

const result = verify(shown, collateral, options);
const policy = { modes: ["PPCIE"], gpuCount: 8, switchCount: 4, minDriverVersion: "550" } as const;
console.log(`${result.gpuCount} GPUs, ${result.switchCount} NVSwitches, mode ${result.mode}`);
console.log(`accepted: ${validate(result, policy).accepted}`);

try {
  verify(shown.slice(0, -1), collateral, options);
} catch (error) {
  if (!(error instanceof GpuError)) throw error;
  console.log(`without one NVSwitch: ${error.code}`);
}
