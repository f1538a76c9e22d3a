import assert from "node:assert/strict";
import {
  ATTESTATION,
  artifactPath,
  librariesOf,
  readArtifact,
} from "../../../sdk/contracts/artifacts.ts";
import { deployAttestation } from "../../../sdk/contracts/deploy.ts";
import { ContractsError } from "../../../sdk/contracts/errors.ts";

describe("the compiled contracts", () => {
  it("are read with all that they are linked with", async () => {
    const artifact = await readArtifact(ATTESTATION);
    assert.ok(artifact.abi.some((entry) => entry.type === "function"));
    const libraries = librariesOf(artifact);
    assert.ok(libraries.length > 0);
    for (const library of libraries) {
      assert.match((await readArtifact(library)).bytecode, /^0x[0-9a-f]/);
    }
  });

  it("lie in the same place below Hardhat's folder and below dist", () => {
    const expected = "contracts/attestation/TdxAttestation.sol/TdxAttestation.json";
    assert.equal(artifactPath(ATTESTATION), expected);
    assert.equal(artifactPath(`project/${ATTESTATION}`), expected);
  });

  it("are deployed after their libraries, each once, with every address in its place", async () => {
    const deployed = new Map<string, string>();
    await deployAttestation("0x00", `0x${"aa".repeat(20)}`, async (name, data) => {
      assert.ok(!deployed.has(name), `${name} twice`);
      // Places that were not filled are not hex.
      assert.match(data, /^0x[0-9a-f]+$/);
      deployed.set(name, data);
      return `0x${String(deployed.size).padStart(40, "0")}`;
    });
    const names = [...deployed.keys()];
    assert.equal(names.at(-1), "TdxAttestation");
    const last = deployed.get("TdxAttestation") ?? "";
    for (let index = 1; index < names.length; index++) {
      assert.ok(last.includes(String(index).padStart(40, "0")), names[index - 1]);
    }
  });

  it("that are not there are named", async () => {
    await assert.rejects(
      readArtifact("project/contracts/Nothing.sol:Nothing"),
      (error) => error instanceof ContractsError && error.code === "CONTRACTS_NOT_COMPILED",
    );
  });
});
