import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createSimulator, type QuoteOptions } from "../../../../sdk/tdx/simulator/index.ts";
import { hex } from "./der-reader.ts";
import { type QuoteParts, readQuote, v5Td10, v5Td15, verifies } from "./quote-reader.ts";

const simulator = createSimulator({ seed: "quotes" });
const platform = simulator.platform();

function parts(options?: QuoteOptions): QuoteParts {
  return readQuote(platform.quote(options));
}

/** All three things that tie a quote to a PCK. */
function assertBound(quote: QuoteParts, pck = platform.pckKey.publicKey): void {
  assert.ok(verifies(quote.attestationKey, quote.signed, quote.signature), "quote signature");
  assert.ok(verifies(pck, quote.qeReport, quote.qeReportSignature), "QE report signature");
  const hash = createHash("sha256").update(quote.attestationKey).update(quote.qeAuthData).digest();
  assert.equal(hex(quote.qeReport.subarray(320, 352)), hex(hash), "attestation key hash");
}

describe("simulated quotes", () => {
  describe("have Intel's layout", () => {
    it("version 4", () => {
      const quote = parts();
      assertBound(quote);
      assert.ok(quote.exact);
      assert.equal(quote.trailing.length, 0);
      assert.equal(
        hex(quote.header.subarray(0, 28)),
        "040002008100000000000000939a7233f79c4ca9940a0db3957f0607",
      );
      assert.equal(hex(quote.header.subarray(44)), "00000000");
      assert.deepEqual([quote.outerType, quote.innerType], [6, 5]);
      assert.equal(Buffer.from(quote.certificationData).toString(), `${platform.pckChainPem}\0`);
      assert.equal(hex(quote.qeAuthData), hex(Uint8Array.from({ length: 32 }, (_, n) => n)));
    });

    it("version 5 with TD report 1.5", () => {
      const bytes = platform.quote({ version: 5 });
      const quote = readQuote(bytes, ...v5Td15);
      assertBound(quote);
      assert.ok(quote.exact);
      assert.equal(hex(bytes.subarray(0, 2)), "0500");
      assert.equal(hex(bytes.subarray(48, 54)), "030088020000");
      assert.deepEqual(quote.body.subarray(584, 600), quote.body.subarray(0, 16));
      assert.equal(hex(quote.body.subarray(600)), "00".repeat(48));
    });

    it("version 5 with TD report 1.0", () => {
      const bytes = platform.quote({ version: 5, body: "TD10" });
      assertBound(readQuote(bytes, ...v5Td10));
      assert.ok(readQuote(bytes, ...v5Td10).exact);
      assert.equal(hex(bytes.subarray(48, 54)), "020048020000");
    });

    it("a TD as careful deployments start it", () => {
      const { body } = parts();
      assert.equal(hex(body.subarray(0, 16)), "07010300000000000000000000000000");
      assert.equal(hex(body.subarray(64, 120)), "00".repeat(56));
      assert.equal(hex(body.subarray(120, 136)), "0000001000000000e702060000000000");
      assert.equal(hex(body.subarray(184, 328)), "00".repeat(144));
      assert.equal(hex(body.subarray(520)), "00".repeat(64));
    });

    it("a QE report as Intel's quoting enclave gives it", () => {
      const { qeReport } = parts();
      assert.equal(
        hex(qeReport.subarray(16, 64)),
        `${"00".repeat(32)}1500000000000000e700000000000000`,
      );
      assert.equal(hex(qeReport.subarray(96, 128)), "00".repeat(32));
      const { mrsigner } = JSON.parse(simulator.collateral().qe_identity);
      assert.equal(hex(qeReport.subarray(128, 160)), mrsigner.toLowerCase());
      assert.equal(hex(qeReport.subarray(160, 256)), "00".repeat(96));
      assert.equal(hex(qeReport.subarray(256, 320)), `02000700${"00".repeat(60)}`);
      assert.equal(hex(qeReport.subarray(352)), "00".repeat(32));
    });
  });

  describe("carry", () => {
    const fields = [
      ["teeTcbSvn", 0, 16],
      ["mrSeam", 16, 48],
      ["mrSignerSeam", 64, 48],
      ["seamAttributes", 112, 8],
      ["tdAttributes", 120, 8],
      ["xfam", 128, 8],
      ["mrTd", 136, 48],
      ["mrConfigId", 184, 48],
      ["mrOwner", 232, 48],
      ["mrOwnerConfig", 280, 48],
      ["rtmr0", 328, 48],
      ["rtmr1", 376, 48],
      ["rtmr2", 424, 48],
      ["rtmr3", 472, 48],
      ["reportData", 520, 64],
      ["teeTcbSvn2", 584, 16],
      ["mrServiceTd", 600, 48],
    ] as const;
    for (const [name, offset, size] of fields) {
      it(`${name} of the TD report, and change nothing else of it`, () => {
        const value = Uint8Array.from({ length: size }, (_, index) => 0xa0 + index);
        const teeTcbSvn2 = "07010300000000000000000000000000";
        const quote = readQuote(
          platform.quote({ version: 5, teeTcbSvn2, [name]: value }),
          ...v5Td15,
        );
        const plain = readQuote(platform.quote({ version: 5 }), ...v5Td15);
        const expected = Uint8Array.from(plain.body);
        expected.set(value, offset);
        assert.equal(hex(quote.body), hex(expected));
        assertBound(quote);
      });
    }

    it("fields as hex of either case", () => {
      const { body } = parts({ reportData: `0x${"aB".repeat(64)}` });
      assert.equal(hex(body.subarray(520)), "ab".repeat(64));
    });

    it("each field of the header", () => {
      const quote = parts({
        header: {
          version: 0xffff,
          attestationKeyType: 3,
          teeType: 0x80000001,
          qeSvn: 4,
          pceSvn: 5,
          qeVendorId: "66".repeat(16),
          userData: "77".repeat(20),
        },
      });
      const expected = `ffff03000100008004000500${"66".repeat(16)}${"77".repeat(20)}`;
      assert.equal(hex(quote.header), expected);
      assertBound(quote);
    });

    it("each field of the QE report", () => {
      const quote = parts({
        qeReport: {
          cpuSvn: "11".repeat(16),
          miscSelect: "22".repeat(4),
          attributes: "33".repeat(16),
          mrEnclave: "44".repeat(32),
          mrSigner: "55".repeat(32),
          isvProdId: 0x1234,
          isvSvn: 0x5678,
          reportDataTail: "66".repeat(32),
        },
      });
      const { qeReport } = quote;
      assert.equal(hex(qeReport.subarray(0, 20)), "11".repeat(16) + "22".repeat(4));
      assert.equal(hex(qeReport.subarray(48, 96)), "33".repeat(16) + "44".repeat(32));
      assert.equal(hex(qeReport.subarray(128, 160)), "55".repeat(32));
      assert.equal(hex(qeReport.subarray(256, 260)), "34127856");
      assert.equal(hex(qeReport.subarray(352)), "66".repeat(32));
      assertBound(quote);
    });

    it("QE authentication data of any size", () => {
      for (const size of [0, 31, 33, 0xffff]) {
        const quote = parts({ qeAuthData: new Uint8Array(size).fill(9) });
        assert.equal(quote.qeAuthData.length, size);
        assertBound(quote);
        assert.ok(quote.exact);
      }
      assert.throws(() => platform.quote({ qeAuthData: new Uint8Array(65_536) }), {
        option: "qeAuthData",
      });
    });

    it("other certification data", () => {
      const typed = parts({ certificationData: { outerType: 5, type: 3, bytes: "abcd" } });
      assert.deepEqual([typed.outerType, typed.innerType], [5, 3]);
      assert.equal(hex(typed.certificationData), "abcd");
      const chain = parts({ pckChainPem: "no chain" });
      assert.equal(Buffer.from(chain.certificationData).toString(), "no chain");
      assertBound(chain);
    });

    it("bytes after their end", () => {
      const quote = parts({ trailing: "0102" });
      assert.equal(hex(quote.trailing), "0102");
      assert.ok(quote.exact);
    });
  });

  describe("are signed", () => {
    it("by another attestation key on request", () => {
      const quote = parts({ attestationKey: "another" });
      assert.notDeepEqual(quote.attestationKey, parts().attestationKey);
      assertBound(quote);
    });

    it("by another PCK on request", () => {
      const pckKey = simulator.key("mallory");
      assertBound(parts({ pckKey }), pckKey.publicKey);
    });

    it("under an attestation key that is not on the curve, bound all the same", () => {
      const quote = parts({ attestationPublicKey: new Uint8Array(64) });
      assert.equal(hex(quote.attestationKey), "00".repeat(64));
      const hash = createHash("sha256").update(quote.attestationKey).update(quote.qeAuthData);
      assert.equal(hex(quote.qeReport.subarray(320, 352)), hash.digest("hex"));
    });

    it("with high s about half of the time, as Intel's are", () => {
      const high = Array.from({ length: 40 }, (_, index) => {
        const { signature } = parts({ reportData: new Uint8Array(64).fill(index) });
        return (signature[32] ?? 0) >= 0x80;
      }).filter(Boolean);
      assert.ok(high.length > 5 && high.length < 35, `${high.length} of 40`);
    });
  });

  describe("can be edited", () => {
    const flip = (index: number) => (bytes: Uint8Array) =>
      bytes.map((byte, position) => (position === index ? byte ^ 1 : byte));

    it("before the attestation key signs", () => {
      const quote = parts({ editSigned: flip(600) });
      assert.notDeepEqual(quote.signed, parts().signed);
      assertBound(quote);
    });

    it("before the PCK signs the QE report", () => {
      const quote = parts({ editQeReport: flip(20) });
      assert.equal(quote.qeReport[20], 1);
      assertBound(quote);
    });

    it("after everything, trailing bytes included", () => {
      const edited = platform.quote({
        trailing: "00",
        edit: (quote) => flip(quote.length - 1)(quote),
      });
      assert.equal(edited.at(-1), 1);
      const broken = parts({ edit: flip(100) });
      assert.ok(!verifies(broken.attestationKey, broken.signed, broken.signature));
    });
  });

  it("refuse what no quote has", () => {
    assert.throws(() => platform.quote({ body: "TD15" }), { option: "body" });
    assert.throws(() => platform.quote({ mrServiceTd: new Uint8Array(48) }), {
      option: "mrServiceTd",
    });
    assert.throws(() => platform.quote({ version: 5, body: "TD10", teeTcbSvn2: "00".repeat(16) }), {
      option: "teeTcbSvn2",
    });
    assert.throws(() => platform.quote({ reportData: new Uint8Array(32) }), {
      name: "SimulatorError",
      option: "reportData",
      expected: "64 bytes",
      found: 32,
    });
    assert.throws(() => platform.quote({ header: { qeVendorId: "zz".repeat(16) } }), {
      option: "header.qeVendorId",
    });
    assert.throws(() => platform.quote({ header: { qeSvn: 65_536 } }), { option: "header.qeSvn" });
    assert.throws(() => platform.quote({ qeReport: { isvSvn: -1 } }), {
      option: "qeReport.isvSvn",
    });
  });
});
