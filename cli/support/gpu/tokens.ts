import { isDeepStrictEqual } from "node:util";
import { type NrasAnswer, parseNrasAnswer, verifyNras } from "../../../sdk/gpu/index.ts";
import type { JsonObject } from "../../../sdk/json.ts";
import type { ManifestTimes } from "./facts.ts";
import { type Outcome, outcomeOf } from "./facts.ts";
import type { FolderFile, GpuFolder } from "./folder.ts";

/** What a service or a verifier said in tokens. */
export interface TokenFacts {
  readonly name: string;
  readonly answer: Outcome<NrasAnswer>;
  /** What verifying the signatures with a key set of the folder gives; without one, what it lacks. */
  readonly signature: string;
  /** Output of NVIDIA's local verifier, around its unsigned tokens. */
  readonly local: JsonObject | undefined;
}

function isBundle(json: unknown): boolean {
  const [first]: readonly unknown[] = Array.isArray(json) ? json : [];
  return Array.isArray(first) && first[0] === "JWT";
}

function objectOf(json: unknown): JsonObject | undefined {
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? (json as JsonObject)
    : undefined;
}

/** The code that signatures end in. Without a key set only an unknown key can be found. */
function verifySignatures(text: string, answer: NrasAnswer, jwks: string, at: number): string {
  const { claims } = answer.overall;
  const nonce = typeof claims.eat_nonce === "string" ? claims.eat_nonce : "";
  const issuer = typeof claims.iss === "string" ? claims.iss : "";
  const { code } = outcomeOf(() => verifyNras(text, { at, nonce, issuer, jwks }));
  return code ?? "verified";
}

function tokenFacts(file: FolderFile, jwks: string, times: ManifestTimes): TokenFacts[] {
  if (file.kind !== "json") return [];
  const object = objectOf(file.json);
  const local = isBundle(object?.detached_eat) ? object : undefined;
  if (local === undefined && !isBundle(file.json)) return [];
  const text = local === undefined ? file.text : JSON.stringify(local.detached_eat);
  const answer = outcomeOf(() => parseNrasAnswer(text));
  const issued = answer.result?.overall.claims.iat;
  const at = times.at ?? (typeof issued === "number" ? issued : times.now);
  const signature =
    answer.result === undefined ? answer.code : verifySignatures(text, answer.result, jwks, at);
  return [{ name: file.name, answer, signature, local }];
}

export function gatherTokens({ files }: GpuFolder, times: ManifestTimes): readonly TokenFacts[] {
  const keySet = files.find(
    (file) => file.kind === "json" && Array.isArray(objectOf(file.json)?.keys),
  );
  const jwks = keySet?.kind === "json" ? keySet.text : '{"keys":[]}';
  return files.flatMap((file) => tokenFacts(file, jwks, times));
}

export function overallResult({ answer }: TokenFacts): unknown {
  return answer.result?.overall.claims["x-nvidia-overall-att-result"];
}

/** Whether a file with claims in the clear says what the tokens of a bundle say. */
export function sameClaims(json: unknown, tokens: readonly TokenFacts[]): boolean | undefined {
  const clear = objectOf(json);
  if (clear === undefined) return undefined;
  for (const { answer } of tokens) {
    const submodules = answer.result?.submodules ?? [];
    const names = submodules.map(({ name }) => name).sort();
    if (!isDeepStrictEqual(Object.keys(clear).sort(), names)) continue;
    return submodules.every(({ name, token }) =>
      isDeepStrictEqual(plain(clear[name]), plain(token.claims)),
    );
  }
  return undefined;
}

/** Without the null prototypes of strict JSON, which would make equals differ. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
