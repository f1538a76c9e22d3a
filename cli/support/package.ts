import { packageFile } from "./input.ts";

/** The version in package.json, the one place where it is written. */
export async function packageVersion(): Promise<string> {
  const json: unknown = JSON.parse(new TextDecoder().decode(await packageFile("package.json")));
  const version: unknown =
    typeof json === "object" && json !== null && Reflect.get(json, "version");
  return typeof version === "string" ? version : "unknown";
}
