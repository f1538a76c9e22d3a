export { ChainsealError, type ErrorDetails } from "./errors.ts";
export * as tdx from "./tdx/index.ts";
