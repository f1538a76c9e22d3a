import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface StaticServer {
  /** Such as http://127.0.0.1:49152. */
  readonly origin: string;
  close(): Promise<void>;
}

interface Resource {
  readonly type: string;
  readonly body: Uint8Array | string;
}

/** Serves on a free port of the loopback interface what `find` has for a path. */
export async function serve(find: (path: string) => Resource | undefined): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const resource = find(new URL(request.url ?? "/", "http://127.0.0.1").pathname);
    if (resource === undefined) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { "content-type": resource.type }).end(resource.body);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}
