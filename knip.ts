import type { KnipConfig } from "knip";
import manifest from "./package.json" with { type: "json" };

/** The sources that package.json exports, found from the built files it names. */
const published = Object.values(manifest.exports)
  .map((target) => (typeof target === "string" ? target : target.default))
  .filter((file) => file.endsWith(".js"))
  .map((file) => file.replace(/^(\.\/)?dist\//, "").replace(/\.js$/, ".ts"));

export default {
  entry: [...published, "test/**/*.test.ts", "bench/*.ts", "docs/*.ts", "examples/**/*.ts"],
  project: ["{sdk,cli,relayer,test,bench,docs,examples}/**/*.ts"],
  // The one is imported by Solidity sources only, the other is run as a program.
  ignoreDependencies: ["@openzeppelin/contracts", "@foundry-rs/anvil"],
} satisfies KnipConfig;
