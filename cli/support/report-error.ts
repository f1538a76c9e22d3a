import { contractsErrors } from "../../sdk/contracts/errors.ts";
import type { ChainsealError } from "../../sdk/errors.ts";
import { onchainErrors } from "../../sdk/tdx/onchain/errors.ts";
import { cliErrors } from "./errors.ts";
import { printJson } from "./output.ts";

const remedies: Readonly<Record<string, { readonly remedy: string }>> = {
  ...onchainErrors,
  ...contractsErrors,
  ...cliErrors,
};

/** Says what went wrong and what to do: on standard error, or as JSON on standard output. */
export function reportError(error: ChainsealError, asJson: boolean): void {
  const remedy = remedies[error.code]?.remedy;
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
