import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { World } from "../contracts/registry/support/world.ts";

/** The world's chain over HTTP, for programs in processes of their own. */
export async function serveWorld(world: World) {
  const answer = async ({ id, method, params }: { id: number; method: string; params?: [] }) => {
    try {
      const result = await world.provider.request({ method, params: params ?? [] } as never);
      return { jsonrpc: "2.0", id, result };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { jsonrpc: "2.0", id, error: { code: -32000, message } };
    }
  };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const asked = JSON.parse(body);
    const result = Array.isArray(asked)
      ? await Promise.all(asked.map(answer))
      : await answer(asked);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(result));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
