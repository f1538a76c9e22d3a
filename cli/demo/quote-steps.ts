import { defaultPolicy, intelSgxRootCa } from "../../sdk/tdx/index.ts";
import { isoTime } from "../support/output.ts";
import { judge, type Verdict } from "../support/verdict.ts";
import { AT, FLIPPED_BYTE, flipBit, readCase } from "./recorded-case.ts";
import type { Step } from "./step.ts";

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
    const { verified, accepted, reasons } = judgeCase(flipBit(quote), collateral);
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
