import { hexToBigInt } from "viem";
import { getBlock } from "viem/actions";
import { decodeAttestationError, TRANSACTION_GAS_CAP } from "../../../sdk/tdx/onchain/index.ts";
import type { RpcClient } from "../rpc.ts";
import type { Finding } from "./finding.ts";
import { runCode } from "./probe.ts";

/** CLZ of one (EIP-7939), given back as a word: Osaka brought it together with the cap. */
const CLZ_CODE = "0x60011e60005260206000f3";

async function hasOsaka(client: RpcClient): Promise<boolean> {
  try {
    return hexToBigInt(await runCode(client, CLZ_CODE)) === 255n;
  } catch {
    // An unknown instruction; nodes report it in many ways.
    return false;
  }
}

const inGas = (value: bigint): string => `${value.toLocaleString("en-US")} gas`;

/** What a block and a transaction may use. */
export async function checkGas(client: RpcClient): Promise<Finding[]> {
  let gasLimit: bigint;
  try {
    gasLimit = (await getBlock(client, { blockTag: "latest" })).gasLimit;
  } catch (error) {
    throw decodeAttestationError(error);
  }
  const fits = gasLimit >= TRANSACTION_GAS_CAP;
  const isOsaka = await hasOsaka(client);
  return [
    {
      name: "block gas limit",
      status: fits ? "ok" : "differs",
      required: true,
      found: inGas(gasLimit),
      meaning: fits
        ? "every upload of collateral fits"
        : `uploads of collateral may take up to ${inGas(TRANSACTION_GAS_CAP)}`,
    },
    {
      name: "transaction gas cap (EIP-7825)",
      status: "ok",
      required: false,
      found: isOsaka ? `${inGas(TRANSACTION_GAS_CAP)}, by Osaka's rules` : "none, as before Osaka",
      meaning: "Chainseal's transactions stay within it; longer lists are split",
    },
  ];
}
