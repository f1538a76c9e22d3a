/**
 * A bounded map from text. Entries live in two generations: what is used moves to the young one, and
 * when that is full the old one is dropped. So a look-up of something recent is one look-up, and what
 * has not been used for long goes.
 */
export class BoundedCache<Value> {
  readonly #limit: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** @param limit The most entries that are kept; less than 2, or what is no number, keeps none. */
  constructor(limit: number) {
    this.#limit = limit >= 2 ? limit : 0;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: Value): void {
    if (this.#limit === 0) return;
    if (this.#young.size >= Math.floor(this.#limit / 2) && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    this.#old.delete(key);
  }
}
