import { createRequire } from "node:module";
import hardhatIgnitionViem from "@nomicfoundation/hardhat-ignition-viem";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { configVariable, defineConfig } from "hardhat/config";
import { testTasks } from "./test/support/hardhat-tasks.ts";

const require = createRequire(import.meta.url);

function compiler(settings: { readonly viaIR?: boolean } = {}) {
  return {
    version: "0.8.37",
    // The compiler of the npm package: nothing is downloaded.
    path: require.resolve("solc/soljson.js"),
    // Any chain with Prague's precompiles can carry the contracts: no later opcode.
    settings: { evmVersion: "prague", optimizer: { enabled: true, runs: 200 }, ...settings },
  };
}

export default defineConfig({
  plugins: [hardhatIgnitionViem, hardhatMocha, hardhatViem],
  tasks: testTasks,
  paths: {
    sources: { solidity: ["contracts", "test/contracts/harness"] },
    tests: { mocha: "test", solidity: "test" },
  },
  solidity: {
    compilers: [compiler()],
    // Deployed as it is: roles and their delays.
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    // Large contracts, which the slower compiler makes fit, and cheaper.
    overrides: {
      "contracts/attestation/TdxAttestation.sol": compiler({ viaIR: true }),
      "contracts/registry/WorkerRegistry.sol": compiler({ viaIR: true }),
    },
  },
  networks: {
    default: {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "osaka",
    },
    // Any chain, for `npm run deploy`.
    deployment: {
      type: "http",
      url: configVariable("RPC_URL"),
      accounts: [configVariable("DEPLOYER_PRIVATE_KEY")],
    },
  },
  test: {
    mocha: { timeout: 60_000 },
    solidity: {
      fsPermissions: { readDirectory: ["test/contracts/fixtures"] },
      fuzz: { runs: 256 },
      invariant: { runs: 256, depth: 128, failOnRevert: true },
    },
  },
});
