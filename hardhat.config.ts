import { createRequire } from "node:module";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatViem from "@nomicfoundation/hardhat-viem";
import { defineConfig } from "hardhat/config";
import { testTasks } from "./test/support/hardhat-tasks.ts";

const require = createRequire(import.meta.url);

export default defineConfig({
  plugins: [hardhatMocha, hardhatViem],
  tasks: testTasks,
  paths: {
    sources: { solidity: ["contracts", "test/contracts/harness"] },
    tests: { mocha: "test", solidity: "test" },
  },
  solidity: {
    version: "0.8.37",
    // The compiler of the npm package: nothing is downloaded.
    path: require.resolve("solc/soljson.js"),
    settings: {
      evmVersion: "prague",
      optimizer: { enabled: true, runs: 200 },
    },
  },
  networks: {
    default: {
      type: "edr-simulated",
      allowUnlimitedContractSize: true,
      chainType: "l1",
      hardfork: "osaka",
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
