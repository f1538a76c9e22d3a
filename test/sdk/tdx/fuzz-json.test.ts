import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonError, parseStrictJson } from "../../../sdk/json.ts";
import { parseQeIdentity } from "../../../sdk/tdx/qe-identity.ts";
import { parseTcbInfo } from "../../../sdk/tdx/tcb-info.ts";
import { collateralCases, collateralOf } from "../../support/vectors.ts";
import { forAll, mutated, spliced, withinLimits } from "./support/fuzz.ts";

const texts = [
  ...new Set(
    collateralCases.flatMap((entry) => {
      const { tcb_info, qe_identity } = collateralOf(entry);
      return [tcb_info, qe_identity];
    }),
  ),
];

const utf8 = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const encoded = texts.map((text) => new TextEncoder().encode(text));

const tokens = fc
  .array(
    fc.constantFrom(
      ...["{", "}", "[", "]", ":", ",", '"', "\\", '"a"', '"id"', '"TDX"', '"__proto__"'],
      ...['"constructor"', '"toString"', "0", "-1", "1e400", "null", "true", "\\u0041", "\u2028"],
      ...['{"version":3', '"tcbLevels"', " ", "\n", "\ud800", "\0"],
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

const anyText = fc.oneof(
  fc.json({ maxDepth: 8 }),
  tokens,
  fc.string({ unit: "binary", maxLength: 200 }),
  mutated(encoded).map(utf8),
  spliced(encoded).map(utf8),
);

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const WRONG: readonly Json[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 32, 1e308, "", "x", "00", [], {}, [[]], [{}], [null]],
  ...["UpToDate", "Revoked", "Unknown", "2025-01-01T00:00:00Z", "2025-02-30T00:00:00Z"],
];

/** A real document in which the value that `pick` leads to is replaced, or removed. */
function withReplaced(value: Json, pick: readonly number[], by: Json | undefined): Json {
  if (typeof value !== "object" || value === null || pick.length === 0) return by ?? null;
  const [first = 0, ...rest] = pick;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    if (items.length === 0) return by ?? null;
    const index = first % items.length;
    const replaced = withReplaced(items[index] ?? null, rest, by);
    return by === undefined && rest.length === 0
      ? items.toSpliced(index, 1)
      : items.with(index, replaced);
  }
  const members = Object.entries(value);
  const [name, inner] = members[first % members.length] ?? ["", null];
  if (by === undefined && rest.length === 0) {
    return Object.fromEntries(members.filter(([other]) => other !== name));
  }
  return { ...value, [name]: withReplaced(inner, rest, by) };
}

const nearlyReal = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 7 }),
    fc.option(fc.constantFrom(...WRONG), { nil: undefined }),
  )
  .map(([text, pick, by]) => JSON.stringify(withReplaced(JSON.parse(text) as Json, pick, by)));

function tryText(text: string): void {
  withinLimits(() => parseTcbInfo(text));
  withinLimits(() => parseQeIdentity(text));
  const value = withinLimits(() => parseStrictJson(text), JsonError);
  if (value instanceof Error) return;
  // Apart from prototypes it is what everyone else reads.
  assert.equal(Object.getPrototypeOf(value), null);
  assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(text)));
}

describe("generated JSON", function () {
  this.timeout(60_000);

  it("the real ones are read", () => {
    for (const text of texts) {
      const parse =
        text.includes('"enclaveIdentity"') || /"id":"TD_QE"/.test(text)
          ? parseQeIdentity
          : parseTcbInfo;
      assert.ok(!(withinLimits((): object => parse(text)) instanceof Error));
      tryText(text);
    }
  });

  it("texts of all sorts", () => forAll(anyText, tryText, 4));
  it("real documents with a value replaced or removed", () => forAll(nearlyReal, tryText, 4));

  const LENGTH = 262_144;
  const fitting = (part: string, [before, after]: readonly [string, string] = ["", ""]) =>
    before + part.repeat((LENGTH - before.length - after.length) / part.length) + after;
  const listOf = (item: string) => fitting(`${item},`, ['{"a":[', `${item}]}`]);
  const large: readonly [name: string, text: string][] = [
    ["open brackets", fitting("[")],
    ["open objects", fitting('{"a":')],
    ["nested arrays", `{"a":${"[".repeat(131_000)}${"]".repeat(131_000)}}`],
    ["nested objects", `${'{"a":'.repeat(43_000)}1${"}".repeat(43_000)}`],
    ["empty objects", listOf("{}")],
    ["empty arrays", listOf("[]")],
    ["empty texts", listOf('""')],
    ["zeros", listOf("0")],
    ["deep items", listOf(`${"[".repeat(29)}${"]".repeat(29)}`)],
    ["different members", `{${Array.from({ length: 20_000 }, (_, i) => `"${i}":1`).join()}}`],
    ["the same member", `{${'"a":1,'.repeat(40_000)}"a":1}`],
    ["one long text", fitting("a", ['{"a":"', '"}'])],
    ["one long name", fitting("\\u0041", ['{"', '":1}'])],
    ["escapes", fitting("\\\\", ['{"a":"', '"}'])],
    ["a text that does not end", fitting('\\"', ['{"a":"', ""])],
    ["white space", fitting(" ", ['{"a"', ":1}"])],
    ["one long number", fitting("9", ['{"a":', "}"])],
    ["surrogates", fitting("\ud800", ['{"a":"', '"}'])],
  ];
  for (const [name, text] of large) {
    it(`the largest text, of ${name}`, () => tryText(text));
  }
});

describe("strict JSON", () => {
  const refused: readonly [name: string, text: string][] = [
    ["a member twice", '{"a":1,"a":1}'],
    ["a member twice, once escaped", '{"a":1,"\\u0061":1}'],
    ["a member twice, deep inside", '{"b":[{"c":{"a":1,"d":{},"a":2}}]}'],
    ["__proto__ twice", '{"__proto__":1,"__proto__":2}'],
    ["an array", "[]"],
    ["a number", "1"],
    ["null", "null"],
    ["nothing", ""],
    ["a trailing comma", '{"a":1,}'],
    ["a comment", '{"a":1/**/}'],
    ["single quotes", "{'a':1}"],
    ["a byte order mark", '\ufeff{"a":1}'],
    ["two values", "{}{}"],
    ["33 levels", `{"a":${"[".repeat(32)}${"]".repeat(32)}}`],
  ];
  for (const [name, text] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => parseStrictJson(text), JsonError));
  }

  it("takes 32 levels, and names that every object inherits as names like any other", () => {
    parseStrictJson(`{"a":${"[".repeat(31)}${"]".repeat(31)}}`);
    const value = parseStrictJson('{"__proto__":{"id":"TDX"},"a":{"__proto__":1},"toString":2}');
    assert.equal(value.id, undefined);
    assert.deepEqual(Object.keys(value), ["__proto__", "a", "toString"]);
    assert.equal(Object.getPrototypeOf(value), null);
  });

  it("tells the same name in two objects from a repetition", () => {
    parseStrictJson('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}],"c":"a","d":["a","a"]}');
    parseStrictJson('{"a":"\\"a\\":","b":"{\\"b\\":1,\\"b\\":2}"}');
  });
});
