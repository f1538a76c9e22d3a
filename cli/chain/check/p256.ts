import { p256 } from "@noble/curves/nist.js";
import { concatHex, type Hex, padHex, sha256, toHex } from "viem";
import type { RpcClient } from "../rpc.ts";
import type { Finding } from "./finding.ts";
import { probe } from "./probe.ts";

const ADDRESS = padHex("0x0100", { size: 20 });
/** EIP-7951 and RIP-7212: same address and format, other prices. */
const GAS_OSAKA = 6_900;
const GAS_ROLLUP = 3_450;
const TRUE = padHex("0x01", { size: 32 });

/** A signature that is valid and its message's twin, for which it is not. */
function vectors(): { valid: Hex; invalid: Hex } {
  // Any key will do; this one is nobody's secret.
  const key = Uint8Array.from({ length: 32 }, (_, index) => index + 1);
  const message = toHex("chainseal chain check");
  const digest = sha256(message, "bytes");
  const signature = toHex(p256.sign(digest, key, { prehash: false }));
  const publicKey = toHex(p256.getPublicKey(key, false).subarray(1));
  const input = (hash: Uint8Array) => concatHex([toHex(hash), signature, publicKey]);
  return { valid: input(digest), invalid: input(sha256(digest, "bytes")) };
}

function priceOf(gas: number): string {
  if (gas === GAS_OSAKA) return "EIP-7951";
  if (gas === GAS_ROLLUP) return "RIP-7212";
  return "another price";
}

/** P-256 at 0x100: every signature of Intel is checked by it. */
export async function checkP256(client: RpcClient): Promise<Finding> {
  const { valid, invalid } = vectors();
  const accepted = await probe(client, ADDRESS, valid, 32);
  const refused = await probe(client, ADDRESS, invalid, 32);
  const about = { name: "P-256 precompile (0x100)", required: false } as const;
  if (accepted.output === "0x" && refused.output === "0x") {
    return {
      ...about,
      status: "missing",
      found: "nothing answers",
      meaning: "signatures are checked in Solidity: about 240,000 gas more for each",
    };
  }
  const isRight = accepted.success && accepted.output === TRUE && refused.success;
  if (!isRight || refused.output !== "0x") {
    return {
      ...about,
      status: "differs",
      required: true,
      found: `a valid signature gives ${accepted.output}, an invalid one ${refused.output}`,
      meaning: "verdicts could not be trusted here",
    };
  }
  return {
    ...about,
    status: "ok",
    found: `${accepted.gas.toLocaleString("en-US")} gas (${priceOf(accepted.gas)})`,
    meaning: "quotes are verified at the published gas",
  };
}
