import assert from "node:assert/strict";
import {
  type AbiFunction,
  type AbiParameter,
  encodeErrorResult,
  type Hex,
  toFunctionSignature,
} from "viem";
import { auditErrors, clientErrors } from "../../../sdk/client/error-table.ts";
import { allRegistryErrors } from "../../../sdk/client/errors.ts";
import {
  decodeRegistryError,
  gateErrors,
  RegistryError,
  registryErrors,
  workerGateAbi,
  workerRegistryAbi,
  workerStatuses,
} from "../../../sdk/client/index.ts";
import { readArtifact } from "../../../sdk/contracts/artifacts.ts";
import {
  chainErrors,
  contractErrors,
  errorCodeOf,
  OnchainError,
  onchainErrors,
} from "../../../sdk/tdx/onchain/index.ts";
import { readProjectFile } from "../../support/project.ts";

const errorsOf = (abi: readonly { type: string }[]) =>
  abi.filter(
    (entry): entry is { type: "error"; name: string; inputs: AbiParameter[] } =>
      entry.type === "error",
  );
const ofRegistry = errorsOf(workerRegistryAbi);
const ofGate = errorsOf(workerGateAbi);

function someValue({ type }: AbiParameter): unknown {
  if (type === "address") return `0x${"11".repeat(20)}`;
  if (type === "string") return "text";
  const [, size] = /^bytes(\d+)$/.exec(type) ?? [];
  if (size !== undefined) return `0x${"00".repeat(Number(size) - 1)}01`;
  return /^uint(8|16|24|32)$/.test(type) ? 3 : 3n;
}

function encode(entry: { name: string; inputs: readonly AbiParameter[] }): Hex {
  const abi = [{ type: "error", ...entry }];
  return encodeErrorResult({ abi, errorName: entry.name, args: entry.inputs.map(someValue) });
}

/** The members of an enum in a Solidity source, without its comments. */
function membersOf(source: string, name: string): string[] {
  const [, body = ""] =
    new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(readProjectFile(source)) ?? [];
  return body
    .replace(/\/\/.*/g, "")
    .split(",")
    .map((member) => member.trim());
}

describe("the registry's table of errors", () => {
  it("has a code for every error of the contract", () => {
    assert.ok(ofRegistry.length > 30);
    const codes = ofRegistry.map(({ name }) => errorCodeOf(name));
    // Those of AccessManaged are the attestation contract's too.
    const unknown = codes.filter((code) => !(code in registryErrors || code in contractErrors));
    assert.deepEqual(unknown, []);
    const gate = ofGate.map(({ name }) => errorCodeOf(name));
    assert.deepEqual(gate.sort(), Object.keys(gateErrors).sort());
  });

  it("has no code as the contract's that neither it nor its interface has", () => {
    const inAbi = ofRegistry.map(({ name }) => errorCodeOf(name));
    assert.deepEqual(
      Object.keys(registryErrors).filter((code) => !inAbi.includes(code)),
      [],
    );
    const declared = [
      ...readProjectFile("contracts/interfaces/IRegistryErrors.sol").matchAll(/^ {4}error (\w+)/gm),
    ].map(([, name = ""]) => errorCodeOf(name));
    assert.deepEqual(
      declared.filter((code) => !(code in registryErrors)),
      [],
    );
  });

  it("gives each code one meaning", () => {
    const tables = [registryErrors, gateErrors, clientErrors, auditErrors];
    const size = tables.reduce((sum, table) => sum + Object.keys(table).length, 0);
    assert.equal(Object.keys(allRegistryErrors).length, size);
    assert.deepEqual(
      Object.keys(allRegistryErrors).filter((code) => code in onchainErrors),
      [],
    );
    for (const [code, { summary, remedy }] of Object.entries(allRegistryErrors)) {
      assert.match(code, /^[A-Z][A-Z0-9_]+$/);
      assert.ok(!summary.endsWith(".") && remedy.endsWith("."), code);
    }
  });

  it("has a gate's functions and errors as they are compiled", async () => {
    const { abi } = await readArtifact("contracts/gating/examples/JobMarket.sol:JobMarket");
    const types = (entry: AbiFunction) =>
      `${entry.type} ${toFunctionSignature({ ...entry, type: "function" })}`;
    const compiled = (abi as readonly AbiFunction[])
      .filter(({ type }) => type === "function" || type === "error")
      .map(types);
    const ours = (workerGateAbi as readonly AbiFunction[]).map(types);
    assert.deepEqual(
      ours.filter((one) => !compiled.includes(one)),
      [],
    );
  });

  it("names every worker status as the contract does", () => {
    const found = membersOf("contracts/registry/RegistryTypes.sol", "WorkerStatus");
    assert.deepEqual(found, [...workerStatuses]);
  });
});

describe("decodeRegistryError", () => {
  it("decodes every error of the registry and of a gate", () => {
    for (const entry of [...ofRegistry, ...ofGate]) {
      const code = errorCodeOf(entry.name);
      const error = decodeRegistryError(encode(entry));
      assert.equal(error.code, code);
      const isOurs = code in registryErrors || code in gateErrors;
      assert.ok(isOurs ? error instanceof RegistryError : error instanceof OnchainError, code);
      const names = entry.inputs.map(({ name }) => name);
      assert.equal(error.expected !== undefined, names.includes("expected"), entry.name);
      if (names.some((name) => name !== "expected")) assert.notEqual(error.found, undefined);
    }
  });

  it("names statuses and times", () => {
    const status = decodeRegistryError(
      encodeErrorResult({
        abi: workerRegistryAbi,
        errorName: "WorkerNotValid",
        args: [`0x${"00".repeat(32)}`, `0x${"11".repeat(20)}`, 3],
      }),
    );
    assert.match(String(status.found), /status REVOKED$/);
    const notice = decodeRegistryError(
      encodeErrorResult({
        abi: workerRegistryAbi,
        errorName: "NoticeNotOver",
        args: [1_784_102_583n, 1_784_102_582n],
      }),
    );
    assert.equal(notice.expected, "2026-07-15T08:03:03Z");
    const block = decodeRegistryError(
      encodeErrorResult({
        abi: workerRegistryAbi,
        errorName: "ChallengeNotNewer",
        args: [100n, 99n],
      }),
    );
    assert.equal(block.expected, "100");
  });

  it("leaves what the attestation contract refuses to its own class", () => {
    const data = encode({ name: "QuoteSignatureInvalid", inputs: [] });
    const error = decodeRegistryError(data);
    assert.ok(error instanceof OnchainError);
    assert.equal(error.code, "QUOTE_SIGNATURE_INVALID");
    assert.equal(decodeRegistryError("0xdeadbeef").code, "CALL_REVERTED");
    assert.ok("CALL_REVERTED" in chainErrors);
    const known = new RegistryError("STALE_BLOCK");
    assert.equal(decodeRegistryError(known), known);
    const other = new Error("other");
    assert.throws(() => decodeRegistryError(other), other);
  });
});
