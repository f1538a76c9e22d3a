import assert from "node:assert/strict";
import fc from "fast-check";
import { issueCertificate, issueCrl } from "../../../../sdk/tdx/simulator/index.ts";
import { mutated } from "../../../sdk/tdx/support/fuzz.ts";
import { seedFrom } from "../../../sdk/tdx/support/random.ts";
import { simulator } from "../../../sdk/tdx/support/simulated.ts";
import {
  type Case,
  withCollateral,
  withPck,
  withPckCa,
  withPckCrl,
  withQuote,
  withRootCrl,
  withTcbSigner,
} from "../../support/cases.ts";
import type { AttestationChain } from "../../support/chain.ts";
import { bothOf, simulatedChain } from "../../support/simulated-chain.ts";
import { laxerOnChain, stricterOnChain } from "./stricter.ts";

/** Set CHAIN_FUZZ_SEED to repeat a run, CHAIN_FUZZ_RUNS to try more or fewer. */
const seed = seedFrom("CHAIN_FUZZ_SEED");
const numRuns = Number(process.env.CHAIN_FUZZ_RUNS || 120);
console.log(`CHAIN_FUZZ_SEED=${seed} CHAIN_FUZZ_RUNS=${numRuns}`);

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Somewhere in a document, by a path of numbers that is taken modulo what there is. */
function change(
  value: Json,
  path: readonly number[],
  edit: (value: Json, name: number) => Json,
): Json {
  const [head = 0, ...rest] = path;
  if (typeof value !== "object" || value === null || path.length === 0) return edit(value, head);
  if (Array.isArray(value)) {
    if (value.length === 0) return edit(value, head);
    const at = head % value.length;
    return value.map((item, index) => (index === at ? change(item, rest, edit) : item));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return edit(value, head);
  const at = head % entries.length;
  return Object.fromEntries(
    entries.map(([name, item], index) => [name, index === at ? change(item, rest, edit) : item]),
  );
}

const replacement = fc.constantFrom<Json>(
  ...[0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -1, 1.5],
  ...["", "UpToDate", "OutOfDate", "Revoked", "SWHardeningNeeded", "TDX_01", "TDX_03", "tdx_01"],
  ...["2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2026-05-28T00:00:00Z", "00", "FF"],
  ...[null, true, [], {}],
);

const editOfJson = fc
  .record({
    kind: fc.constantFrom("replace", "reverse", "drop", "double", "add", "space", "case"),
    path: fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }),
    by: replacement,
  })
  .map(({ kind, path, by }) => (text: string): string => {
    const json: Json = JSON.parse(text);
    const turned = (value: Json): Json => {
      if (Array.isArray(value)) return value.toReversed();
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).toReversed());
    };
    const without = (value: Json, name: number): Json => {
      if (Array.isArray(value)) return value.filter((_, index) => index !== name % value.length);
      if (typeof value !== "object" || value === null) return value;
      const entries = Object.entries(value);
      return Object.fromEntries(entries.filter((_, index) => index !== name % entries.length));
    };
    switch (kind) {
      case "replace":
        return JSON.stringify(change(json, path, () => by));
      case "reverse":
        return JSON.stringify(change(turned(json), path, turned));
      case "drop":
        return JSON.stringify(change(json, path.slice(1), without));
      case "double":
        return text.replace(/"(\w+)":("[^"]*"|\d+)/g, (found, _, __, offset: number) =>
          offset % 7 === path[0] ? `${found},${found}` : found,
        );
      case "add":
        return JSON.stringify({ added: by, ...(json as object) });
      case "space":
        return JSON.stringify(json, null, (path[0] ?? 0) % 5);
      default:
        return text.replaceAll(/[0-9A-F]{16,}/g, (hex) => hex.toLowerCase());
    }
  });

const jsonEdit = fc
  .array(editOfJson, { minLength: 1, maxLength: 3 })
  .map((edits) => (text: string) => {
    let changed = text;
    for (const edit of edits) {
      try {
        changed = edit(changed);
      } catch {
        // It is no JSON any more: as far as it goes.
        return changed;
      }
    }
    return changed;
  });

/** Characters that mean something, set anywhere. */
const characterEdit = fc
  .array(fc.tuple(fc.nat(10_000), fc.constantFrom(...'"\\{}[]:,0123456789eE.-+ \n\tZTaf')), {
    minLength: 1,
    maxLength: 3,
  })
  .map(
    (edits) => (text: string) =>
      edits.reduce((changed, [place, character]) => {
        const at = place % changed.length;
        return changed.slice(0, at) + character + changed.slice(at + 1);
      }, text),
  );

const { platformCa, tcbSigner } = simulator.authorities;
const platform = simulator.platform();

/** Bytes of what is signed, changed before it is signed. */
const tbsEdit = (make: (editTbs: (tbs: Uint8Array) => Uint8Array) => Case, sample: Uint8Array) =>
  mutated([sample]).map((bytes) => make(() => bytes));

function tbsOf(issue: (editTbs: (tbs: Uint8Array) => Uint8Array) => unknown): Uint8Array {
  let seen = new Uint8Array();
  issue((tbs) => {
    seen = Uint8Array.from(tbs);
    return tbs;
  });
  return seen;
}

const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: 0 });

const properties: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  "TCB info with members changed": jsonEdit.map((tcbInfoJson) => withCollateral({ tcbInfoJson })),
  "QE identity with members changed": jsonEdit.map((qeIdentityJson) =>
    withCollateral({ qeIdentityJson }),
  ),
  "TCB info with characters changed": characterEdit.map((tcbInfoJson) =>
    withCollateral({ tcbInfoJson }),
  ),
  "QE identity with characters changed": characterEdit.map((qeIdentityJson) =>
    withCollateral({ qeIdentityJson }),
  ),
  "a PCK certificate with bytes changed": tbsEdit(
    (editTbs) => withPck(() => ({ editTbs })),
    tbsOf((editTbs) => issueCertificate({ ...platform.template, editTbs })),
  ),
  "a PCK certificate with extensions left out and in another order": shuffled(
    platform.template.extensions,
  ).map((extensions) => withPck(() => ({ extensions }))),
  "a PCK certificate with SGX fields in another order": fc
    .tuple(fc.boolean(), fc.nat(20), fc.nat(20))
    .map(([isTcb, from, to]) =>
      withQuote(
        {},
        {
          [isTcb ? "editTcbFields" : "editSgxFields"]: <T>(fields: readonly T[]) => {
            const list = [...fields];
            const [moved] = list.splice(from % list.length, 1);
            if (moved !== undefined) list.splice(to % (list.length + 1), 0, moved);
            return list;
          },
        },
      ),
    ),
  "a PCK certificate with any SVNs": fc
    .tuple(fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }), fc.nat(65_535))
    .map(([tcbComponents, pceSvn]) => withQuote({}, { tcbComponents, pceSvn })),
  "a PCK CA with bytes changed": tbsEdit(
    (editTbs) => withPckCa(() => ({ editTbs })),
    tbsOf((editTbs) => issueCertificate({ ...platformCa.template, editTbs })),
  ),
  "a TCB signer with bytes changed": tbsEdit(
    (editTbs) => withTcbSigner(() => ({ editTbs })),
    tbsOf((editTbs) => issueCertificate({ ...tcbSigner.template, editTbs })),
  ),
  "a PCK CRL with bytes changed": tbsEdit(
    (editTbs) => withPckCrl(() => ({ editTbs })),
    tbsOf((editTbs) =>
      issueCrl({ ...simulator.crlTemplate("platform", [], { size: 3 }), editTbs }),
    ),
  ),
  "a root CRL with bytes changed": tbsEdit(
    (editTbs) => withRootCrl(() => ({ editTbs })),
    tbsOf((editTbs) => issueCrl({ ...simulator.crlTemplate("root", [], { size: 2 }), editTbs })),
  ),
  "a quote with any TCB SVNs": fc
    .tuple(
      fc.uint8Array({ minLength: 16, maxLength: 16, max: 8 }),
      fc.constantFrom(4 as const, 5 as const),
      fc.constantFrom(0, 1, 3),
    )
    .map(([svns, version, module]) =>
      withQuote({
        version,
        teeTcbSvn: svns.with(1, module),
        ...(version === 5 ? { teeTcbSvn2: svns } : {}),
      }),
    ),
};

describe("TdxAttestation and verify on random changes that were signed", () => {
  let chain: AttestationChain;

  before(async () => {
    chain = await simulatedChain();
  });

  /** Whether a difference is one of those that are meant. */
  function isMeant(
    { onchain, offchain }: Awaited<ReturnType<typeof bothOf>>,
    text: string,
  ): boolean {
    if (typeof offchain !== "string") {
      return typeof onchain === "string" && stricterOnChain.some(({ matches }) => matches(text));
    }
    return /_MALFORMED$/.test(offchain) && laxerOnChain.some(({ matches }) => matches(text));
  }

  for (const [name, evidence] of Object.entries(properties)) {
    it(`agree on ${name}`, async function () {
      this.timeout(120_000);
      await fc.assert(
        fc.asyncProperty(evidence, async ({ quote, collateral }) => {
          const both = await bothOf(chain, quote, collateral);
          const { onchain, offchain } = both;
          if (typeof onchain === "string" && typeof offchain === "string") return;
          if (isMeant(both, collateral.tcb_info + collateral.qe_identity)) return;
          assert.deepEqual(onchain, offchain);
        }),
        { seed, numRuns },
      );
    });
  }
});
