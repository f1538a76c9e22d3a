import type { Hex } from "../bytes.ts";
import type { AuthenticReport } from "./authenticate.ts";
import { GpuError } from "./errors.ts";

/**
 * How a GPU is set up. `SPT`: alone in its machine's trust, `MPT`: several GPUs over encrypted
 * NVLink, `PPCIE`: protected PCIe, all GPUs and NVSwitches of an HGX board together.
 */
export const modes = ["SPT", "MPT", "PPCIE"] as const;
export type Mode = (typeof modes)[number];

const HGX_GPUS = 8;
const HGX_SWITCHES = 4;
const FEATURE_PPCIE = 2;

function isSwitch({ architecture }: AuthenticReport): boolean {
  return architecture === "LS10";
}

/**
 * A GPU's mode, from its feature flag (newer drivers) and its protected PCIe status, which must
 * not contradict each other. Errors: `TOPOLOGY_MODE_MISMATCH`.
 */
function modeOf({ report, identity }: AuthenticReport): Mode {
  const { featureFlag, protectedPcieStatus } = report.opaque;
  const mismatch = (found: string) =>
    new GpuError("TOPOLOGY_MODE_MISMATCH", { subject: `serial ${identity.serial}`, found });
  if (protectedPcieStatus === "invalid") throw mismatch("a status that is neither on nor off");
  const isOn = protectedPcieStatus === "on";
  if (featureFlag === undefined) return isOn ? "PPCIE" : "SPT";
  const mode = modes[featureFlag];
  if (mode === undefined) throw mismatch(`feature flag ${featureFlag}`);
  if (protectedPcieStatus !== undefined && isOn !== (featureFlag === FEATURE_PPCIE)) {
    throw mismatch(`feature flag ${featureFlag}, protected PCIe ${protectedPcieStatus}`);
  }
  return mode;
}

/** Errors: `DEVICE_DUPLICATE`. */
function checkDistinct(devices: readonly AuthenticReport[]): void {
  const seen = new Set<Hex>();
  for (const { identity } of devices) {
    if (seen.has(identity.deviceId)) {
      throw new GpuError("DEVICE_DUPLICATE", { subject: identity.model, found: identity.serial });
    }
    seen.add(identity.deviceId);
  }
}

/** A device's PDI by its certificate, which what others say of it must agree with. */
function pdiOf({ identity, report }: AuthenticReport): Hex {
  const { pdi, serial } = identity;
  const { devicePdi } = report.opaque;
  if (pdi === undefined || (devicePdi !== undefined && devicePdi !== pdi)) {
    throw new GpuError("TOPOLOGY_IDENTITY_MISMATCH", {
      subject: `serial ${serial}`,
      expected: pdi ?? "a serial number with a PDI",
      found: devicePdi ?? "none",
    });
  }
  return pdi;
}

function sameSet(found: readonly Hex[] | undefined, expected: ReadonlySet<Hex>): boolean {
  const distinct = new Set(found);
  return distinct.size === expected.size && [...distinct].every((pdi) => expected.has(pdi));
}

/**
 * Checks that the devices of a protected PCIe machine are exactly those that see each other: each
 * GPU names the NVSwitches and each NVSwitch the GPUs at the other ends of its links, and both are
 * known by their identity certificates, not by what they say of themselves.
 *
 * Errors: `TOPOLOGY_INCOMPLETE`, `TOPOLOGY_IDENTITY_MISMATCH`, `TOPOLOGY_SWITCHES_MISMATCH`,
 * `TOPOLOGY_GPUS_MISMATCH`.
 */
function checkHgx(gpus: readonly AuthenticReport[], switches: readonly AuthenticReport[]): void {
  if (gpus.length !== HGX_GPUS || switches.length !== HGX_SWITCHES) {
    throw new GpuError("TOPOLOGY_INCOMPLETE", {
      expected: `${HGX_GPUS} GPUs and ${HGX_SWITCHES} NVSwitches`,
      found: `${gpus.length} and ${switches.length}`,
    });
  }
  const gpuPdis = new Set(gpus.map(pdiOf));
  const switchPdis = new Set(switches.map(pdiOf));
  const list = (pdis: Iterable<Hex> | undefined) => [...new Set(pdis)].sort().join(" ");
  for (const { report, identity } of gpus) {
    if (sameSet(report.opaque.switchPdis, switchPdis)) continue;
    throw new GpuError("TOPOLOGY_SWITCHES_MISMATCH", {
      subject: `GPU ${identity.serial}`,
      expected: list(switchPdis),
      found: list(report.opaque.switchPdis),
    });
  }
  for (const { report, identity } of switches) {
    if (sameSet(report.opaque.gpuPdis, gpuPdis)) continue;
    throw new GpuError("TOPOLOGY_GPUS_MISMATCH", {
      subject: `NVSwitch ${identity.serial}`,
      expected: list(gpuPdis),
      found: list(report.opaque.gpuPdis),
    });
  }
}

/**
 * Checks devices as one machine and returns the mode of its GPUs; `undefined` when there are
 * NVSwitches only. NVSwitches beside GPUs belong to protected PCIe.
 */
export function checkTopology(devices: readonly AuthenticReport[]): Mode | undefined {
  checkDistinct(devices);
  const gpus = devices.filter((device) => !isSwitch(device));
  const switches = devices.filter(isSwitch);
  const [mode, ...others] = new Set(gpus.map(modeOf));
  if (mode === undefined) return undefined;
  if (others.length > 0 || (switches.length > 0 && mode !== "PPCIE")) {
    throw new GpuError("TOPOLOGY_MODE_MISMATCH", {
      expected: "one mode, and protected PCIe beside NVSwitches",
      found: [mode, ...others].join(", "),
    });
  }
  if (mode === "PPCIE") checkHgx(gpus, switches);
  return mode;
}
