import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** The connection ends without an answer. */
  readonly isBroken?: boolean;
}

/** A relayer on the loopback interface, which answers as a test says. */
export class FakeRelayer {
  readonly received: Received[] = [];
  answer: (request: Received) => Answer | Promise<Answer> = () => ({ status: 500 });
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/base/`;
  }

  static async start(): Promise<FakeRelayer> {
    const server = createServer();
    const relayer = new FakeRelayer(server);
    server.on("request", async (request, response) => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk;
      const { method = "", url: path = "", headers } = request;
      const received = { method, path, headers, body };
      relayer.received.push(received);
      const answer = await relayer.answer(received);
      if (answer.isBroken) return response.destroy();
      response.writeHead(answer.status, answer.headers);
      return response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return relayer;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
