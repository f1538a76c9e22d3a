import { privateKeyToAccount } from "viem/accounts";
import { CliError } from "../support/errors.ts";

/** The one place a key is taken from: arguments are seen by every user of a machine. */
const KEY_VARIABLE = "CHAINSEAL_PRIVATE_KEY";

/** Nothing of the variable's content goes into the error. Errors: `KEY_UNREADABLE`. */
export function readAccount(): ReturnType<typeof privateKeyToAccount> {
  const unreadable = (found: string) =>
    new CliError("KEY_UNREADABLE", {
      subject: KEY_VARIABLE,
      expected: "32 bytes in hex",
      found,
    });
  const text = (process.env[KEY_VARIABLE] ?? "").trim();
  if (text === "") throw unreadable("nothing");
  const digits = text.replace(/^0x/, "");
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw unreadable("something else");
  try {
    return privateKeyToAccount(`0x${digits}`);
  } catch {
    throw unreadable("a number that is no key");
  }
}
