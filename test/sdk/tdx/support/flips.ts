import { withBitFlipped } from "./quote-layout.ts";
import { SeededRandom, seedFrom } from "./random.ts";
import { refusalOf } from "./refusal.ts";

/** Chooses the bit of every byte; set FLIP_SEED to repeat a run. */
const seed = seedFrom("FLIP_SEED");
console.log(`FLIP_SEED=${seed}`);

/** Calls `act` with one bit of each byte from `from` to `to` flipped, a byte at a time. */
export function forEachFlip(
  bytes: Uint8Array,
  act: (flipped: Uint8Array, what: string, offset: number) => void,
  { from = 0, to = bytes.length, step = 1 } = {},
): void {
  const random = new SeededRandom(seed);
  for (let offset = from + random.below(step); offset < to; offset += step) {
    const bit = random.below(8);
    const what = `bit ${bit} of byte ${offset} flipped (FLIP_SEED=${seed})`;
    act(withBitFlipped(bytes, offset, bit), what, offset);
  }
}

/** Asserts that each of the flips is refused with a `TdxError`. */
export function refusesEveryFlip(
  bytes: Uint8Array,
  act: (flipped: Uint8Array) => unknown,
  range?: { from?: number; to?: number; step?: number },
): void {
  forEachFlip(bytes, (flipped, what) => refusalOf(() => act(flipped), what), range);
}
