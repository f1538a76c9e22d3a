import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A guest agent on a unix socket, which answers as a test says. */
export class FakeAgent {
  readonly socketPath: string;
  readonly received: { readonly path: string; readonly body: string }[] = [];
  answer: (response: ServerResponse, body: string, request: IncomingMessage) => void = (response) =>
    response.end();
  readonly #server: Server;
  readonly #folder: string;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.socketPath = join(folder, "agent.sock");
  }

  static async start(): Promise<FakeAgent> {
    const server = createServer();
    const agent = new FakeAgent(server, mkdtempSync(join(tmpdir(), "chainseal-agent-")));
    server.on("request", async (request, response) => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      agent.received.push({ path: request.url ?? "", body });
      agent.answer(response, body, request);
    });
    await new Promise<void>((resolve) => server.listen(agent.socketPath, resolve));
    return agent;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
