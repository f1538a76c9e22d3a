import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly type: string | undefined;
  readonly body: Uint8Array;
}

/** Answers a request, the `count`-th, from 1. */
export type Handler = (seen: Seen, response: ServerResponse, count: number) => void;

export interface LocalServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** Answers from now on as this says. */
  handle(handler: Handler): void;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** A server on the loopback address that remembers what it was asked. */
export async function startServer(): Promise<LocalServer> {
  const seen: Seen[] = [];
  let handler: Handler = (_, response) => response.writeHead(500).end();
  const server = createServer(async (request, response) => {
    const one = {
      method: request.method ?? "",
      path: request.url ?? "",
      type: request.headers["content-type"],
      body: await bodyOf(request),
    };
    seen.push(one);
    handler(one, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    handle(next) {
      handler = next;
      seen.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
