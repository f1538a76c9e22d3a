import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const require = createRequire(import.meta.url);

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<
    string,
    Record<string, { readonly evm: { readonly deployedBytecode: { readonly object: string } } }>
  >;
  readonly sources: Record<string, unknown>;
}

interface Compiler {
  version(): string;
  compile(
    input: string,
    callbacks: { import(file: string): { contents: string } | { error: string } },
  ): string;
}

/** A project of someone else's, with the examples as they would be imported there. */
const SOURCES = [
  "contracts/gating/WorkerGate.sol",
  "contracts/gating/examples/JobMarket.sol",
  "contracts/gating/examples/WorkerEscrow.sol",
];

/** Operation codes up to Cancun (EIP-1153, 4844, 5656 and 7516 being its own). */
const CANCUN = new Set<number>([
  ...range(0x00, 0x0b),
  ...range(0x10, 0x1d),
  0x20,
  ...range(0x30, 0x4a),
  ...range(0x50, 0xa4),
  ...range(0xf0, 0xf5),
  0xfa,
  ...range(0xfd, 0xff),
]);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function compile(compiler: Compiler): Output {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(SOURCES.map((file) => [file, { content: read(file) }])),
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 200 },
      // What follows the code, and is none.
      metadata: { appendCBOR: false },
      outputSelection: { "*": { "*": ["evm.deployedBytecode.object"] } },
    },
  };
  const answer = compiler.compile(JSON.stringify(input), {
    import: (file) => ({ contents: read(file) }),
  });
  return JSON.parse(answer) as Output;
}

function read(file: string): string {
  const folder = file.startsWith("@") ? path.join(ROOT, "node_modules") : ROOT;
  return readFileSync(path.join(folder, file), "utf8");
}

function operationsOf(bytecode: Buffer): Set<number> {
  const found = new Set<number>();
  for (let at = 0; at < bytecode.length; at++) {
    const code = bytecode[at] ?? 0;
    found.add(code);
    // PUSH1 to PUSH32 are followed by their data.
    if (code >= 0x60 && code <= 0x7f) at += code - 0x5f;
  }
  return found;
}

const wrapper = require("solc/wrapper") as (soljson: unknown) => Compiler;
const compilers = {
  "0.8.24": () => wrapper(require("solc-0.8.24/soljson.js")),
  "0.8.37": () => wrapper(require("solc/soljson.js")),
};

describe("what other people's projects compile", () => {
  for (const [version, load] of Object.entries(compilers)) {
    it(`compiles with ${version} for Cancun, and has no later operation`, function () {
      this.timeout(120_000);
      const compiler = load();
      assert.ok(compiler.version().startsWith(`${version}+`));
      const { errors = [], contracts } = compile(compiler);
      const failures = errors.filter(({ severity }) => severity === "error");
      assert.deepEqual(
        failures.map(({ formattedMessage }) => formattedMessage),
        [],
      );
      for (const [file, name] of [
        ["contracts/gating/examples/JobMarket.sol", "JobMarket"],
        ["contracts/gating/examples/WorkerEscrow.sol", "WorkerEscrow"],
      ] as const) {
        const object = contracts[file]?.[name]?.evm.deployedBytecode.object ?? "";
        const operations = operationsOf(Buffer.from(object, "hex"));
        assert.ok(operations.size > 40, name);
        // TSTORE: the check would find what came with Cancun.
        assert.ok(operations.has(0x5d), name);
        assert.deepEqual(
          [...operations].filter((code) => !CANCUN.has(code)),
          [],
          name,
        );
      }
    });
  }

  it("asks for no more than ^0.8.24, nor do the interfaces it imports", () => {
    const open = [...SOURCES];
    const seen = new Set<string>();
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (seen.has(file) || file.startsWith("@")) continue;
      seen.add(file);
      const text = read(file);
      assert.match(text, /^pragma solidity \^0\.8\.24;$/m, file);
      for (const [, from = ""] of text.matchAll(/from "([^"]+)";/g)) {
        open.push(from.startsWith(".") ? path.join(path.dirname(file), from) : from);
      }
    }
    assert.ok(seen.has("contracts/interfaces/IWorkerRegistry.sol"));
    // Little is imported: an interface and the types it speaks of.
    assert.deepEqual([...seen].filter((file) => !file.startsWith("contracts/gating/")).sort(), [
      "contracts/interfaces/IWorkerRegistry.sol",
      "contracts/registry/RegistryTypes.sol",
    ]);
  });
});
