import { formatEther, type Hex, isAddress } from "viem";
import { createCollateral, intelSgxRootCa } from "../../sdk/tdx/index.ts";
import {
  OnchainError,
  type PushCollateralReturnType,
  type PushedPart,
  pushCollateral,
} from "../../sdk/tdx/onchain/index.ts";
import { readCollateral } from "../support/collateral-file.ts";
import { CliError } from "../support/errors.ts";
import { exitCodeOf } from "../support/exit-code.ts";
import { readQuote, readRoot } from "../support/input.ts";
import { line, printJson, style, whileWaiting } from "../support/output.ts";
import { reportError } from "../support/report-error.ts";
import { readAccount } from "./account.ts";
import { inGas } from "./report.ts";
import { connectRpc } from "./rpc.ts";
import { shownAddress } from "./shown-address.ts";

export interface PushOptions {
  readonly collateral: string;
  readonly address: string;
  readonly quote?: string;
  readonly root?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

function parseContract(text: string): Hex {
  if (isAddress(text, { strict: false })) return text;
  throw new CliError("USAGE", { expected: "--address with 20 bytes in hex", found: text });
}

function printPart({ part, before, transactions }: PushedPart): void {
  if (transactions.length === 0) {
    line(`${style("dim", "there    ")}  ${part}`);
    return;
  }
  const verb = before === "older" ? "replaced " : "uploaded ";
  for (const { hash, gasUsed, cost } of transactions) {
    const figures = `${inGas(gasUsed).padStart(10)} gas  ${formatEther(cost)} ETH`;
    line(`${style("green", verb)}  ${part.padEnd(15)}  ${figures}  ${hash}`);
  }
}

/** Plain data: gas as a number, wei as text, for it may be larger than a number holds. */
function toPlain({ part, functionName, before, transactions }: PushedPart) {
  return {
    part,
    functionName,
    before,
    transactions: transactions.map(({ hash, gasUsed, cost }) => ({
      hash,
      gasUsed: Number(gasUsed),
      costInWei: String(cost),
    })),
  };
}

function printTotal({ parts, gasUsed, cost }: PushCollateralReturnType): void {
  const sent = parts.filter(({ transactions }) => transactions.length > 0).length;
  line();
  line(
    sent === 0
      ? "The chain has all of it already."
      : `${sent} of ${parts.length} parts sent: ${inGas(gasUsed)} gas, ${formatEther(cost)} ETH`,
  );
}

/** What `chainseal collateral push` does. */
export async function push(url: string, options: PushOptions): Promise<void> {
  const { json: asJson } = options;
  const address = parseContract(options.address);
  const account = readAccount();
  const client = connectRpc(url, { timeout: options.timeout * 1000, account });
  const collateral = await readCollateral(options.collateral);
  const root = options.root === undefined ? intelSgxRootCa() : await readRoot(options.root);
  // What the contract would refuse costs nothing when it is found here.
  createCollateral(collateral, { root });
  const quote = options.quote === undefined ? undefined : await readQuote(options.quote);
  if (!asJson) line(`${shownAddress(url)}, contract ${address}, account ${account.address}`);

  const done: PushedPart[] = [];
  const onPart = (part: PushedPart) => {
    done.push(part);
    if (!asJson) printPart(part);
  };
  const job = pushCollateral(client, {
    address,
    collateral,
    onPart,
    ...(quote === undefined ? {} : { quote }),
  });
  try {
    const result = await whileWaiting("waiting for the chain", job);
    if (!asJson) return printTotal(result);
    const { parts, gasUsed, cost } = result;
    const total = { gasUsed: Number(gasUsed), costInWei: String(cost) };
    printJson({ address, account: account.address, parts: parts.map(toPlain), ...total });
  } catch (error) {
    if (!(error instanceof OnchainError)) throw error;
    if (asJson) printJson({ address, parts: done.map(toPlain), error: error.toJSON() });
    else reportError(error, false);
    process.exitCode = exitCodeOf(error);
  }
}
