import { getChainId } from "viem/actions";
import { decodeAttestationError } from "../../../sdk/tdx/onchain/index.ts";
import type { RpcClient } from "../rpc.ts";
import { checkBls } from "./bls.ts";
import type { Finding } from "./finding.ts";
import { checkGas } from "./gas.ts";
import { checkHistory } from "./history.ts";
import { checkP256 } from "./p256.ts";

export interface ChainCheck {
  readonly chainId: number;
  readonly findings: readonly Finding[];
  /** Whether all that is required is there and right. */
  readonly carries: boolean;
}

/** Probes a chain for all that Chainseal's contracts use. Errors: the `CHAIN_…` codes. */
export async function checkChain(client: RpcClient): Promise<ChainCheck> {
  let chainId: number;
  try {
    chainId = await getChainId(client);
  } catch (error) {
    throw decodeAttestationError(error);
  }
  const findings = [
    await checkP256(client),
    ...(await checkBls(client)),
    ...(await checkHistory(client)),
    ...(await checkGas(client)),
  ];
  const carries = findings.every(({ required, status }) => !required || status === "ok");
  return { chainId, findings, carries };
}
