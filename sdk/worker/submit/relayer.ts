import { encodeAbiParameters, keccak256 } from "viem";
import type { Hex } from "../../bytes.ts";
import { asString, JsonError, type JsonObject, parseStrictJson } from "../../json.ts";
import { TdxError } from "../../tdx/errors.ts";
import { readBaseUrl } from "../../tdx/pccs/base-url.ts";
import { readBody } from "../../tdx/pccs/body.ts";
import { sleep, withDeadline } from "../../tdx/pccs/cancellation.ts";
import { invalidParameter, WorkerError } from "../errors.ts";
import type { PreparedRegistration, Submitter } from "./submitter.ts";

export interface RelayerOptions {
  /** Of the relayer: `/v1/registrations` comes after it. */
  readonly url: string | URL;
  /** Sent as `Authorization: Bearer …`, to this origin only. */
  readonly apiKey?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds for one request. Default: 30,000. */
  readonly timeout?: number;
  /** How often a request that failed on the way is made again. Default: 2. */
  readonly retries?: number;
  /** Milliseconds in between. Default: 1000. */
  readonly retryDelay?: number;
}

const MAX_ANSWER = 64 * 1024;
const MAX_REASON = 200;

/** The same registration has the same key, also when its answer was lost on the way. */
function idempotencyKey({ chainId, registry, request }: PreparedRegistration): Hex {
  return keccak256(
    encodeAbiParameters(
      [
        { type: "uint256" },
        { type: "address" },
        { type: "bytes32" },
        { type: "address" },
        { type: "uint256" },
      ],
      [BigInt(chainId), registry, request.programId, request.identity, request.challengeBlock],
    ),
  );
}

/** As JSON: numbers that a double might not hold are decimal texts. */
function bodyOf(registration: PreparedRegistration): string {
  return JSON.stringify(registration, (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

const unreachable = (found: string) =>
  new WorkerError("RELAYER_UNREACHABLE", { expected: "an answer", found });

function readAnswer(bytes: Uint8Array): JsonObject {
  try {
    return parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const found = cause instanceof JsonError ? cause.message : "other bytes";
    throw new WorkerError("RELAYER_RESPONSE_INVALID", { expected: "a JSON object", found });
  }
}

function memberOf(answer: JsonObject, name: string): string {
  try {
    return asString(answer[name], name);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new WorkerError("RELAYER_RESPONSE_INVALID", { subject: name, found: cause.message });
  }
}

/** The relayer's own words, where it gives some. */
function reasonOf(answer: JsonObject): string {
  const { reason } = answer;
  return typeof reason === "string" ? reason.slice(0, MAX_REASON) : "no reason";
}

/**
 * Has a relayer pay for registrations. What it is asked (DESIGN, section 7):
 *
 *     POST {url}/v1/registrations        Idempotency-Key: keccak256 over what names the registration
 *       {chainId, registry, request, evidence, pckCertificate}      as `register` takes them
 *     202 {id, status}
 *     GET {url}/v1/registrations/{id}
 *     200 {id, status, reason?}          status `failed`: it will not be tried again
 *
 * That the record is on chain is what counts, not what the relayer says.
 *
 * Errors: `RELAYER_…`, and for an address that is none `WORKER_PARAMETER_INVALID`.
 */
export function relayer(options: RelayerOptions): Submitter {
  const { timeout = 30_000, retries = 2, retryDelay = 1000 } = options;
  const fetch = options.fetch ?? globalThis.fetch;
  let base: ReturnType<typeof readBaseUrl>;
  try {
    base = readBaseUrl(options.url);
  } catch (error) {
    if (!(error instanceof TdxError)) throw error;
    throw invalidParameter("url", "an http or https URL", "something else");
  }
  const collection = new URL("v1/registrations", base.url);
  const authorization =
    options.apiKey === undefined ? base.authorization : `Bearer ${options.apiKey}`;

  const ask = async (url: URL, init: RequestInit, signal: AbortSignal) => {
    const headers = new Headers(init.headers);
    if (authorization !== undefined) headers.set("authorization", authorization);
    return withDeadline(
      signal,
      timeout,
      () => unreachable(`none within ${timeout} ms`),
      async (limited) => {
        let response: Response;
        try {
          response = await fetch(url, { ...init, headers, redirect: "manual", signal: limited });
        } catch {
          // Messages of some implementations quote the request.
          throw unreachable("a network error");
        }
        const { status } = response;
        if (status === 429 || status >= 500) {
          await response.body?.cancel();
          throw unreachable(`HTTP status ${status}`);
        }
        let body: Uint8Array;
        try {
          body = await readBody(response, MAX_ANSWER, "relayer", limited);
        } catch (error) {
          if (!(error instanceof TdxError)) throw unreachable("a broken answer");
          throw new WorkerError("RELAYER_RESPONSE_INVALID", { found: "a larger answer" });
        }
        return { status, body };
      },
    );
  };

  const askAgain = async (url: URL, init: RequestInit, signal: AbortSignal) => {
    for (let failures = 1; ; failures++) {
      try {
        return await ask(url, init, signal);
      } catch (error) {
        const isPassing = error instanceof WorkerError && error.code === "RELAYER_UNREACHABLE";
        if (!isPassing || failures > retries) throw error;
        await sleep(retryDelay, signal);
      }
    }
  };

  return {
    name: "relayer",
    async submit(registration, signal) {
      const init = {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": idempotencyKey(registration),
        },
        body: bodyOf(registration),
      };
      const { status, body } = await askAgain(collection, init, signal);
      if (status !== 202 && status !== 200) {
        const found = `HTTP status ${status}`;
        throw new WorkerError("RELAYER_REFUSED", { expected: 202, found });
      }
      const id = memberOf(readAnswer(body), "id");
      if (!/^[\w.:-]{1,128}$/.test(id)) {
        throw new WorkerError("RELAYER_RESPONSE_INVALID", { subject: "id", found: id });
      }
      const resource = new URL(`${collection.pathname}/${id}`, base.url);
      return {
        reference: id,
        async findFailure(limited) {
          const answer = await ask(resource, { method: "GET" }, limited);
          if (answer.status !== 200) return undefined;
          const state = readAnswer(answer.body);
          if (memberOf(state, "status") !== "failed") return undefined;
          return new WorkerError("RELAYER_REFUSED", { subject: id, found: reasonOf(state) });
        },
      };
    },
  };
}
