import assert from "node:assert/strict";
import { network } from "hardhat";
import { type Hex, pad, parseAbi, toHex } from "viem";
import { parseQuote } from "../../../sdk/tdx/index.ts";
import { quoteOf, readVectorText, statusCases } from "../../support/vectors.ts";

const abi = parseAbi([
  "function isValid(bytes message, bytes32 r, bytes32 s, bytes32 x, bytes32 y) view returns (bool)",
]);

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

interface WycheproofGroup {
  readonly publicKey: { readonly uncompressed: string };
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly msg: string;
    readonly sig: string;
    readonly result: "valid" | "invalid";
  }[];
}

const { testGroups } = JSON.parse(
  readVectorText("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json"),
) as { testGroups: readonly WycheproofGroup[] };

function word(bytes: Uint8Array, index: number): Hex {
  return toHex(bytes.subarray(32 * index, 32 * index + 32));
}

describe("P256Signature", () => {
  async function deploy() {
    const { viem } = await network.create();
    const { address: P256Fallback } = await viem.deployContract("P256Fallback");
    const { address } = await viem.deployContract("P256SignatureHarness", [], {
      libraries: { P256Fallback },
    });
    const client = await viem.getPublicClient();
    return (message: Uint8Array, signature: Uint8Array, key: Uint8Array): Promise<boolean> =>
      client.readContract({
        address,
        abi,
        functionName: "isValid",
        args: [toHex(message), word(signature, 0), word(signature, 1), word(key, 0), word(key, 1)],
      });
  }
  let isValid: Awaited<ReturnType<typeof deploy>>;

  before(async () => {
    isValid = await deploy();
  });

  it("answers every Wycheproof case as expected", async () => {
    let compared = 0;
    for (const { publicKey, tests } of testGroups) {
      const key = Buffer.from(publicKey.uncompressed, "hex").subarray(1);
      for (const { tcId, comment, msg, sig, result } of tests) {
        // Signatures of another length never reach the library: it takes two words.
        if (sig.length !== 128) continue;
        const found = await isValid(Buffer.from(msg, "hex"), Buffer.from(sig, "hex"), key);
        assert.equal(found, result === "valid", `case ${tcId}: ${comment}`);
        compared++;
      }
    }
    assert.ok(compared > 200, `${compared} cases`);
  });

  it("accepts real quotes with a low and with a high s, and their twins", async () => {
    const halves = { low: 0, high: 0 };
    for (const entry of statusCases) {
      const { signedRegion, signature, attestationKey } = parseQuote(quoteOf(entry));
      assert.ok(await isValid(signedRegion, signature, attestationKey), entry.name);
      const s = BigInt(word(signature, 1));
      halves[s > N / 2n ? "high" : "low"]++;
      const twin = Buffer.concat([
        signature.subarray(0, 32),
        Buffer.from(pad(toHex(N - s)).slice(2), "hex"),
      ]);
      assert.ok(await isValid(signedRegion, twin, attestationKey), `twin of ${entry.name}`);
    }
    assert.ok(halves.low > 0 && halves.high > 0, JSON.stringify(halves));
  });

  it("refuses s + N, which wraps around to nothing valid", async () => {
    const [entry] = statusCases;
    assert.ok(entry);
    const { signedRegion, signature, attestationKey } = parseQuote(quoteOf(entry));
    for (const s of [0n, N, N + 1n, 2n ** 256n - 1n]) {
      const forged = Buffer.concat([
        signature.subarray(0, 32),
        Buffer.from(pad(toHex(s)).slice(2), "hex"),
      ]);
      assert.equal(await isValid(signedRegion, forged, attestationKey), false);
    }
  });
});
