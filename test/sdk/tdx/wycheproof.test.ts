import assert from "node:assert/strict";
import { readVectorText } from "../../support/vectors.ts";
import { backends } from "./support/backends.ts";

interface TestCase {
  readonly tcId: number;
  readonly comment: string;
  readonly msg: string;
  /** r || s, which in some cases is not 64 bytes long. */
  readonly sig: string;
  readonly result: "valid" | "invalid";
}

interface TestFile {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    /** 04 || x || y. */
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly TestCase[];
  }[];
}

const file = JSON.parse(
  readVectorText("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json"),
) as TestFile;

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

for (const crypto of backends) {
  describe(`Wycheproof, ECDSA P-256 with SHA-256, ${crypto.name} backend`, () => {
    it(`gives the stated result in all ${file.numberOfTests} cases`, () => {
      let count = 0;
      for (const { publicKey, tests } of file.testGroups) {
        const key = crypto.importP256(bytes(publicKey.uncompressed.slice(2)));
        assert.ok(key !== undefined);
        for (const { tcId, comment, msg, sig, result } of tests) {
          assert.equal(
            crypto.verifyP256(key, bytes(sig), bytes(msg)),
            result === "valid",
            `case ${tcId}: ${comment}`,
          );
          count++;
        }
      }
      assert.equal(count, file.numberOfTests);
    });
  });
}

describe("a key of one backend", () => {
  it("is good for nothing in another", () => {
    const [group] = file.testGroups;
    const valid = group?.tests.find(({ result }) => result === "valid");
    assert.ok(group !== undefined && valid !== undefined);
    for (const own of backends) {
      const key = own.importP256(bytes(group.publicKey.uncompressed.slice(2)));
      assert.ok(key !== undefined);
      for (const crypto of backends) {
        const accepted = crypto.verifyP256(key, bytes(valid.sig), bytes(valid.msg));
        assert.equal(accepted, crypto === own);
      }
    }
  });
});
