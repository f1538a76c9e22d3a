import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createCollateral,
  MAX_QUOTE_LENGTH,
  PckChainCache,
  parseQuote,
  verify,
  verifySignatures,
} from "../../../sdk/tdx/index.ts";
import { decodePemChain } from "../../../sdk/tdx/x509.ts";
import { quoteAsFoundOf, quoteOf, tdxManifest } from "../../support/vectors.ts";
import { fastBackend } from "./support/backends.ts";
import { forAll, mutated, spliced, withinLimits } from "./support/fuzz.ts";
import { certificatesOf } from "./support/pem.ts";
import { pckChainOf, withPckChain, withU32 } from "./support/quote-layout.ts";
import { otherV4, root, v4, v5 } from "./support/specimen.ts";

const realQuotes = tdxManifest.cases.flatMap((entry) => {
  const asFound = quoteAsFoundOf(entry);
  return asFound === undefined ? [quoteOf(entry)] : [quoteOf(entry), asFound];
});

/** Bytes that begin like a quote, so that more than the header is read. */
const headed = fc
  .tuple(fc.constantFrom(v4, v5), fc.uint8Array({ maxLength: 3_000 }), fc.nat({ max: 700 }))
  .map(([{ quote }, tail, kept]) => Uint8Array.of(...quote.subarray(0, 48 + kept), ...tail));

const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 6_000 }), headed);

describe("generated quotes", function () {
  this.timeout(120_000);
  const at = v4.entry.verify_at;
  const pckChainCache = new PckChainCache(64);
  const collateral = createCollateral(v4.json, { root, crypto: fastBackend });
  const options = { at, root, crypto: fastBackend, pckChainCache };
  const { quote: genuine } = verify(v4.quote, collateral, options);

  function tryAll(bytes: Uint8Array): void {
    withinLimits(() => parseQuote(bytes));
    withinLimits(() => verifySignatures(bytes, options));
    withinLimits(() => verify(bytes, null, options));
    const result = withinLimits(() => verify(bytes, collateral, options));
    if (result instanceof Error) return;
    // Only a quote whose signed part is genuine has a verdict.
    const { signedRegion } = result.quote;
    const known = [v4, otherV4].map(({ quote, layout }) => quote.subarray(0, layout.authLength));
    assert.ok(
      known.some((region) => Buffer.compare(region, signedRegion) === 0) ||
        realQuotes.some((real) => Buffer.compare(real.subarray(0, 632), signedRegion) === 0),
      "a verdict on what was never signed",
    );
  }

  it("the genuine one is accepted", () => {
    assert.deepEqual(genuine.signedRegion, v4.quote.subarray(0, v4.layout.authLength));
  });

  it("random bytes", () => forAll(anyBytes, tryAll));

  it("real quotes with changes", () => forAll(mutated(realQuotes), tryAll, 2));

  it("one real quote with changes", () => forAll(mutated([v4.quote]), tryAll, 2));

  it("real quotes spliced", () => forAll(spliced(realQuotes), tryAll));

  it("real quotes with other chains, every length right", () => {
    const chains = realQuotes
      .filter((quote) => [4, 5].includes(quote[0] ?? 0))
      .map((quote) => new TextEncoder().encode(pckChainOf(quote)));
    const chain = fc.oneof(mutated(chains), spliced(chains), fc.uint8Array({ maxLength: 20_000 }));
    forAll(chain, (pem) => tryAll(withPckChain(v4.quote, pem)));
  });

  it("the largest inputs", () => {
    for (const fill of [0x00, 0x2d, 0x30, 0x41, 0xff]) {
      const large = new Uint8Array(MAX_QUOTE_LENGTH).fill(fill);
      tryAll(large);
      large.set(v4.quote.subarray(0, v4.layout.pem));
      tryAll(large);
      tryAll(withU32(large, v4.layout.authLength, MAX_QUOTE_LENGTH - v4.layout.signature));
      tryAll(withPckChain(v4.quote, large.subarray(v4.quote.length)));
    }
    tryAll(new Uint8Array(50_000_000));
  });

  it("do not fill the cache: only chains that verify are kept", () => {
    assert.ok(pckChainCache.size <= new Set(realQuotes.map(pckChainOf)).size);
  });
});

describe("generated PEM", function () {
  this.timeout(60_000);
  const chains = [v4, v5].map(({ quote }) => new TextEncoder().encode(pckChainOf(quote)));
  const lines = fc
    .array(
      fc.constantFrom(
        "-----BEGIN CERTIFICATE-----",
        "-----END CERTIFICATE-----",
        "-----BEGIN",
        "-----",
        "TUlJ",
        "MIIE",
        "AA==",
        "AAA=",
        "AB==",
        "=",
        "\0",
        "\r",
        " ",
        "",
      ),
      { maxLength: 30 },
    )
    .map((parts) => new TextEncoder().encode(parts.join("\n")));

  it("is refused, or decoded as Node.js decodes it", () => {
    const pem = fc.oneof(lines, mutated(chains), spliced(chains), fc.uint8Array());
    forAll(
      pem,
      (bytes) => {
        const result = withinLimits(() => decodePemChain(bytes, "chain"));
        if (result instanceof Error) return;
        assert.deepEqual(
          result.map((der) => new Uint8Array(der)),
          certificatesOf(new TextDecoder("latin1").decode(bytes)),
        );
      },
      4,
    );
  });
});
