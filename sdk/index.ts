export { ChainsealError, type ErrorDetails } from "./errors.ts";
export * as gpu from "./gpu/index.ts";
export * as tdx from "./tdx/index.ts";
