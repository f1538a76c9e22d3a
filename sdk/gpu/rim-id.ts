import type { Architecture } from "./architecture.ts";
import { GpuError } from "./errors.ts";
import type { OpaqueData } from "./opaque-data.ts";

/** A RIM that a device needs: by what id to ask for it, and which version it must be of. */
export interface NeededRim {
  readonly part: "driver" | "VBIOS" | "switch BIOS";
  readonly id: string;
  readonly version: string;
}

const DEFAULT_BLACKWELL_CHIP = "GB100";
/** What stands in ids goes into addresses, so it must be harmless there. */
const HARMLESS = /^[A-Za-z0-9.]{1,64}$/;

function field(
  opaque: OpaqueData,
  name: "driverVersion" | "vbiosVersion" | "project" | "projectSku" | "chipSku",
): string {
  const value = opaque[name];
  if (value !== undefined && HARMLESS.test(value)) return value;
  throw new GpuError("REPORT_FIELD_MISSING", {
    subject: name,
    expected: "letters, digits and dots",
    found: value ?? "nothing",
  });
}

/** Project, SKU and chip SKU of LS10, which its reports do not have: NVIDIA's tools fix them too. */
const LS10_PROJECT = "5612_0002_890";

/** Versions in ids have no dots, and letters are in upper case. */
function biosId(prefix: string, version: string): string {
  return `${prefix}_${version.replaceAll(".", "")}`.toUpperCase();
}

function vbiosId(opaque: OpaqueData, version: string): string {
  const parts = [field(opaque, "project"), field(opaque, "projectSku"), field(opaque, "chipSku")];
  return biosId(`NV_GPU_VBIOS_${parts.join("_")}`, version);
}

function driverId(architecture: Architecture, opaque: OpaqueData): string {
  const version = field(opaque, "driverVersion");
  if (architecture === "HOPPER") return `NV_GPU_DRIVER_GH100_${version}`;
  const chip = opaque.chip ?? DEFAULT_BLACKWELL_CHIP;
  if (!HARMLESS.test(chip)) {
    throw new GpuError("REPORT_FIELD_MISSING", { subject: "chip info", found: chip });
  }
  return `NV_GPU_CC_DRIVER_${chip.toUpperCase()}_${version}`;
}

/**
 * The RIMs that a device's report asks for, from its signed fields: driver and VBIOS of a GPU, the
 * BIOS of an NVSwitch.
 *
 * Errors: `REPORT_FIELD_MISSING`.
 */
export function neededRims(architecture: Architecture, opaque: OpaqueData): readonly NeededRim[] {
  const version = field(opaque, "vbiosVersion");
  if (architecture === "LS10") {
    const id = biosId(`NV_SWITCH_BIOS_${LS10_PROJECT}`, version);
    return [{ part: "switch BIOS", id, version }];
  }
  return [
    {
      part: "driver",
      id: driverId(architecture, opaque),
      version: field(opaque, "driverVersion"),
    },
    { part: "VBIOS", id: vbiosId(opaque, version), version },
  ];
}
