/** Something to time: one call of `run` is `operations` operations. */
export interface Contender {
  readonly name: string;
  readonly operations: number;
  run(): void;
}

/** Operations per second of one core, a figure for each round. */
export type Figures = readonly number[];

export function median(figures: Figures): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median of the quotients, round by round: the two figures of a round were taken within a
 * second of each other, so whatever slows the machine slows both.
 */
export function medianRatio(figures: Figures, others: Figures): number {
  return median(figures.map((figure, round) => figure / (others[round] ?? Number.NaN)));
}

/** What all threads of this process have computed for so far, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function time({ run, operations }: Contender, least: number): number {
  let calls = 0;
  const start = processorTime();
  let spent = 0;
  do {
    run();
    calls++;
    spent = processorTime() - start;
  } while (spent < least);
  return (1000 * calls * operations) / spent;
}

/**
 * Times the contenders in turn, round after round: a, b, c, a, b, c, … An untimed round goes first.
 *
 * What is counted is processor time, that of helper threads included: a garbage collector on
 * another core is not for free, and a busy machine is not the contender's doing.
 *
 * @param least What each contender runs for in each round at least, in milliseconds.
 */
export function timeInRounds<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { rounds, least }: { readonly rounds: number; readonly least: number },
): Record<Name, Figures> {
  const names = Object.keys(contenders) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const figure = time(contenders[name], least);
      if (round > 0) figures[name].push(figure);
    }
  }
  return figures;
}
