import { type Hex, stringToHex } from "viem";
import { invalidArgument } from "./errors.ts";

/** An advisory as the contract names it: its text, filled up with zeros. */
export function advisoryWord(advisoryId: string): Hex {
  if (!/^[\x21-\x7e]{1,32}$/.test(advisoryId)) {
    throw invalidArgument("advisoryId", "1 to 32 printable characters", advisoryId);
  }
  return stringToHex(advisoryId, { size: 32 });
}
