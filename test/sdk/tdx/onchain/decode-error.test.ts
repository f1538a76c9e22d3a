import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AbiParameter,
  createClient,
  encodeErrorResult,
  type Hex,
  http,
  stringToHex,
} from "viem";
import { ChainsealError } from "../../../../sdk/errors.ts";
import { TdxError } from "../../../../sdk/tdx/index.ts";
import {
  decodeAttestationError,
  errorCodeOf,
  OnchainError,
  parts,
  tdxAttestationAbi,
  verifyQuote,
} from "../../../../sdk/tdx/onchain/index.ts";
import { derFaults, jsonFaults } from "../../../../sdk/tdx/onchain/parts.ts";
import { readProjectFile } from "../../../support/project.ts";
import { builtOf, GOOD } from "./support.ts";

const errors = tdxAttestationAbi.filter((entry) => entry.type === "error");

/** Some value of a parameter's type. */
function someValue({ type }: AbiParameter): unknown {
  if (type === "bool") return true;
  if (type === "address") return `0x${"11".repeat(20)}`;
  if (type === "bytes") return "0x0102";
  const [, size] = /^bytes(\d+)$/.exec(type) ?? [];
  if (size !== undefined) return `0x${"00".repeat(Number(size) - 1)}01`;
  return /^uint(8|16|32)$/.test(type) ? 3 : 3n;
}

function encode(name: string, args: readonly unknown[]): Hex {
  return encodeErrorResult({ abi: tdxAttestationAbi, errorName: name, args } as never);
}

/** The members of an enum in a Solidity source. */
function membersOf(source: string, name: string): string[] {
  const [, body = ""] =
    new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(readProjectFile(source)) ?? [];
  return body.split(",").map((member) => member.trim());
}

describe("decodeAttestationError", () => {
  it("decodes every error of the contract", () => {
    for (const { name, inputs } of errors) {
      const error = decodeAttestationError(encode(name, inputs.map(someValue)));
      assert.ok(error instanceof OnchainError && error instanceof ChainsealError);
      assert.equal(error.code, errorCodeOf(name));
      const names: readonly string[] = inputs.map((input) => input.name);
      assert.equal(error.expected !== undefined, names.includes("expected"), name);
      if (names.includes("found")) assert.notEqual(error.found, undefined, name);
      assert.equal(error.subject, names.includes("subject") ? "PCK certificate" : undefined, name);
    }
  });

  it("has a name for every part and fault", () => {
    const interfaces = "contracts/interfaces/ITdxAttestationErrors.sol";
    assert.equal(parts.length, membersOf("contracts/attestation/TdxTypes.sol", "Part").length);
    assert.equal(derFaults.length, membersOf(interfaces, "DerFault").length);
    assert.equal(jsonFaults.length, membersOf(interfaces, "JsonFault").length);
    const malformed = decodeAttestationError(encode("CertificateMalformed", [1, 3, 77n]));
    assert.equal(malformed.subject, "PCK CA");
    assert.equal(malformed.found, "data left over, offset 77");
  });

  it("writes times as times, serial numbers as serial numbers, text as text", () => {
    const expired = decodeAttestationError(encode("CrlExpired", [5, 1_784_102_583n, 2n ** 250n]));
    assert.equal(expired.expected, "2026-07-15T08:03:03Z");
    assert.equal(expired.found, String(2n ** 250n));
    const superseded = decodeAttestationError(
      encode("TcbEvaluationNumberSuperseded", [17, 1_784_102_583n]),
    );
    assert.equal(superseded.found, "17, since 2026-07-15T08:03:03Z");
    assert.equal(decodeAttestationError(encode("PckRevoked", [255n])).found, "serial 0xff");
    const subject = decodeAttestationError(
      encode("CertificateSubjectUnexpected", [1, stringToHex("Intel"), stringToHex("Mallory")]),
    );
    assert.equal(subject.found, "Mallory");
    const member = stringToHex("tcbLevels", { size: 32 });
    const malformed = decodeAttestationError(encode("TcbInfoMalformed", [8, member, 12n]));
    assert.equal(malformed.found, "a member that occurs twice, member tcbLevels, offset 12");
  });

  it("shows nothing that a terminal would obey", () => {
    const hostile = stringToHex("\u001b[31mAccepted");
    const { message } = decodeAttestationError(
      encode("CertificateSubjectUnexpected", [1, "0x", hostile]),
    );
    assert.ok(!message.includes("\u001b"), message);
  });

  for (const [name, data] of Object.entries({
    "no reason": "0x",
    "a reason of another contract": "0xdeadbeef",
    "a text": encodeErrorResult({
      abi: [{ type: "error", name: "Error", inputs: [{ type: "string", name: "reason" }] }],
      errorName: "Error",
      args: ["no"],
    }),
    "half of an error": encode("CrlExpired", [5, 1n, 2n]).slice(0, 80) as Hex,
  })) {
    it(`calls ${name} a refusal that it does not know`, () => {
      assert.equal(decodeAttestationError(data).code, "CALL_REVERTED");
    });
  }

  it("passes Chainseal's own errors on and throws others", () => {
    const known = new OnchainError("CONTRACT_MISSING");
    assert.equal(decodeAttestationError(known), known);
    const off = new TdxError("QUOTE_TRUNCATED");
    assert.throws(() => decodeAttestationError(off), off);
    const other = new Error("other");
    assert.throws(() => decodeAttestationError(other), other);
  });
});

describe("an endpoint that fails", () => {
  let server: Server;
  let answer: (send: (status: number, body: string) => void) => void;
  let url: string;

  before(async () => {
    server = createServer((_request, response) => {
      answer((status, body) => {
        response.writeHead(status, { "content-type": "application/json" }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/secret-key`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = async (endpoint: string): Promise<OnchainError> => {
    const client = createClient({ transport: http(endpoint, { timeout: 200, retryCount: 0 }) });
    const { evidence } = builtOf(GOOD);
    const error: unknown = await verifyQuote(client, {
      address: `0x${"11".repeat(20)}`,
      evidence,
    }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof OnchainError, String(error));
    const said = `${error.message} ${JSON.stringify(error)} ${error.cause}`;
    assert.ok(!said.includes("secret-key"), said);
    return error;
  };
  const rpcError = (message: string) =>
    JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32000, message } });

  it("is named by what happened, and never by its address", async () => {
    answer = (send) => send(401, '{"message":"who are you?"}');
    assert.equal((await ask(url)).found, "HTTP status 401");
    answer = (send) => send(200, rpcError(`no such method; see ${url}`));
    const refused = await ask(url);
    assert.equal(refused.code, "CHAIN_REQUEST_FAILED");
    assert.match(String(refused.found), /no such method; see \(an address\)/);
    answer = () => undefined;
    assert.equal((await ask(url)).code, "CHAIN_TIMEOUT");
    const closed = await ask("http://127.0.0.1:1/secret-key");
    assert.equal(closed.code, "CHAIN_UNREACHABLE");
  });

  it("that has no contract says so", async () => {
    answer = (send) => send(200, JSON.stringify({ jsonrpc: "2.0", id: 1, result: "0x" }));
    assert.equal((await ask(url)).code, "CONTRACT_MISSING");
  });
});
