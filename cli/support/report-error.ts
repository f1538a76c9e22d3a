import { allRegistryErrors } from "../../sdk/client/errors.ts";
import { contractsErrors } from "../../sdk/contracts/errors.ts";
import type { ChainsealError } from "../../sdk/errors.ts";
import { GpuError, gpuErrors } from "../../sdk/gpu/index.ts";
import { onchainErrors } from "../../sdk/tdx/onchain/errors.ts";
import { WorkerError, workerErrors } from "../../sdk/worker/errors.ts";
import { CliError, cliErrors } from "./errors.ts";
import { printJson } from "./output.ts";

const remedies: Readonly<Record<string, { readonly remedy: string }>> = {
  ...onchainErrors,
  ...contractsErrors,
  ...allRegistryErrors,
};

/** Some codes stand in two tables, each with a remedy of its own. */
function remedyOf(error: ChainsealError): string | undefined {
  if (error instanceof GpuError) return gpuErrors[error.code].remedy;
  if (error instanceof CliError) return cliErrors[error.code].remedy;
  if (error instanceof WorkerError) return workerErrors[error.code].remedy;
  return remedies[error.code]?.remedy;
}

/** Says what went wrong and what to do: on standard error, or as JSON on standard output. */
export function reportError(error: ChainsealError, asJson: boolean): void {
  const remedy = remedyOf(error);
  if (asJson) {
    printJson({ error: { ...error.toJSON(), ...(remedy === undefined ? {} : { remedy }) } });
    return;
  }
  process.stderr.write(`error: ${error.message} [${error.code}]\n`);
  if (remedy !== undefined) process.stderr.write(`${remedy}\n`);
  if (error.code === "UNEXPECTED" && error.cause instanceof Error) {
    process.stderr.write(`${error.cause.stack}\n`);
  }
}
