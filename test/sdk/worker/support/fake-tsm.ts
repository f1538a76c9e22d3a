import type { ConfigfsFiles } from "../../../../sdk/worker/index.ts";

interface Entry {
  inblob: Uint8Array | undefined;
  generation: number;
}

const failure = (code: string) => Object.assign(new Error(code), { code });

/** The kernel's side of configfs-tsm: entries that quote what is written to them. */
export class FakeTsm implements ConfigfsFiles {
  readonly entries = new Map<string, Entry>();
  readonly removed: string[] = [];
  /** What was done, such as `write inblob`. */
  readonly calls: string[] = [];
  provider = "tdx_guest\n";
  /** Called before every operation; what it throws the operation fails with. */
  before: (call: string, count: number) => void = () => undefined;
  /** What comes of the quote before it is read. */
  pad: (quote: Uint8Array) => Uint8Array = (quote) => quote;
  readonly #quote: (reportData: Uint8Array) => Uint8Array;

  constructor(quote: (reportData: Uint8Array) => Uint8Array) {
    this.#quote = quote;
  }

  /** Another process writes to the entries too. */
  interfere(): void {
    for (const entry of this.entries.values()) {
      entry.generation++;
      entry.inblob = new Uint8Array(64).fill(0xee);
    }
  }

  async mkdir(path: string): Promise<void> {
    this.#note("mkdir");
    if (this.entries.has(path)) throw failure("EEXIST");
    this.entries.set(path, { inblob: undefined, generation: 0 });
  }

  async rmdir(path: string): Promise<void> {
    this.#note("rmdir");
    if (!this.entries.delete(path)) throw failure("ENOENT");
    this.removed.push(path);
  }

  async read(path: string, limit: number): Promise<Uint8Array> {
    const { entry, name } = this.#at(path);
    this.#note(`read ${name}`);
    const text = (value: string) => new TextEncoder().encode(value);
    if (name === "provider") return text(this.provider);
    if (name === "generation") return text(`${entry.generation}\n`);
    if (name !== "outblob") throw failure("ENOENT");
    if (entry.inblob === undefined) throw failure("EINVAL");
    return this.pad(this.#quote(entry.inblob)).slice(0, limit + 1);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const { entry, name } = this.#at(path);
    this.#note(`write ${name}`);
    if (name !== "inblob" || bytes.length !== 64) throw failure("EINVAL");
    entry.inblob = bytes.slice();
    entry.generation++;
  }

  #note(call: string): void {
    this.calls.push(call);
    this.before(call, this.calls.filter((one) => one === call).length);
  }

  #at(path: string): { entry: Entry; name: string } {
    const split = path.lastIndexOf("/");
    const entry = this.entries.get(path.slice(0, split));
    if (entry === undefined) throw failure("ENOENT");
    return { entry, name: path.slice(split + 1) };
  }
}
