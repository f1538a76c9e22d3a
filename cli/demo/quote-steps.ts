import { defaultPolicy, intelSgxRootCa } from "../../sdk/tdx/index.ts";
import { packageFile } from "../support/input.ts";
import { isoTime } from "../support/output.ts";
import { judge, type Verdict } from "../support/verdict.ts";
import type { Step } from "./step.ts";

/** A quote of a TDX machine and the collateral that Intel served at the time. */
const FOLDER = "test/vectors/tdx/v4-00806f050000-0b7c5579";
const COLLATERAL = "collateral-20260715-eval19.json";
/** 2026-07-15T08:03:03Z, when that collateral was in force. */
const AT = 1_784_102_583;
/** A byte of MRTD, the measurement of the TD's initial memory. */
const FLIPPED_BYTE = 48 + 136 + 7;

async function readCase(): Promise<{ quote: Uint8Array; collateral: object }> {
  const text = new TextDecoder().decode(await packageFile(`${FOLDER}/${COLLATERAL}`));
  return { quote: await packageFile(`${FOLDER}/quote.bin`), collateral: JSON.parse(text) };
}

function judgeCase(quote: Uint8Array, collateral: object): Verdict {
  return judge(quote, collateral, { at: AT, root: intelSgxRootCa(), policy: defaultPolicy });
}

const quoteVerified: Step = {
  name: "quote-verified",
  title: "Verify a real quote of an Intel TDX machine",
  async run() {
    const { quote, collateral } = await readCase();
    const verdict = judgeCase(quote, collateral);
    const { status, tcbDate, report, launch, platform, earliestExpiry } = verdict;
    const ok = verdict.verified && verdict.accepted && status === "UpToDate";
    const level = (part: { status: string; tcbDate: string } | undefined) =>
      part === undefined ? "none" : `${part.status}, TCB of ${part.tcbDate.slice(0, 10)}`;
    const lines = [
      `A quote of ${quote.length} bytes, with Intel's collateral, at ${isoTime(AT)}.`,
      "What was measured:",
      `  MRTD   ${report?.mrTd}  the TD's initial memory`,
      `  RTMR0  ${report?.rtmr0}  its virtual hardware`,
      `  RTMR1  ${report?.rtmr1}  its boot loader`,
      `  RTMR2  ${report?.rtmr2}  its kernel and command line`,
      `  RTMR3  ${report?.rtmr3}  what its software added`,
      `The verdict: ${status ?? "refused"}, TCB of ${tcbDate?.slice(0, 10)}. Why:`,
      `  platform         ${level(launch?.platform)} (FMSPC ${platform?.fmspc})`,
      `  TDX module       ${level(launch?.tdxModule)}`,
      `  quoting enclave  ${level(launch?.qe)}`,
      `  The chain ends in Intel's root, nothing is revoked, and all of it stands until ${isoTime(earliestExpiry ?? AT)}.`,
      ...verdict.reasons.map(({ code, message }) => `${code}  ${message}`),
    ];
    const { advisoryIds, accepted, reasons } = verdict;
    return {
      ok,
      lines,
      data: { status, tcbDate, advisoryIds, accepted, reasons, mrTd: report?.mrTd, earliestExpiry },
    };
  },
};

const flippedBitRefused: Step = {
  name: "flipped-bit-refused",
  title: "Flip one bit of what was measured",
  async run() {
    const { quote, collateral } = await readCase();
    quote[FLIPPED_BYTE] = (quote[FLIPPED_BYTE] ?? 0) ^ 1;
    const { verified, accepted, reasons } = judgeCase(quote, collateral);
    const [reason] = reasons;
    return {
      ok: !verified && !accepted && reason?.code === "QUOTE_SIGNATURE_INVALID",
      lines: [
        `One bit of MRTD flipped, in byte ${FLIPPED_BYTE} of the quote.`,
        `Refused: ${reason?.code}. ${reason?.message}.`,
      ],
      data: { verified, accepted, code: reason?.code, message: reason?.message },
    };
  },
};

export const quoteSteps: readonly Step[] = [quoteVerified, flippedBitRefused];
