import { randomBytes } from "node:crypto";
import { WorkerError } from "../errors.ts";
import {
  checkProvidedQuote,
  checkReportData,
  MAX_PROVIDED_LENGTH,
  type QuoteProvider,
} from "../quote-provider.ts";
import { type RetryPolicy, retryDelay, systemTiming, type Timing } from "../timing.ts";
import { type ConfigfsFiles, errnoOf, systemFiles } from "./configfs-files.ts";

export const DEFAULT_TSM_FOLDER = "/sys/kernel/config/tsm/report";

export interface ConfigfsTsmOptions {
  /** Default: `/sys/kernel/config/tsm/report`. */
  readonly folder?: string;
  /** Default: eight tries, from 100 ms to 5 s apart. */
  readonly retry?: Partial<RetryPolicy>;
  /** For tests. */
  readonly files?: ConfigfsFiles;
  /** For tests. */
  readonly timing?: Partial<Timing>;
}

const NAME = "configfs-tsm";
const TDX = "tdx_guest";
/** The quoting service is slow, another's write came between, or a signal. */
const PASSING = new Set(["EBUSY", "EINTR", "EAGAIN", "ETIMEDOUT"]);
const MAX_TEXT = 256;

/** Something that another try may get past. */
class Passing extends Error {
  override readonly name = "Passing";
}

function failed(subject: string, cause: unknown): WorkerError {
  const found = errnoOf(cause) ?? (cause instanceof Error ? cause.message : "another failure");
  return new WorkerError("QUOTE_PROVIDER_FAILED", { subject, found, cause });
}

/** One operation on an attribute; what may pass is told apart by the system's own word. */
async function attempt<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const code = errnoOf(error) ?? "";
    if (PASSING.has(code)) throw new Passing(code);
    throw failed(path, error);
  }
}

/** An attribute that is a short line of text. */
async function readLine(files: ConfigfsFiles, path: string): Promise<string> {
  const bytes = await attempt(path, () => files.read(path, MAX_TEXT));
  return new TextDecoder().decode(bytes.subarray(0, MAX_TEXT)).replace(/[\n\0]+$/, "");
}

async function readGeneration(files: ConfigfsFiles, entry: string): Promise<number> {
  const path = `${entry}/generation`;
  const line = await readLine(files, path);
  if (/^\d{1,15}$/.test(line)) return Number(line);
  throw new WorkerError("QUOTE_PROVIDER_RESPONSE_INVALID", {
    subject: path,
    expected: "a number",
    found: line,
  });
}

/**
 * One try. `generation` counts writes to the entry: when it is not one more than before our write,
 * or moves while the quote is read, somebody else wrote, and the quote may be theirs.
 */
async function readQuote(
  files: ConfigfsFiles,
  entry: string,
  reportData: Uint8Array,
): Promise<Uint8Array> {
  const before = await readGeneration(files, entry);
  const inblob = `${entry}/inblob`;
  await attempt(inblob, () => files.write(inblob, reportData));
  const asked = await readGeneration(files, entry);
  if (asked !== before + 1) throw new Passing(`generation ${before + 1}, found ${asked}`);
  const outblob = `${entry}/outblob`;
  const bytes = await attempt(outblob, () => files.read(outblob, MAX_PROVIDED_LENGTH));
  const after = await readGeneration(files, entry);
  if (after !== asked) throw new Passing(`generation ${asked}, found ${after}`);
  if (bytes.length > MAX_PROVIDED_LENGTH) {
    throw new WorkerError("QUOTE_PROVIDER_RESPONSE_INVALID", {
      subject: outblob,
      expected: `at most ${MAX_PROVIDED_LENGTH} bytes`,
      found: "more",
    });
  }
  return bytes;
}

async function checkProvider(files: ConfigfsFiles, entry: string): Promise<void> {
  const path = `${entry}/provider`;
  const found = await readLine(files, path);
  if (found === TDX) return;
  throw new WorkerError("QUOTE_PROVIDER_UNSUPPORTED", { subject: path, expected: TDX, found });
}

/**
 * The kernel's own interface, Linux 6.7 or newer: `Documentation/ABI/testing/configfs-tsm`. Each
 * quote has an entry of its own, which is removed again; it needs leave to write in the folder.
 *
 * @example
 * import { configfsTsmProvider } from "chainseal/sdk/worker";
 *
 * const quote = await configfsTsmProvider().getQuote(reportData);
 */
export function configfsTsmProvider(options: ConfigfsTsmOptions = {}): QuoteProvider {
  const { folder = DEFAULT_TSM_FOLDER, files = systemFiles } = options;
  const timing = { ...systemTiming, ...options.timing };
  const retry = { attempts: 8, firstDelay: 100, maxDelay: 5000, ...options.retry };

  const withRetries = async <T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> => {
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        if (failures >= retry.attempts) {
          throw new WorkerError("QUOTE_PROVIDER_BUSY", {
            subject: folder,
            expected: `a quote within ${retry.attempts} tries`,
            found: error.message,
          });
        }
        await timing.sleep(retryDelay(failures, retry, timing.random), signal);
      }
    }
  };

  return {
    name: NAME,
    async getQuote(reportData, { signal = new AbortController().signal } = {}) {
      checkReportData(reportData);
      const entry = `${folder}/chainseal-${randomBytes(8).toString("hex")}`;
      await withRetries(signal, () => attempt(folder, () => files.mkdir(entry)));
      try {
        await withRetries(signal, () => checkProvider(files, entry));
        const bytes = await withRetries(signal, () => readQuote(files, entry, reportData));
        return checkProvidedQuote(NAME, bytes, reportData);
      } finally {
        // An entry that stays takes a little kernel memory; the quote is good all the same.
        await files.rmdir(entry).catch(() => undefined);
      }
    },
  };
}
