/** Statuses that Intel's TCB info gives a platform's TCB level (PCS v4 API, TCB Info V3). */
export const platformTcbStatuses = [
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
] as const;

export type PlatformTcbStatus = (typeof platformTcbStatuses)[number];

/** Statuses of a component: the TDX module or the quoting enclave. */
export const componentTcbStatuses = ["UpToDate", "OutOfDate", "Revoked"] as const;

export type ComponentTcbStatus = (typeof componentTcbStatuses)[number];

/** Every status a quote can end with. The last two come only of TD 1.5 reports. */
export const tcbStatuses = [
  ...platformTcbStatuses,
  "TDRelaunchAdvised",
  "TDRelaunchAdvisedConfigurationNeeded",
] as const;

export type TcbStatus = (typeof tcbStatuses)[number];

/** What a platform's status becomes when a component is out of date; others stay. */
const WITH_OUT_OF_DATE_COMPONENT: Readonly<Record<PlatformTcbStatus, PlatformTcbStatus>> = {
  UpToDate: "OutOfDate",
  SWHardeningNeeded: "OutOfDate",
  ConfigurationNeeded: "OutOfDateConfigurationNeeded",
  ConfigurationAndSWHardeningNeeded: "OutOfDateConfigurationNeeded",
  OutOfDate: "OutOfDate",
  OutOfDateConfigurationNeeded: "OutOfDateConfigurationNeeded",
  Revoked: "Revoked",
};

/**
 * Merges the platform's status with those of its components (QVL `convergeTcbStatuses`): a
 * revoked component revokes, an out-of-date one makes out of date what was not.
 */
export function mergeTcbStatus(
  platform: PlatformTcbStatus,
  components: readonly ComponentTcbStatus[],
): PlatformTcbStatus {
  if (components.includes("Revoked")) return "Revoked";
  return components.includes("OutOfDate") ? WITH_OUT_OF_DATE_COMPONENT[platform] : platform;
}

const NEEDS_CONFIGURATION: ReadonlySet<PlatformTcbStatus> = new Set<PlatformTcbStatus>([
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDateConfigurationNeeded",
]);
const OUT_OF_DATE: ReadonlySet<PlatformTcbStatus> = new Set<PlatformTcbStatus>([
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
]);

/**
 * The status of a TD 1.5 from its TCB at launch and its TCB now (QVL `checkForRelaunch`): a TD
 * that started on an out-of-date TDX module which has been updated under it should start again.
 */
export function mergeRelaunch(launch: PlatformTcbStatus, current: PlatformTcbStatus): TcbStatus {
  if (!OUT_OF_DATE.has(launch)) return launch;
  if (OUT_OF_DATE.has(current) || current === "Revoked") return launch;
  return NEEDS_CONFIGURATION.has(launch) || NEEDS_CONFIGURATION.has(current)
    ? "TDRelaunchAdvisedConfigurationNeeded"
    : "TDRelaunchAdvised";
}
