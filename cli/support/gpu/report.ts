import { fields, heading, isoTime, line, style } from "../output.ts";
import type { GpuVerdict } from "./verdict.ts";

function printDevice(device: GpuVerdict["devices"][number], index: number): void {
  heading(`Device ${index}${device.authentic ? "" : " (not genuine, or not for this nonce)"}`);
  if (device.reason !== null) {
    line(`  ${style("bold", device.reason.code)}  ${device.reason.message}`);
  }
  if (!device.authentic) return;
  const { measurements } = device;
  fields(
    [
      ["model", device.model ?? ""],
      ["serial", device.serial ?? ""],
      ["device id", device.deviceId ?? ""],
      ...(device.driverVersion === null ? [] : ([["driver", device.driverVersion]] as const)),
      ["VBIOS", device.vbiosVersion ?? ""],
      [
        "measurements",
        measurements === null
          ? "not judged"
          : `${measurements.compared.length} compared with the RIMs, ${measurements.mismatches.length} differ, ${measurements.skipped.length} skipped`,
      ],
      ...device.rims.map(({ id, sha256 }) => ["RIM", `${id}, SHA-256 ${sha256}`] as const),
    ],
    "  ",
  );
}

/** The verdict for people: which devices, what they run, and why they are refused. */
export function printGpuVerdict(verdict: GpuVerdict): void {
  for (const [index, device] of verdict.devices.entries()) printDevice(device, index);
  if (verdict.verified) {
    heading("Machine");
    fields(
      [
        ["GPUs", String(verdict.gpuCount)],
        ["NVSwitches", String(verdict.switchCount)],
        ["mode", verdict.mode ?? "none"],
        ["stands until", isoTime(verdict.earliestExpiry ?? verdict.at)],
      ],
      "  ",
    );
  }
  line();
  line(verdict.accepted ? style("green", "Accepted") : style("red", "Refused"));
  for (const reason of verdict.reasons) {
    line(`  ${style("bold", reason.code)}  ${reason.message}`);
    if (!reason.message.includes("expected ") && reason.expected !== undefined) {
      line(`    ${reason.subject}: expected ${reason.expected}, found ${reason.found}`);
    }
    if (reason.remedy !== undefined) line(`    ${reason.remedy}`);
  }
}
