import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { generate } from "../../docs/generate.ts";
import { runCli } from "../cli/support/run-cli.ts";

describe("the documents made from the code", () => {
  it("are as `npm run docs` writes them", async () => {
    assert.deepEqual(await generate(true), []);
  });
});

describe("README", () => {
  it("shows what the demo prints", async () => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const { stdout } = await runCli(["demo"]);
    assert.ok(readme.includes(`\`\`\`\n${stdout}\`\`\``), "README's output of the demo is another");
  });
});
