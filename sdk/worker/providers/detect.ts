import { access, constants } from "node:fs/promises";
import { WorkerError } from "../errors.ts";
import type { QuoteProvider } from "../quote-provider.ts";
import { errnoOf } from "./configfs-files.ts";
import { configfsTsmProvider, DEFAULT_TSM_FOLDER } from "./configfs-tsm.ts";
import { DEFAULT_DSTACK_SOCKET, dstackProvider, LEGACY_DSTACK_SOCKET } from "./dstack.ts";

export interface DetectQuoteProviderOptions {
  /** Default: `/sys/kernel/config/tsm/report`. */
  readonly tsmFolder?: string;
  /** Default: `/var/run/dstack.sock`. */
  readonly dstackSocket?: string;
  /** Default: `/var/run/tappd.sock`. */
  readonly legacySocket?: string;
}

export interface DetectedQuoteProvider {
  readonly provider: QuoteProvider;
  /** Every place that was looked at, and what was there. */
  readonly tried: readonly { readonly path: string; readonly found: string }[];
}

/**
 * Looks for what gives quotes here: the kernel, then dstack's guest agent, then its older one. The
 * simulator is never chosen by itself.
 *
 * Errors: `QUOTE_PROVIDER_MISSING`, with what was tried.
 */
export async function detectQuoteProvider(
  options: DetectQuoteProviderOptions = {},
): Promise<DetectedQuoteProvider> {
  const { tsmFolder: folder = DEFAULT_TSM_FOLDER } = options;
  const { dstackSocket = DEFAULT_DSTACK_SOCKET, legacySocket = LEGACY_DSTACK_SOCKET } = options;
  const places = [
    { path: folder, create: () => configfsTsmProvider({ folder }) },
    { path: dstackSocket, create: () => dstackProvider({ socketPath: dstackSocket }) },
    {
      path: legacySocket,
      create: () => dstackProvider({ socketPath: legacySocket, isLegacy: true }),
    },
  ];
  const tried: { path: string; found: string }[] = [];
  for (const { path, create } of places) {
    try {
      await access(path, constants.W_OK);
      tried.push({ path, found: "usable" });
      return { provider: create(), tried };
    } catch (error) {
      tried.push({ path, found: errnoOf(error) ?? "not usable" });
    }
  }
  throw new WorkerError("QUOTE_PROVIDER_MISSING", {
    expected: "one of these, writable",
    found: tried.map(({ path, found }) => `${path}: ${found}`).join("; "),
  });
}
