import { ChainsealError } from "../errors.ts";
import { invalidArgument, RegistryError } from "./errors.ts";
import type { ChainReader } from "./reader.ts";

/** Other endpoints that are asked the same. */
export interface Agreement {
  readonly others: readonly ChainReader[];
  /** How many must give the same answer, of all, the first included. Default: all. */
  readonly quorum?: number | undefined;
}

/**
 * Asks several endpoints at once; the answer is the one that `quorum` of them give. A majority is
 * demanded, so that no two answers can both pass.
 *
 * Errors: `RPCS_DISAGREE`; what the first endpoint failed with where none of them answers.
 */
export async function agree(
  first: ChainReader,
  { others, quorum }: Agreement,
  question: (reader: ChainReader) => Promise<string>,
): Promise<string> {
  const readers = [first, ...others];
  const needed = quorum ?? readers.length;
  const isMajority = Number.isInteger(needed) && 2 * needed > readers.length;
  if (!isMajority || needed > readers.length) {
    throw invalidArgument("agree.quorum", `a majority of ${readers.length} endpoints`, needed);
  }
  const settled = await Promise.allSettled(readers.map(question));
  const counts = new Map<string, number>();
  for (const one of settled) {
    if (one.status === "fulfilled") counts.set(one.value, (counts.get(one.value) ?? 0) + 1);
  }
  for (const [answer, count] of counts) if (count >= needed) return answer;
  const [mine] = settled;
  const failed = settled.filter(({ status }) => status === "rejected").length;
  if (failed === readers.length && mine?.status === "rejected") throw mine.reason;
  const codes = settled.flatMap((one) =>
    one.status === "rejected" && one.reason instanceof ChainsealError ? [one.reason.code] : [],
  );
  throw new RegistryError("RPCS_DISAGREE", {
    expected: `${needed} of ${readers.length} endpoints with one answer`,
    found: [`${counts.size} answers`, ...(failed === 0 ? [] : [`${failed} failed`, ...codes])].join(
      ", ",
    ),
  });
}
