import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "../../cli/support/errors.ts";
import { replaceFile } from "../../cli/support/replace-file.ts";

describe("replacing a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "chainseal-replace-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is whole at every moment, with many writers at once", async () => {
    const path = join(folder, "contested");
    const texts = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(200_000));
    await replaceFile(path, texts[0] ?? "");
    let isDone = false;
    const writers = Promise.all(texts.map((text) => replaceFile(path, text))).then(() => {
      isDone = true;
    });
    let looks = 0;
    while (!isDone) {
      assert.ok(texts.includes(readFileSync(path, "utf8")), "a part of a text, or two mixed");
      looks++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writers;
    assert.ok(looks > 1);
    assert.deepEqual(readdirSync(folder), ["contested"]);
  });

  it("leaves nothing beside when it fails", async () => {
    const path = join(folder, "a-folder");
    mkdirSync(join(path, "with-content"), { recursive: true });
    await assert.rejects(
      replaceFile(path, "text"),
      (error) => error instanceof CliError && error.code === "FILE_UNWRITABLE",
    );
    assert.deepEqual(readdirSync(folder).sort(), ["a-folder", "contested"]);
  });
});
