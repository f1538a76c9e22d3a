import assert from "node:assert/strict";
import fc from "fast-check";
import { TdxError } from "../../../../sdk/tdx/index.ts";
import { readSignedDocument } from "../../../../sdk/tdx/pccs/signed-document.ts";

const signature = "0123456789abcdefABCDEF".repeat(6).slice(0, 128);
const read = (json: string) =>
  readSignedDocument("TCB info", "tcbInfo", new TextEncoder().encode(json));

describe("the text of a signed document", () => {
  for (const text of [
    "{}",
    '{ "a" : 1 }',
    '{\r\n\t"a": [ {"b": "}"}, "]{" ],\n "c": "\\"}\\\\" }',
    '{"tcbInfo":{"tcbInfo":"{"},"signature":"x"}',
    '{"signature":"\\","}',
    '{"u":"\\u007d\u{1f600}é\u2028"}',
    '{"n":-1.50e+10,"t":true,"z":null}',
  ]) {
    it(`is as it was sent: ${JSON.stringify(text)}`, () => {
      for (const json of [
        `{"tcbInfo":${text},"signature":"${signature}"}`,
        `{"signature":"${signature}","tcbInfo":${text}}`,
        ` {\n"tcbInfo"\t:\r\n ${text} ,\n "signature" : "${signature}" } \n`,
        `{"tcb\\u0049nfo":${text},"signature":"${signature}"}`,
        `{"\\u0073ignature":"${signature}","tcbInfo":${text}}`,
      ]) {
        const document = read(json);
        assert.equal(document.text, text, json);
        assert.equal(document.signature, signature);
        assert.deepEqual(JSON.parse(JSON.stringify(document.value)), JSON.parse(text));
      }
    });
  }

  it("is as it was sent, whatever it is", () => {
    const space = fc.constantFrom("", " ", "\n", "\r\n\t");
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })),
        fc.constantFrom(undefined, 1, "\t"),
        space,
        space,
        fc.boolean(),
        (value, indent, before, after, signatureFirst) => {
          const text = JSON.stringify(value, undefined, indent);
          const document = `"tcbInfo"${before}:${after}${text}`;
          const signed = `"signature"${after}:${before}"${signature}"`;
          const members = signatureFirst ? [signed, document] : [document, signed];
          const json = `${before}{${after}${members.join(`${before},${after}`)}${before}}${after}`;
          assert.equal(read(json).text, text);
        },
      ),
    );
  });

  it("is found or refused, and nothing else, in any damaged body", () => {
    const body = new TextEncoder().encode(
      `{"tcbInfo":{"id":"TDX","a":["\\"é"]},"signature":"${signature}"}`,
    );
    fc.assert(
      fc.property(
        fc.nat(body.length - 1),
        fc.nat(255),
        fc.integer({ min: 0, max: 2 }),
        (offset, byte, removed) => {
          const damaged = Uint8Array.of(
            ...body.subarray(0, offset),
            byte,
            ...body.subarray(offset + removed),
          );
          try {
            const { text } = readSignedDocument("TCB info", "tcbInfo", damaged);
            const sent = new TextDecoder().decode(damaged);
            assert.deepEqual(JSON.parse(text), JSON.parse(sent).tcbInfo);
            assert.ok(sent.includes(text));
          } catch (error) {
            if (!(error instanceof TdxError)) throw error;
            assert.equal(error.code, "PCCS_RESPONSE_MALFORMED");
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
