import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { QuoteCollateral } from "../../../../sdk/tdx/index.ts";
import type { CollateralItem } from "../../../../sdk/tdx/pccs/index.ts";

/** Whose answers to imitate: Intel's service, its caching service, and that of API version 3. */
export type Flavour = "PCS" | "PCCS" | "old PCCS";

export const flavours: readonly Flavour[] = ["PCS", "PCCS", "old PCCS"];

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Answers a request itself, or gives what to answer. `count` is 1 for the item's first request. */
export type Handler = (
  context: { readonly count: number; readonly reply: Reply },
  response: ServerResponse,
  request: IncomingMessage,
) => Reply | undefined;

export interface SeenRequest {
  readonly item: CollateralItem | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
}

const INTEL_HOSTS = ["api.trustedservices.intel.com", "certificates.trustedservices.intel.com"];

const ITEMS: readonly (readonly [path: string, item: CollateralItem])[] = [
  ["/sgx/certification/v4/pckcrl", "PCK CRL"],
  ["/sgx/certification/v4/rootcacrl", "root CRL"],
  ["/IntelSGXRootCA.der", "root CRL"],
  ["/tdx/certification/v4/tcb", "TCB info"],
  ["/tdx/certification/v4/qe/identity", "QE identity"],
];

const fromHex = (digits: string) => new Uint8Array(Buffer.from(digits, "hex"));

/** The body in which a document was signed: Intel sends it without white space. */
export function signedBody(member: string, text: string, signature: string): string {
  return `{"${member}":${text},"signature":"${signature}"}`;
}

function replyTo(
  item: CollateralItem,
  path: string,
  flavour: Flavour,
  collateral: QuoteCollateral,
): Reply {
  const json = { "Content-Type": "application/json" };
  const crl = { "Content-Type": "application/pkix-crl" };
  switch (item) {
    case "PCK CRL":
      return {
        headers: {
          ...crl,
          "SGX-PCK-CRL-Issuer-Chain": encodeURIComponent(collateral.pck_crl_issuer_chain),
        },
        body: flavour === "old PCCS" ? collateral.pck_crl : fromHex(collateral.pck_crl),
      };
    case "root CRL":
      if (path.endsWith(".der")) return { headers: crl, body: fromHex(collateral.root_ca_crl) };
      if (flavour === "PCS") return { status: 404 };
      return { headers: crl, body: collateral.root_ca_crl };
    case "TCB info":
      return {
        headers: {
          ...json,
          [flavour === "old PCCS" ? "SGX-TCB-Info-Issuer-Chain" : "TCB-Info-Issuer-Chain"]:
            encodeURIComponent(collateral.tcb_info_issuer_chain),
        },
        body: signedBody("tcbInfo", collateral.tcb_info, collateral.tcb_info_signature),
      };
    case "QE identity":
      return {
        headers: {
          ...json,
          "SGX-Enclave-Identity-Issuer-Chain": encodeURIComponent(
            collateral.qe_identity_issuer_chain,
          ),
        },
        body: signedBody(
          "enclaveIdentity",
          collateral.qe_identity,
          collateral.qe_identity_signature,
        ),
      };
  }
}

/** A service of collateral on the loopback interface, which notes what it is asked. */
export class CollateralServer {
  flavour: Flavour = "PCCS";
  readonly requests: SeenRequest[] = [];
  /** How many requests ended before they had their whole answer. */
  cancelled = 0;

  #collateral: QuoteCollateral;
  readonly #handlers = new Map<CollateralItem, Handler>();
  readonly #server = createServer((request, response) => this.#answer(request, response));

  private constructor(collateral: QuoteCollateral) {
    this.#collateral = collateral;
  }

  static async start(collateral: QuoteCollateral): Promise<CollateralServer> {
    const server = new CollateralServer(collateral);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Starts anew: other collateral, no handlers, nothing seen. */
  reset(collateral: QuoteCollateral): void {
    this.#collateral = collateral;
    this.flavour = "PCCS";
    this.requests.length = 0;
    this.cancelled = 0;
    this.#handlers.clear();
  }

  /** Answers requests for one item in another way. */
  on(item: CollateralItem, handler: Handler): void {
    this.#handlers.set(item, handler);
  }

  /** How often an item was asked for. */
  countOf(item: CollateralItem): number {
    return this.requests.filter((request) => request.item === item).length;
  }

  /** The global `fetch`, but for Intel's hosts, which this server stands in for. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!INTEL_HOSTS.includes(url.hostname)) return await fetch(input, init);
    const headers = new Headers(init?.headers);
    headers.set("x-stands-for", url.hostname);
    return await fetch(`${this.url}${url.pathname}${url.search}`, { ...init, headers });
  };

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const item = ITEMS.find(([path]) => pathname.endsWith(path))?.[1];
    this.requests.push({
      item,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
    });
    response.on("close", () => {
      if (!response.writableFinished) this.cancelled++;
    });
    if (item === undefined) {
      response.writeHead(404).end();
      return;
    }
    const usual = replyTo(item, pathname, this.flavour, this.#collateral);
    const handler = this.#handlers.get(item);
    const reply =
      handler === undefined
        ? usual
        : handler({ count: this.countOf(item), reply: usual }, response, request);
    if (reply !== undefined) response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
  }
}
