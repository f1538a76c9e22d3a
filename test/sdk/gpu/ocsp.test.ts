import assert from "node:assert/strict";
import { parseOcspResponse } from "../../../sdk/gpu/index.ts";
import { refusedWith } from "./support/refusal.ts";
import { device, NONCE, simulator } from "./support/simulated.ts";
import { gpuVector, H100 } from "./support/vectors.ts";

const make = (options: Parameters<typeof simulator.ocsp>[2] = {}) =>
  simulator.ocsp(device.chain, 1, options);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The response with some of its DER, found by its hex, in another form of the same length. */
function replaced(from: string, to: string, der = make()): Uint8Array {
  const text = hex(der);
  assert.ok(text.includes(from) && from.length === to.length, from);
  return new Uint8Array(Buffer.from(text.replace(from, to), "hex"));
}

describe("an OCSP response", () => {
  it("is read as it was written", () => {
    const { answers, nonce, certificates } = parseOcspResponse(
      make({ status: "revoked", reason: 6, nonce: NONCE }),
    );
    assert.equal(answers.length, 1);
    assert.deepEqual([answers[0]?.status, answers[0]?.reason], ["revoked", 6]);
    assert.equal(nonce, `0x${hex(NONCE)}`);
    assert.equal(certificates.length, 1);
    assert.equal(parseOcspResponse(make({ status: "revoked" })).answers[0]?.reason, undefined);
    assert.equal(parseOcspResponse(make({ status: "unknown" })).answers[0]?.status, "unknown");
    assert.equal(parseOcspResponse(make({ isDirect: true })).certificates.length, 0);
  });

  it("without an answer says why", () => {
    for (const [status, name] of [
      [1, "malformedRequest"],
      [3, "tryLater"],
      [6, "unauthorized"],
    ] as const) {
      const error = refusedWith("OCSP_NOT_SUCCESSFUL", () =>
        parseOcspResponse(make({ responseStatus: status })),
      );
      assert.equal(error.found, name);
    }
  });

  it("of another form is refused", () => {
    for (const der of [
      new Uint8Array(),
      new Uint8Array(20_000),
      make({ responseStatus: 7 }),
      make({ status: "revoked", reason: 11 }),
      make({ nonce: new Uint8Array() }),
      make({ nonce: new Uint8Array(129) }),
      // id-pkix-ocsp-basic; SHA-384 of the certificate id; ecdsa-with-SHA384.
      replaced("2b0601050507300101", "2b0601050507300103"),
      replaced("608648016503040202", "608648016503040203"),
      replaced("2a8648ce3d040303", "2a8648ce3d040304"),
      // The status: good, in a form that does not exist.
      replaced("8000180f", "8300180f"),
      // The responder: neither name nor key.
      replaced("a2160414", "a3160414"),
      // A list of answers without one; an answer without an end.
      Uint8Array.of(...make(), 0),
    ]) {
      refusedWith("OCSP_MALFORMED", () => parseOcspResponse(der));
    }
    const text = hex(gpuVector(`${H100}/ocsp_gpu_certificate_l4.der`));
    const end = text.indexOf("a011180f");
    assert.ok(end > 0);
    refusedWith("OCSP_MALFORMED", () =>
      parseOcspResponse(new Uint8Array(Buffer.from(text.replace("a011180f", "a111180f"), "hex"))),
    );
  });
});
