import { getBlock, readContract } from "viem/actions";
import type { Hex } from "../bytes.ts";
import { tdxAttestationAbi as abi } from "../tdx/onchain/abi.ts";
import { type ChainClient, decoding } from "../tdx/onchain/contract.ts";
import type { EvaluationNumbers } from "../tdx/onchain/evidence.ts";
import { WorkerError } from "./errors.ts";

export interface FindNumbersOptions {
  readonly attestation: Hex;
  readonly fmspc: Hex;
}

/** Two to four appear in a year, and the older ones lapse. */
const MAX_CANDIDATES = 8;

/**
 * The TCB evaluation numbers for which the chain has collateral in force for this platform, highest
 * first: judged by it a registration lasts longest, though a lower number may still give a better
 * status.
 *
 * Errors: `COLLATERAL_NUMBER_MISSING`, `CHAIN_…`.
 */
export async function findCollateralNumbers(
  client: ChainClient,
  { attestation, fmspc }: FindNumbersOptions,
): Promise<readonly EvaluationNumbers[]> {
  const at = { abi, address: attestation } as const;
  const [seen, minimum, { timestamp }] = await Promise.all([
    decoding(readContract(client, { ...at, functionName: "evaluationNumbers" })),
    decoding(readContract(client, { ...at, functionName: "minimumEvaluationNumber" })),
    decoding(getBlock(client, { blockTag: "latest" })),
  ]);
  const counting = seen.filter((number) => number >= minimum).sort((a, b) => b - a);
  const inForce = await Promise.all(
    counting.slice(0, MAX_CANDIDATES).map(async (number) => {
      const [tcbInfo, qeIdentity] = await Promise.all([
        decoding(readContract(client, { ...at, functionName: "tcbInfoOf", args: [fmspc, number] })),
        decoding(readContract(client, { ...at, functionName: "qeIdentityOf", args: [number] })),
      ]);
      // Zero where there is none.
      return [tcbInfo, qeIdentity].every(({ validUntil }) => BigInt(validUntil) >= timestamp);
    }),
  );
  const numbers = counting.filter((_, index) => inForce[index] === true);
  if (numbers.length === 0) {
    throw new WorkerError("COLLATERAL_NUMBER_MISSING", {
      subject: `FMSPC ${fmspc}`,
      expected: `TCB info and QE identity in force, of number ${minimum} or higher`,
      found: counting.length === 0 ? "none" : `only expired or missing of ${counting.join(", ")}`,
    });
  }
  return numbers.map((number) => ({ tcbInfo: number, qeIdentity: number }));
}
