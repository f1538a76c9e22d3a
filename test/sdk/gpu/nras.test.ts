import assert from "node:assert/strict";
import {
  type GpuErrorCode,
  parseNrasAnswer,
  type VerifyNrasOptions,
  verifyNras,
} from "../../../sdk/gpu/index.ts";
import type { NrasOptions } from "../../../sdk/gpu/simulator/index.ts";
import { refusedWith } from "./support/refusal.ts";
import { NONCE, simulator } from "./support/simulated.ts";

const { at } = simulator;

function ask(options: Partial<NrasOptions> = {}, changes: Partial<VerifyNrasOptions> = {}) {
  const { answer, jwks } = simulator.nras({ nonce: NONCE, ...options });
  return verifyNras(answer, { at, nonce: NONCE, jwks, ...changes });
}

/** The answer as JSON, changed. */
function edited(edit: (answer: [[string, string], Record<string, string>]) => unknown): string {
  return JSON.stringify(edit(JSON.parse(simulator.nras({ nonce: NONCE }).answer)));
}

const parse = (json: string) => () => parseNrasAnswer(json);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("an answer of NRAS", () => {
  it("is positive when the whole and every device is", () => {
    const opinion = ask({ devices: { "GPU-0": {}, "GPU-1": {} } });
    assert.equal(opinion.isPositive, true);
    assert.equal(opinion.devices.length, 2);
    assert.equal(opinion.devices[1]?.claims.measres, "success");
    assert.equal(opinion.expiresAt - opinion.issuedAt, 3_600);
  });

  it("is negative when the whole or any device is, signed all the same", () => {
    assert.equal(ask({ result: false }).isPositive, false);
    assert.equal(ask({ devices: { "GPU-0": {}, "GPU-1": { measres: "fail" } } }).isPositive, false);
    assert.equal(ask({ devices: { "GPU-0": { "x-nvidia-error-details": {} } } }).isPositive, false);
    assert.equal(ask({ devices: { "GPU-0": { measres: undefined } } }).isPositive, false);
  });

  it("may come from another issuer that the caller names", () => {
    const issuer = "https://nras.attestation-stg.nvidia.com";
    assert.equal(ask({ issuer }, { issuer }).isPositive, true);
  });

  it("holds from its issue until before its expiry", () => {
    const times = { issuedAt: at, expiresAt: at + 1 };
    assert.equal(ask(times).isPositive, true);
    refusedWith("NRAS_EXPIRED", () => ask(times, { at: at + 1 }));
    refusedWith("NRAS_NOT_YET_VALID", () => ask(times, { at: at - 1 }));
    refusedWith("NRAS_NOT_YET_VALID", () => ask({ devices: { "GPU-0": { nbf: at + 5 } } }));
    refusedWith("NRAS_EXPIRED", () => ask({ devices: { "GPU-0": { exp: at } } }));
  });

  const refused: readonly (readonly [
    what: string,
    code: GpuErrorCode,
    options: Partial<NrasOptions>,
  ])[] = [
    ["HS384 with the public key", "NRAS_ALGORITHM_REFUSED", { header: { alg: "HS384" } }],
    ["another capitalisation of none", "NRAS_ALGORITHM_REFUSED", { header: { alg: "nOnE" } }],
    ["no algorithm", "NRAS_ALGORITHM_REFUSED", { header: { alg: undefined } }],
    ["a list of algorithms", "NRAS_ALGORITHM_REFUSED", { header: { alg: ["ES384"] } }],
    ["critical headers", "NRAS_ALGORITHM_REFUSED", { header: { crit: ["exp"] } }],
    [
      "a key in the header",
      "NRAS_SIGNATURE_INVALID",
      { signer: simulator.key("mallory"), header: { jwk: {} } },
    ],
    ["no key id", "NRAS_MALFORMED", { header: { kid: undefined } }],
    ["another key id", "NRAS_KEY_UNKNOWN", { header: { kid: "other" } }],
    [
      "a device for another nonce",
      "NRAS_NONCE_MISMATCH",
      { devices: { "GPU-0": { eat_nonce: "00".repeat(32) } } },
    ],
    [
      "a taken device without a nonce",
      "NRAS_MALFORMED",
      { devices: { "GPU-0": { eat_nonce: undefined } } },
    ],
    [
      "a device of another issuer",
      "NRAS_ISSUER_UNEXPECTED",
      { devices: { "GPU-0": { iss: "x" } } },
    ],
    ["a device without times", "NRAS_MALFORMED", { devices: { "GPU-0": { exp: undefined } } }],
    ["times that are none", "NRAS_MALFORMED", { devices: { "GPU-0": { exp: "soon" } } }],
    [
      "a device that the whole does not name",
      "NRAS_SUBMODULES_MISMATCH",
      {
        devices: { "GPU-0": {}, "GPU-1": {} },
        editDigests: ({ "GPU-0": one }) => ({ "GPU-0": one }),
      },
    ],
    [
      "a named device that is missing",
      "NRAS_SUBMODULES_MISMATCH",
      { editDigests: (all) => ({ ...all, "GPU-1": all["GPU-0"] }) },
    ],
    [
      "a device under another name",
      "NRAS_SUBMODULES_MISMATCH",
      { editDigests: (all) => ({ "GPU-1": all["GPU-0"] }) },
    ],
    [
      "a digest of another algorithm",
      "NRAS_MALFORMED",
      { editDigests: () => ({ "GPU-0": ["DIGEST", ["MD5", "00"]] }) },
    ],
    ["no digest", "NRAS_MALFORMED", { editDigests: () => ({ "GPU-0": "trust me" }) }],
    [
      "a token put in place of the named one",
      "NRAS_DIGEST_MISMATCH",
      {
        devices: { "GPU-0": {}, "GPU-1": { ueid: "1" } },
        editDigests: (all) => ({ "GPU-0": all["GPU-1"], "GPU-1": all["GPU-0"] }),
      },
    ],
  ];
  for (const [what, code, options] of refused) {
    it(`with ${what} is refused: ${code}`, () => void refusedWith(code, () => ask(options)));
  }

  it("of another form is refused", () => {
    for (const json of [
      "",
      "{}",
      "[]",
      "[[]]",
      '[["JWT"],{}]',
      edited(([[, token], devices]) => [["EAT", token], devices]),
      edited(([whole, devices]) => [whole, devices, {}]),
      edited(([[kind, token], devices]) => [[kind, token, "more"], devices]),
      edited(([whole]) => [whole, []]),
      edited(([[kind, token], devices]) => [[kind, `${token}.x`], devices]),
      edited(([[kind, token], devices]) => [[kind, `${token}=`], devices]),
      edited(([[kind, token], devices]) => [[kind, token.replace(".", "+.")], devices]),
      edited(([, devices]) => [["JWT", `${part([])}.${part({})}.`], devices]),
      edited(([, devices]) => [["JWT", `${part({})}.${part({ submods: 7 })}.`], devices]),
      edited(([, devices]) => [["JWT", "x".repeat(70_000)], devices]),
      `${" ".repeat(1_100_000)}[]`,
    ]) {
      refusedWith("NRAS_MALFORMED", parse(json));
    }
    refusedWith("NRAS_MALFORMED", parse('[["JWT","a","a"],{"GPU-0":"","GPU-0":""}]'));
  });

  it("needs a key set of P-384 keys", () => {
    const { jwks } = simulator.nras({ nonce: NONCE });
    const { keys } = JSON.parse(jwks);
    const [key] = keys;
    const withKeys = (...list: readonly unknown[]) =>
      ask({}, { jwks: JSON.stringify({ keys: list }) });
    assert.equal(withKeys({ kty: "RSA", kid: "r" }, key).isPositive, true);
    for (const list of [
      [key, key],
      [{ ...key, x: key.y }],
      [{ ...key, x: "AA" }],
      [{ ...key, x: "?" }],
      [{ ...key, kid: 7 }],
      [7],
      Array(257).fill(key),
    ]) {
      refusedWith("NRAS_JWKS_MALFORMED", () => withKeys(...list));
    }
    for (const json of ["", "7", '{"keys":7}', `${" ".repeat(1_100_000)}{}`]) {
      refusedWith("NRAS_JWKS_MALFORMED", () => ask({}, { jwks: json }));
    }
  });
});
