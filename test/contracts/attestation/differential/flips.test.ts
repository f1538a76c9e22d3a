import assert from "node:assert/strict";
import { fromHex, type Hex, toHex } from "viem";
import { intelSgxRootCa } from "../../../../sdk/tdx/index.ts";
import { buildEvidence, collateralUploads } from "../../../../sdk/tdx/onchain/index.ts";
import { forEachFlip } from "../../../sdk/tdx/support/flips.ts";
import { withBitFlipped } from "../../../sdk/tdx/support/quote-layout.ts";
import { type Specimen, v4, v5 } from "../../../sdk/tdx/support/specimen.ts";
import { AttestationChain } from "../../support/chain.ts";

/** What is long and costly to parse is sampled; the seed decides where. */
const STEPS: Readonly<Record<string, number>> = {
  "PCK CRL": 61,
  "PCK certificate": 5,
  "TCB info": 29,
};

/** Byte for byte, in order; the calls are made at the same time, a batch after another. */
async function refusesEachFlip(
  bytes: Uint8Array,
  call: (flipped: Hex) => Promise<string>,
  step = 1,
): Promise<number> {
  const flips: { hex: Hex; what: string }[] = [];
  forEachFlip(bytes, (flipped, what) => flips.push({ hex: toHex(flipped), what }), { step });
  for (let from = 0; from < flips.length; from += 50) {
    await Promise.all(
      flips.slice(from, from + 50).map(async ({ hex, what }) => {
        assert.notEqual(await call(hex), "accepted", what);
      }),
    );
  }
  return flips.length;
}

function chainOf({ entry }: Specimen) {
  return AttestationChain.create({ root: intelSgxRootCa(), deployedAt: entry.verify_at - 100 });
}

describe("TdxAttestation on real evidence with one bit flipped", () => {
  for (const specimen of [v4, v5]) {
    const { entry, quote, json } = specimen;

    describe(entry.name, () => {
      let chain: AttestationChain;

      before(async () => {
        chain = await chainOf(specimen);
        await chain.setTime(entry.verify_at);
      });

      const uploads = collateralUploads(json, { quote });
      for (const upload of uploads) {
        const { part, functionName, args } = upload;
        const [signed, ...rest] = args;
        it(`refuses the ${part}, whatever bit is flipped`, async function () {
          this.timeout(120_000);
          const answer = async (flipped: Hex, others: readonly unknown[] = rest) => {
            const called = await chain.call(chain.encode(functionName, [flipped, ...others]));
            return "code" in called ? called.code : "accepted";
          };
          const bytes = fromHex(signed, "bytes");
          await refusesEachFlip(bytes, answer, STEPS[part] ?? 1);
          if (part === "TCB info" || part === "QE identity") {
            for (const place of [0, 1]) {
              const word = fromHex(String(rest[place]) as Hex, "bytes");
              const others = (flipped: Hex) => rest.map((it, i) => (i === place ? flipped : it));
              await refusesEachFlip(word, (flipped) => answer(toHex(bytes), others(flipped)));
            }
          }
          assert.equal(await answer(signed), "accepted");
          assert.equal((await chain.upload(upload)).code, undefined);
        });
      }

      it("refuses the quote, whatever bit of its signed bytes and signatures is flipped", async function () {
        this.timeout(120_000);
        const { evidence } = buildEvidence(quote, { collateral: json });
        const bytes = fromHex(evidence.quote, "bytes");
        const answer = async (flipped: Hex) => {
          const verdict = await chain.verify({ ...evidence, quote: flipped });
          return typeof verdict === "string" ? verdict : "accepted";
        };
        assert.equal(await answer(evidence.quote), "accepted");
        assert.ok((await refusesEachFlip(bytes, answer)) > 1_200);
      });

      it("refuses every field of the PCK certificate, whatever bit of it is flipped", async () => {
        const { evidence } = buildEvidence(quote, { collateral: json });
        for (const [name, value] of Object.entries(evidence.leaf)) {
          const isNumber = typeof value !== "string";
          const bytes = isNumber ? fromHex(toHex(value), "bytes") : fromHex(value as Hex, "bytes");
          for (let bit = 0; bit < 8 * bytes.length; bit += isNumber ? 1 : 5) {
            const hex = toHex(withBitFlipped(bytes, Math.floor(bit / 8), bit % 8));
            const flipped =
              typeof value === "bigint" ? BigInt(hex) : isNumber ? Number(BigInt(hex)) : hex;
            const leaf = { ...evidence.leaf, [name]: flipped };
            assert.equal(
              await chain.verify({ ...evidence, leaf }),
              "PCK_CERTIFICATE_NOT_CACHED",
              `${name}, bit ${bit}`,
            );
          }
        }
      });
    });
  }
});
