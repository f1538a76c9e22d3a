import { GpuError } from "./errors.ts";

/** What NVIDIA's `evidence_list` calls the families of devices. */
export const architectures = ["HOPPER", "BLACKWELL", "LS10"] as const;

export type Architecture = (typeof architectures)[number];

/** `GH100 A01 GSP BROM`, `GB100 A01 GSP FMC LF`, `LS_10 A01 FSP BROM`: chip, stepping, engine, part. */
const COMMON_NAME = /^(G[HB][0-9A-Z]{3}|LS_10) [0-9A-Z]{1,8} [0-9A-Z]{1,8} (BROM|FMC LF)$/;

export interface DeviceName {
  readonly architecture: Architecture;
  /** Such as GH100, GB100, LS10. */
  readonly chip: string;
  /** The part that the key belongs to: the boot ROM, or the firmware that it starts. */
  readonly part: "BROM" | "FMC LF";
}

/** By the letters with which the names of chips begin. */
export function architectureOf(chip: string): Architecture {
  if (chip.startsWith("GH")) return "HOPPER";
  return chip.startsWith("GB") ? "BLACKWELL" : "LS10";
}

/** Reads the common name of a device's own certificates. Errors: `CERTIFICATE_SUBJECT_UNEXPECTED`. */
export function readDeviceName(commonName: string, subject: string): DeviceName {
  const [, name, part] = COMMON_NAME.exec(commonName) ?? [];
  if (name === undefined || (part !== "BROM" && part !== "FMC LF")) {
    throw new GpuError("CERTIFICATE_SUBJECT_UNEXPECTED", {
      subject,
      expected: "a name such as GH100 A01 GSP BROM",
      found: commonName,
    });
  }
  return Object.freeze({ architecture: architectureOf(name), chip: name.replace("_", ""), part });
}
