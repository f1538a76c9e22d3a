import assert from "node:assert/strict";
import fc from "fast-check";
import { TdxError } from "../../../../sdk/tdx/index.ts";
import { seedFrom } from "./random.ts";

/** Set FUZZ_SEED to repeat a run, FUZZ_RUNS to try more or fewer inputs for each property. */
const seed = seedFrom("FUZZ_SEED");
const numRuns = Number(process.env.FUZZ_RUNS || 1_000);
console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);

/** The longest that any one input may take, in milliseconds. */
const TIME_LIMIT = 250;
/** The most that any one input may make the process allocate, in bytes. */
const MEMORY_LIMIT = 64 * 1024 * 1024;

type ErrorClass = new (...parameters: never[]) => Error;

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * Runs `act`, which may return or throw an error of the given class (a `TdxError` unless told
 * otherwise) and nothing else, within limits of time and memory.
 */
export function withinLimits<T>(act: () => T, allowed: ErrorClass = TdxError): T | Error {
  let result: T | Error | undefined;
  let shortest = Number.POSITIVE_INFINITY;
  // A pause of the machine is not our doing: what is slow must be slow three times.
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = memory();
    const start = performance.now();
    try {
      result = act();
    } catch (error) {
      if (!(error instanceof allowed)) throw error;
      result = error;
    }
    shortest = Math.min(shortest, performance.now() - start);
    const allocated = memory() - before;
    assert.ok(allocated < MEMORY_LIMIT, `${allocated} bytes were allocated`);
    if (shortest < TIME_LIMIT) return result;
  }
  assert.fail(`it took ${Math.round(shortest)} ms`);
}

/** Checks a property on generated inputs; a failure names the seed and the smallest such input. */
export function forAll<T>(inputs: fc.Arbitrary<T>, property: (input: T) => void, share = 1): void {
  fc.assert(fc.property(inputs, property), { seed, numRuns: Math.ceil(numRuns * share) });
}

/** Bytes around which length fields and integers go wrong. */
const EDGE_NUMBERS = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
  0xfffffffe, 0xffffffff,
];

type Edit = (bytes: Uint8Array) => Uint8Array;

const place = (position: number, length: number) => Math.floor(position * (length + 1));

/** One change to some bytes, wherever the input is long enough for it. */
const edit: fc.Arbitrary<Edit> = fc
  .record({
    kind: fc.constantFrom("set", "number", "insert", "remove", "cut", "repeat"),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    length: fc.nat({ max: 300 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    number: fc.constantFrom(...EDGE_NUMBERS),
    width: fc.constantFrom(1, 2, 4),
  })
  .map(({ kind, at, length, bytes, number, width }) => (input) => {
    const offset = place(at, input.length);
    const [head, tail] = [input.subarray(0, offset), input.subarray(offset)];
    const little = Uint8Array.from({ length: width }, (_, i) => Math.floor(number / 256 ** i));
    switch (kind) {
      case "set":
        return Uint8Array.of(...head, ...bytes, ...tail.subarray(bytes.length));
      case "number":
        return Uint8Array.of(...head, ...little, ...tail.subarray(width));
      case "insert":
        return Uint8Array.of(...head, ...bytes, ...tail);
      case "remove":
        return Uint8Array.of(...head, ...tail.subarray(length));
      case "cut":
        return head.slice();
      default:
        return Uint8Array.of(...head, ...tail.subarray(0, length), ...tail);
    }
  });

/** One of the given inputs with some changes. */
export function mutated(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...originals), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([original, edits]) => edits.reduce((bytes, change) => change(bytes), original));
}

/** The beginning of one of the inputs and the end of another, cut at the same place or not. */
export function spliced(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const original = fc.constantFrom(...originals);
  return fc
    .tuple(original, original, position, fc.option(position, { nil: undefined }))
    .map(([a, b, first, second = first]) =>
      Uint8Array.of(
        ...a.subarray(0, place(first, a.length)),
        ...b.subarray(place(second, b.length)),
      ),
    );
}

/** Values of every sort that a program can pass. */
export const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});
