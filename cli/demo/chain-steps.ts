import { intelSgxRootCa } from "../../sdk/tdx/index.ts";
import {
  buildEvidence,
  OnchainError,
  type PushedPart,
  pushCollateral,
  sendTransaction,
  TRANSACTION_GAS_CAP,
  verifyQuote,
  verifyQuoteCalldata,
} from "../../sdk/tdx/onchain/index.ts";
import { type LocalChain, startLocalChain } from "../chain/local-chain.ts";
import { inGas } from "../chain/report.ts";
import { isoTime } from "../support/output.ts";
import { peers } from "./peers.ts";
import { AT, FLIPPED_BYTE, flipBit, readCase } from "./recorded-case.ts";
import type { Step } from "./step.ts";

interface ChainSteps {
  readonly steps: readonly Step[];
  /** Ends the chain, if it was started. */
  stop(): Promise<void>;
}

const gasRow = (name: string, gas: number, note = "") =>
  `  ${name.padEnd(16)}${inGas(gas).padStart(10)} gas${note === "" ? "" : `  ${note}`}`;

function gasOf({ transactions }: PushedPart): number {
  return transactions.reduce((sum, { gasUsed }) => sum + Number(gasUsed), 0);
}

const times = (theirs: number, ours: number) => `${(theirs / ours).toPrecision(2)} times`;

function collateralUploaded(chainOf: () => Promise<LocalChain>): Step {
  return {
    name: "collateral-uploaded",
    title: "Upload Intel's collateral to a contract that trusts no submitter",
    async run() {
      const { client, address } = await chainOf();
      const { quote, collateral } = await readCase();
      const options = { address, collateral, quote, gas: TRANSACTION_GAS_CAP };
      const { parts } = await pushCollateral(client, options);
      const again = await pushCollateral(client, options);
      const ofCollateral = parts.filter(({ part }) => part !== "PCK certificate");
      const collateralGas = ofCollateral.reduce((sum, part) => sum + gasOf(part), 0);
      const gas = Object.fromEntries(parts.map((part) => [part.part, gasOf(part)]));
      const ok = parts.every(({ transactions }) => transactions.length > 0) && again.gasUsed === 0n;
      return {
        ok,
        lines: [
          `A local chain under Intel's root certificate, its clock at ${isoTime(AT)}.`,
          ...parts.map((part) => gasRow(part.part, gasOf(part))),
          gasRow(
            "all collateral",
            collateralGas,
            "without the PCK certificate, once for a machine",
          ),
          gasRow(
            peers.name,
            peers.collateralGas,
            `${times(peers.collateralGas, collateralGas)} as much: its main branch, November 2026`,
          ),
          "The contract checked every signature, issuer and date. Sent again, nothing is uploaded.",
        ],
        data: { gas, collateralGas, peers: { [peers.name]: peers.collateralGas } },
      };
    },
  };
}

function quoteVerifiedOnChain(chainOf: () => Promise<LocalChain>): Step {
  return {
    name: "quote-verified-on-chain",
    title: "Have the contract verify the quote",
    async run() {
      const { client, address } = await chainOf();
      const { quote, collateral } = await readCase();
      const { evidence } = buildEvidence(quote, { collateral });
      const { status, tcbDate, earliestExpiry } = await verifyQuote(client, { address, evidence });
      const data = verifyQuoteCalldata(evidence);
      const sent = await sendTransaction(client, { to: address, data, gas: TRANSACTION_GAS_CAP });
      const gas = Number(sent.gasUsed);
      const calldataBytes = (data.length - 2) / 2;
      const { verificationGas, otherVerificationGas } = peers;
      return {
        ok: status === "UpToDate",
        lines: [
          `The contract's verdict: ${status}, TCB of ${tcbDate.slice(0, 10)}, until ${isoTime(earliestExpiry)}.`,
          `As a transaction of its own, with ${inGas(calldataBytes)} bytes of calldata:`,
          gasRow("Chainseal", gas),
          gasRow(
            peers.name,
            verificationGas,
            `${times(verificationGas, gas)} as much: its own quote`,
          ),
          gasRow(
            peers.name,
            otherVerificationGas,
            `${times(otherVerificationGas, gas)} as much: a quote of 5,006 bytes`,
          ),
        ],
        data: {
          status,
          tcbDate,
          earliestExpiry,
          gas,
          calldataBytes,
          peers: { [peers.name]: [verificationGas, otherVerificationGas] },
        },
      };
    },
  };
}

function flippedBitRefusedOnChain(chainOf: () => Promise<LocalChain>): Step {
  return {
    name: "flipped-bit-refused-on-chain",
    title: "Flip one bit, and ask the contract again",
    async run() {
      const { client, address } = await chainOf();
      const { quote, collateral } = await readCase();
      const { evidence } = buildEvidence(flipBit(quote), { collateral });
      try {
        const { status } = await verifyQuote(client, { address, evidence });
        return { ok: false, lines: [`Accepted as ${status}.`], data: { status } };
      } catch (error) {
        if (!(error instanceof OnchainError)) throw error;
        const { code, message } = error;
        return {
          ok: code === "QUOTE_SIGNATURE_INVALID",
          lines: [
            `The same bit of MRTD, in byte ${FLIPPED_BYTE}, with all collateral in place.`,
            `The contract reverts: ${code}. ${message}.`,
          ],
          data: { code, message },
        };
      }
    },
  };
}

/** The part of the journey that needs a chain: one for all of its steps. */
export function createChainSteps(): ChainSteps {
  let starting: Promise<LocalChain> | undefined;
  const chainOf = async () => {
    starting ??= startLocalChain({ root: intelSgxRootCa(), earliest: AT }).then(async (chain) => {
      await chain.reset(AT);
      return chain;
    });
    return starting;
  };
  return {
    steps: [
      collateralUploaded(chainOf),
      quoteVerifiedOnChain(chainOf),
      flippedBitRefusedOnChain(chainOf),
    ],
    async stop() {
      // A chain that did not start has said so in its step, and has ended.
      const chain = await starting?.catch(() => undefined);
      await chain?.stop();
    },
  };
}
