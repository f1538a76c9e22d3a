import type { ChainsealError } from "../../sdk/errors.ts";
import { ExitCode } from "./exit.ts";

/** What was never answered, or never asked. */
const NO_ANSWER =
  /^(CHAIN_(UNREACHABLE|TIMEOUT|REQUEST_FAILED)|CONTRACT_|TRANSACTION_|ONCHAIN_|CLIENT_|AUDIT_|STALE_BLOCK|BLOCK_UNKNOWN|RPCS_DISAGREE)/;

/** What a contract refuses is an answer; a chain out of reach, or out of date, is not. */
export function exitCodeOf({ code }: ChainsealError): ExitCode {
  return NO_ANSWER.test(code) ? ExitCode.UNREADABLE : ExitCode.REFUSED;
}
