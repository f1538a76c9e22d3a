import { defaultPolicy, type Policy, parsePolicy } from "./policy.ts";
import type { VerifiedDevice, VerifiedGpus } from "./verify.ts";
import { isAtLeast } from "./versions.ts";

/** Why a policy refuses evidence: one code for each demand. */
export const refusals = {
  ARCHITECTURE_NOT_ACCEPTED: "A device is of an architecture that the policy does not accept.",
  DRIVER_TOO_OLD: "A GPU's driver is older than the policy accepts.",
  VBIOS_TOO_OLD: "A device's VBIOS is older than the policy accepts.",
  VERSIONS_DIFFER: "The devices do not all have the same driver and VBIOS.",
  MODE_NOT_ACCEPTED: "The GPUs are in a mode that the policy does not accept.",
  GPU_COUNT_UNEXPECTED: "There are more or fewer GPUs than the policy demands.",
  SWITCH_COUNT_UNEXPECTED: "There are more or fewer NVSwitches than the policy demands.",
  FWID_REQUIRED: "A GPU's report does not name its firmware.",
  DEVICE_NOT_ACCEPTED: "A device is not one that the policy accepts.",
  RIM_NOT_ACCEPTED: "A RIM is not one that the policy accepts.",
  RIM_HELD: "The signer of a RIM is on hold.",
} as const;

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

export interface Validation {
  readonly accepted: boolean;
  /** Every demand that is not met, not only the first. */
  readonly reasons: readonly Refusal[];
}

type Refuse = (code: RefusalCode, subject: string, expected: string, found: string) => void;

function checkVersions(device: VerifiedDevice, name: string, policy: Policy, refuse: Refuse): void {
  const { driverVersion, vbiosVersion, architecture } = device;
  const { minDriverVersion, minVbiosVersions } = policy;
  if (
    minDriverVersion !== undefined &&
    driverVersion !== undefined &&
    !isAtLeast(driverVersion, minDriverVersion, 10)
  ) {
    refuse(
      "DRIVER_TOO_OLD",
      `${name}.driverVersion`,
      `${minDriverVersion} or later`,
      driverVersion,
    );
  }
  const minimum = minVbiosVersions?.[architecture];
  if (minimum !== undefined && !isAtLeast(vbiosVersion, minimum, 16)) {
    refuse("VBIOS_TOO_OLD", `${name}.vbiosVersion`, `${minimum} or later`, vbiosVersion);
  }
}

function checkDevice(device: VerifiedDevice, name: string, policy: Policy, refuse: Refuse): void {
  const { architecture, identity, rims, isFwidChecked } = device;
  const accepted = policy.architectures;
  if (accepted !== undefined && !accepted.includes(architecture)) {
    const expected = accepted.join(", ") || "none";
    refuse("ARCHITECTURE_NOT_ACCEPTED", `${name}.architecture`, expected, architecture);
  }
  checkVersions(device, name, policy, refuse);
  if (policy.requireFwid && architecture !== "LS10" && !isFwidChecked) {
    refuse("FWID_REQUIRED", `${name}.report.opaque.fwid`, "a digest", "none");
  }
  if (policy.deviceIds !== undefined && !policy.deviceIds.includes(identity.deviceId)) {
    const expected = `one of ${policy.deviceIds.length}`;
    refuse("DEVICE_NOT_ACCEPTED", `${name}.identity.deviceId`, expected, identity.deviceId);
  }
  for (const { id, sha256, isHeld } of rims) {
    if (policy.rimSha256s !== undefined && !policy.rimSha256s.includes(sha256)) {
      refuse("RIM_NOT_ACCEPTED", `${name}: ${id}`, `one of ${policy.rimSha256s.length}`, sha256);
    }
    if (isHeld && policy.acceptHeldRims !== true) {
      refuse("RIM_HELD", `${name}: ${id}`, "a signer that is not on hold", "certificateHold");
    }
  }
}

/** One driver for all, and one VBIOS for all of an architecture. */
function checkSameVersions(devices: readonly VerifiedDevice[], refuse: Refuse): void {
  const versions = new Map<string, Set<string>>();
  const note = (what: string, version: string) =>
    versions.set(what, (versions.get(what) ?? new Set()).add(version));
  for (const { architecture, driverVersion, vbiosVersion } of devices) {
    if (driverVersion !== undefined) note("driver", driverVersion);
    note(`VBIOS of ${architecture}`, vbiosVersion);
  }
  for (const [what, found] of versions) {
    if (found.size > 1) refuse("VERSIONS_DIFFER", what, "one version", [...found].join(", "));
  }
}

function checkMachine(result: VerifiedGpus, policy: Policy, refuse: Refuse): void {
  const { mode, gpuCount, switchCount } = result;
  if (policy.modes !== undefined && (mode === undefined || !policy.modes.includes(mode))) {
    refuse("MODE_NOT_ACCEPTED", "mode", policy.modes.join(", ") || "none", mode ?? "no GPU");
  }
  if (policy.gpuCount !== undefined && policy.gpuCount !== gpuCount) {
    refuse("GPU_COUNT_UNEXPECTED", "gpuCount", String(policy.gpuCount), String(gpuCount));
  }
  if (policy.switchCount !== undefined && policy.switchCount !== switchCount) {
    const expected = String(policy.switchCount);
    refuse("SWITCH_COUNT_UNEXPECTED", "switchCount", expected, String(switchCount));
  }
  if (policy.requireSameVersions) checkSameVersions(result.devices, refuse);
}

/**
 * Judges verified evidence by a policy and says every reason to refuse it.
 *
 * Errors: `POLICY_MALFORMED`.
 */
export function validate(result: VerifiedGpus, policy: Policy = defaultPolicy): Validation {
  const checked = parsePolicy(policy);
  const reasons: Refusal[] = [];
  const refuse: Refuse = (code, subject, expected, found) => {
    reasons.push(Object.freeze({ code, message: refusals[code], subject, expected, found }));
  };
  checkMachine(result, checked, refuse);
  for (const [index, device] of result.devices.entries()) {
    checkDevice(device, `devices[${index}]`, checked, refuse);
  }
  return Object.freeze({ accepted: reasons.length === 0, reasons: Object.freeze(reasons) });
}
