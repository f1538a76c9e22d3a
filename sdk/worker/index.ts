/**
 * The worker's side, for Node.js in a TDX machine: where its quotes come from, how it registers and
 * stays registered, and what of its program is measured.
 */
export { WorkerError, type WorkerErrorCode, workerErrors } from "./errors.ts";
export type {
  Challenge,
  Confirmation,
  Logger,
  LogLevel,
  LogLine,
  Registration,
  WorkerEvent,
} from "./events.ts";
export {
  type CreateAppComposeOptions,
  createAppCompose,
  MAX_APP_COMPOSE_LENGTH,
  type MeasuredCompose,
  measureAppCompose,
  measureCompose,
} from "./measurement/app-compose.ts";
export { type LoggedEvent, parseEventLog, replayRegister } from "./measurement/event-log.ts";
export {
  type KeyProviderKind,
  keyProviderKinds,
  type MrConfigIdV2Options,
  mrConfigIdV1,
  mrConfigIdV2,
} from "./measurement/mr-config-id.ts";
export {
  type PlatformEvent,
  type ReplayedEventLog,
  replayEventLog,
} from "./measurement/platform-events.ts";
export type { AdmitRequest, Limits, RegisterOnBootOptions } from "./options.ts";
export type { ConfigfsFiles } from "./providers/configfs-files.ts";
export { type ConfigfsTsmOptions, configfsTsmProvider } from "./providers/configfs-tsm.ts";
export {
  type DetectedQuoteProvider,
  type DetectQuoteProviderOptions,
  detectQuoteProvider,
} from "./providers/detect.ts";
export { type DstackProviderOptions, dstackProvider } from "./providers/dstack.ts";
export { type SimulatorProviderOptions, simulatorProvider } from "./providers/simulator.ts";
export type { QuoteProvider, QuoteRequestOptions } from "./quote-provider.ts";
export { type RunningWorker, registerOnBoot, type WorkerState } from "./register-on-boot.ts";
export type { RenewalOptions } from "./renewal.ts";
export { type DirectOptions, direct } from "./submit/direct.ts";
export { type RelayerOptions, relayer } from "./submit/relayer.ts";
export type {
  PreparedRegistration,
  RegistrationRequest,
  Submitted,
  Submitter,
} from "./submit/submitter.ts";
export type { RetryPolicy, Timing } from "./timing.ts";
