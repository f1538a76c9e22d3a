import { mkdir, open, rmdir } from "node:fs/promises";

/** The few operations on configfs that asking for a quote takes; tests put a fake kernel behind. */
export interface ConfigfsFiles {
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  /** One read from the start; at most `limit` bytes, or one more when there are more. */
  read(path: string, limit: number): Promise<Uint8Array>;
  /** All bytes in one write, which is what an attribute of configfs takes. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}

/** The machine's own. */
export const systemFiles: ConfigfsFiles = {
  async mkdir(path) {
    await mkdir(path, { mode: 0o700 });
  },
  rmdir,
  async read(path, limit) {
    const file = await open(path, "r");
    try {
      const bytes = new Uint8Array(limit + 1);
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.slice(0, length);
    } finally {
      await file.close();
    }
  },
  async write(path, bytes) {
    const file = await open(path, "r+");
    try {
      const { bytesWritten } = await file.write(bytes, 0, bytes.length, 0);
      if (bytesWritten !== bytes.length) throw new Error(`wrote ${bytesWritten} bytes`);
    } finally {
      await file.close();
    }
  },
};

/** The operating system's word for a failure, such as EBUSY. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}
