import { setImmediate } from "node:timers/promises";
import type { Timing } from "../../../../sdk/worker/index.ts";

interface Sleeper {
  readonly milliseconds: number;
  readonly wake: () => void;
}

/** Waits up to this long pass at once; longer ones until the test lets them. */
const LONG = 100_000;

/** Time that a test moves: short waits pass at once, long ones when `pass` is called. */
export class ManualTiming implements Timing {
  /** All waits, in milliseconds. */
  readonly waits: number[] = [];
  readonly random = () => 0.5;
  #sleepers: Sleeper[] = [];
  #arrived: (() => void) | undefined;

  readonly sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    this.waits.push(milliseconds);
    if (milliseconds <= LONG) {
      await setImmediate();
      signal.throwIfAborted();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      const wake = () => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      this.#sleepers.push({ milliseconds, wake });
      this.#arrived?.();
    });
  };

  /** Waits until somebody sleeps long, and tells for how long. */
  async asleep(): Promise<number> {
    for (;;) {
      const last = this.#sleepers.at(-1);
      if (last !== undefined) return last.milliseconds;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** Ends a long wait, and returns how long it was. */
  async pass(): Promise<number> {
    const milliseconds = await this.asleep();
    const [first] = this.#sleepers.splice(0);
    first?.wake();
    return milliseconds;
  }
}
