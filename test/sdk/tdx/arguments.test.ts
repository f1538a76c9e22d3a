import assert from "node:assert/strict";
import {
  Collateral,
  createCollateral,
  intelSgxRootCa,
  PckChainCache,
  parseQuote,
  type QuoteCollateral,
  TdxError,
  verify,
  verifySignatures,
} from "../../../sdk/tdx/index.ts";
import { quoteCases, quoteOf, readVector } from "../../support/vectors.ts";
import { backends, fastBackend } from "./support/backends.ts";
import { certificatesOf, toPem } from "./support/pem.ts";
import { pckChainOf, withBitFlipped, withPckChain, withU16 } from "./support/quote-layout.ts";
import { refusalOf, refusedWith } from "./support/refusal.ts";
import { otherV4, root, v4 } from "./support/specimen.ts";

const { json, quote, layout, entry } = v4;
const at = entry.verify_at;

describe("the trusted root", () => {
  const [leaf, ca] = certificatesOf(pckChainOf(quote));
  const [signer] = certificatesOf(json.tcb_info_issuer_chain);
  assert.ok(leaf !== undefined && ca !== undefined && signer !== undefined);

  const malformed: readonly [name: string, root: unknown][] = [
    ["nothing", new Uint8Array(0)],
    ["an empty text", ""],
    ["no certificate", new TextEncoder().encode("no certificate")],
    ["text that is no PEM", "Intel SGX Root CA"],
    ["zeros", new Uint8Array(659)],
    ["a bit of its signature changed", withBitFlipped(root, root.length - 1, 0)],
    ["a bit of its name changed", withBitFlipped(root, 100, 0)],
    ["a byte after it", new Uint8Array([...root, 0])],
    ["its last byte cut", root.slice(0, -1)],
    ["the root twice in PEM", toPem(root, root)],
    ["a whole chain", pckChainOf(quote)],
    ["the PCK CA, which another issued", ca],
    ["a PCK certificate", leaf],
    ["the TCB signer", signer],
    ["missing", undefined],
    ["null", null],
    ["a number", 1],
    ["an object", {}],
  ];
  for (const [name, given] of malformed) {
    it(`${name}: ROOT_MALFORMED`, () => {
      const options = { at, root: given as Uint8Array };
      for (const act of [
        () => verify(quote, json, options),
        () => verifySignatures(quote, options),
        () => createCollateral(json, options),
      ]) {
        refusedWith("ROOT_MALFORMED", act);
      }
    });
  }

  it("is Intel's, as DER, as PEM in text and as PEM in bytes", () => {
    const pem = readVector("tdx/IntelSGXRootCA.pem");
    const text = new TextDecoder().decode(pem);
    for (const given of [root, Buffer.from(root), pem, text, toPem(root)]) {
      assert.equal(verify(quote, json, { at, root: given }).status, entry.expected.tcb_status);
    }
  });

  it("is a fresh copy each time, so that nobody can change another's", () => {
    const mine = intelSgxRootCa();
    mine.fill(0);
    assert.deepEqual(intelSgxRootCa(), root);
  });

  it("is not changed by a caller who changes the bytes afterwards", () => {
    const bytes = intelSgxRootCa();
    const collateral = createCollateral(json, { root: bytes });
    bytes.fill(0);
    assert.equal(verify(quote, collateral, { at, root }).status, entry.expected.tcb_status);
    refusedWith("ROOT_MALFORMED", () => verify(quote, collateral, { at, root: bytes }));
  });

  for (const other of quoteCases("test-root")) {
    it(`${other.name}: another root trusts nothing of Intel's`, () => {
      const testRoot = certificatesOf(pckChainOf(quoteOf(other))).at(-1);
      assert.ok(testRoot !== undefined);
      const options = { at, root: testRoot, pckChainCache: new PckChainCache() };
      const collateral = createCollateral(json, { root });
      verifySignatures(quote, { ...options, root });
      assert.equal(options.pckChainCache.size, 1);
      refusalOf(() => createCollateral(json, options));
      refusalOf(() => verify(quote, json, options));
      refusedWith("ROOT_UNTRUSTED", () => verifySignatures(quote, options));
      refusedWith("COLLATERAL_ROOT_MISMATCH", () => verify(quote, collateral, options));
    });
  }
});

describe("collateral as JSON", () => {
  const fields = Object.keys(json).filter(
    (name) => name !== "pck_certificate_chain",
  ) as (keyof QuoteCollateral)[];

  it("has nine fields that must be there", () => {
    assert.deepEqual([...fields].sort(), [
      "pck_crl",
      "pck_crl_issuer_chain",
      "qe_identity",
      "qe_identity_issuer_chain",
      "qe_identity_signature",
      "root_ca_crl",
      "tcb_info",
      "tcb_info_issuer_chain",
      "tcb_info_signature",
    ]);
  });

  const wrong: readonly unknown[] = [
    undefined,
    null,
    1,
    true,
    {},
    [],
    ["x"],
    new Uint8Array(9),
    () => "x",
  ];
  for (const field of fields) {
    it(`${field}: a text, and nothing else`, () => {
      for (const value of wrong) {
        const error = refusedWith("COLLATERAL_MALFORMED", () =>
          createCollateral({ ...json, [field]: value }, { root }),
        );
        assert.equal(error.subject, field);
      }
      const { [field]: _, ...others } = json;
      refusedWith("COLLATERAL_MALFORMED", () => createCollateral(others, { root }));
    });
  }

  it("pck_certificate_chain: a text, null or nothing", () => {
    for (const value of [undefined, null, "anything"]) {
      createCollateral({ ...json, pck_certificate_chain: value }, { root });
    }
    for (const value of [1, true, {}, [], "x".repeat(16_385)]) {
      refusedWith("COLLATERAL_MALFORMED", () =>
        createCollateral({ ...json, pck_certificate_chain: value }, { root }),
      );
    }
  });

  const noObjects: readonly unknown[] = [
    1,
    true,
    "",
    JSON.stringify(json),
    [],
    [json],
    () => json,
    1n,
  ];
  for (const value of noObjects) {
    it(`is an object: not ${Array.isArray(value) ? "an array" : typeof value}`, () => {
      refusedWith("COLLATERAL_MALFORMED", () => createCollateral(value as object, { root }));
      refusedWith("COLLATERAL_MALFORMED", () => verify(quote, value as object, { at, root }));
    });
  }

  it("ignores fields it does not know", () => {
    const more = { ...json, version: 3, note: { anything: true } };
    assert.equal(verify(quote, more, { at, root }).status, entry.expected.tcb_status);
  });

  it("takes fields from nowhere but the object or its prototype, and never runs what it finds", () => {
    const inherited = Object.create(json);
    assert.equal(verify(quote, inherited, { at, root }).status, entry.expected.tcb_status);
    refusedWith("COLLATERAL_MALFORMED", () =>
      createCollateral(new Map(Object.entries(json)), { root }),
    );
  });

  it("refuses what only looks like a Collateral", () => {
    const lookalike: object = Object.create(Collateral.prototype);
    refusalOf(() => verify(quote, lookalike, { at, root }));
    refusalOf(() => createCollateral(lookalike, { root }));
    const copy = { ...createCollateral(json, { root }) };
    refusedWith("COLLATERAL_MALFORMED", () => verify(quote, copy, { at, root }));
  });
});

describe("a quote parsed before", () => {
  it("is taken only as parseQuote made it: a copy may say what is not signed", () => {
    const parsed = parseQuote(quote);
    const report = { ...parsed.report, reportData: parseQuote(otherV4.quote).report.reportData };
    const qeReport = { ...parsed.qeReport, isvSvn: 65_535 };
    for (const copy of [
      { ...parsed, report },
      { ...parsed, qeReport },
      { ...parsed },
      structuredClone(parsed),
      Object.create(parsed),
    ]) {
      refusedWith("QUOTE_NOT_BYTES", () => verify(copy, json, { at, root }));
      refusedWith("QUOTE_NOT_BYTES", () => verifySignatures(copy, { at, root }));
    }
  });

  it("is bytes or such an object, and nothing else", () => {
    const hex = Buffer.from(quote).toString("hex");
    const inputs: readonly unknown[] = [undefined, null, 1, "", hex, [...quote]];
    for (const input of inputs) {
      const given = input as Uint8Array;
      refusedWith("QUOTE_NOT_BYTES", () => verify(given, json, { at, root }));
      refusedWith("QUOTE_NOT_BYTES", () => verifySignatures(given, { at, root }));
    }
  });

  it("cannot be changed", () => {
    const parsed = parseQuote(quote);
    for (const part of [
      parsed,
      parsed.header,
      parsed.report,
      parsed.qeReport,
      parsed.certificationData,
    ]) {
      assert.ok(Object.isFrozen(part));
    }
  });
});

describe("the result", () => {
  it("cannot be changed, down to its lists", () => {
    const result = verify(quote, json, { at, root });
    for (const part of [
      result,
      result.advisoryIds,
      result.launch,
      result.launch.platform,
      result.launch.qe,
      result.launch.advisoryIds,
      result.report,
      result.platform,
      result.platform.sgxTcbComponents,
      result.tcbEvaluationDataNumber,
    ]) {
      assert.ok(Object.isFrozen(part));
    }
  });
});

describe("the cache of PCK chains", () => {
  it("knows a chain by its certificates, and not by their bytes taken together", () => {
    const [leaf, ca] = certificatesOf(pckChainOf(quote));
    assert.ok(leaf !== undefined && ca !== undefined);
    const joined = new Uint8Array([...leaf, ...ca]);
    const pckChainCache = new PckChainCache();
    const check = (bytes: Uint8Array, cache = pckChainCache) =>
      verify(bytes, json, { at, root, pckChainCache: cache });
    check(quote);
    assert.equal(pckChainCache.size, 1);
    for (const border of [1, leaf.length - 1, leaf.length + 1, joined.length - 1]) {
      const parts = [joined.subarray(0, border), joined.subarray(border), root];
      const moved = withPckChain(quote, toPem(...parts));
      refusedWith("CERTIFICATE_MALFORMED", () => check(moved, new PckChainCache()));
      refusedWith("CERTIFICATE_MALFORMED", () => check(moved));
    }
  });

  it("does not carry a chain from one backend to another", () => {
    const [real] = backends;
    assert.ok(real !== undefined);
    // A caller's own backend may bear any name, in tests above all.
    const gullible = { ...real, verifyP256: () => true };
    const pckChainCache = new PckChainCache();
    const [leaf, ca] = certificatesOf(pckChainOf(quote));
    assert.ok(leaf !== undefined && ca !== undefined);
    const chainOf = (der: Uint8Array) => ({
      ...json,
      pck_certificate_chain: toPem(der, ca, root),
    });
    const forged = withBitFlipped(leaf, leaf.length - 1, 0);
    const named = withU16(quote, layout.innerType, 1);
    verify(named, chainOf(forged), { at, root, crypto: gullible, pckChainCache });
    refusedWith("CERTIFICATE_SIGNATURE_INVALID", () =>
      verify(named, chainOf(forged), { at, root, crypto: fastBackend, pckChainCache }),
    );
  });
});

describe("errors", () => {
  it("say what was expected and found, in short, and can be logged as JSON", () => {
    const error = refusedWith("COLLATERAL_MALFORMED", () =>
      createCollateral({ ...json, pck_crl: "z".repeat(100_000) }, { root }),
    );
    assert.ok(error instanceof TdxError && error.message.length < 1_000);
    assert.equal(JSON.parse(JSON.stringify(error)).code, "COLLATERAL_MALFORMED");
  });
});
