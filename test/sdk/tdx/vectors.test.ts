import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  createCollateral,
  intelSgxRootCa,
  PckChainCache,
  parseQuote,
  type TdxErrorCode,
  tdxErrors,
  type VerifiedQuote,
  verify,
} from "../../../sdk/tdx/index.ts";
import {
  type CollateralCase,
  caseNamed,
  collateralCases,
  collateralOf,
  quoteAsFoundOf,
  quoteOf,
  readVector,
  tdxManifest,
} from "../../support/vectors.ts";
import { backends } from "./support/backends.ts";
import { refusedWith } from "./support/refusal.ts";

const root = intelSgxRootCa();
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Which of the codes with one QVL answer each refused case gets. */
const REFUSALS: Readonly<Record<string, TdxErrorCode>> = {
  "v4-50806f000000-3507b5f7/collateral-20230628-eval15": "TCB_LEVEL_NOT_SUPPORTED",
  "v4-b0c06f000000-e1f54b3d/collateral-20250323-eval17": "TCB_LEVEL_NOT_SUPPORTED",
  "v4-b0c06f000000-e1f54b3d/collateral-20260828-eval20": "TCB_LEVEL_NOT_SUPPORTED",
  "v4-90c06f000000-f8f82dc7/collateral-20250227-eval17": "TCB_LEVEL_NOT_SUPPORTED",
  "v4-b0c06f000000-149ed840/collateral-20250323-eval17": "TCB_LEVEL_NOT_SUPPORTED",
  "v4-b0c06f000000-149ed840/collateral-20260828-eval20": "TCB_LEVEL_NOT_SUPPORTED",
  "v5-90c06f000000-4c453ea4/collateral-20260202-eval18": "TCB_LEVEL_NOT_SUPPORTED",
  "v5-90c06f000000-4c453ea4/collateral-20260714-eval19": "TCB_LEVEL_NOT_SUPPORTED",
  "v5-90c06f000000-586c2be0/collateral-20240527-eval17": "TCB_LEVEL_NOT_SUPPORTED",
  "v5-90c06f000000-586c2be0/collateral-20260714-eval19": "TCB_LEVEL_NOT_SUPPORTED",
};

/** What the result says, in the words of the manifest. */
function summarize(result: VerifiedQuote) {
  const level = ({ status, tcbDate, advisoryIds }: VerifiedQuote["launch"]) => ({
    status,
    tcb_date: tcbDate.replace("Z", "+00:00"),
    advisory_ids: advisoryIds,
  });
  const digits = (hex: string | undefined) => hex?.slice(2) ?? null;
  return {
    quote_version: result.quote.header.version,
    fmspc: digits(result.platform.fmspc),
    pce_id: digits(result.platform.pceId),
    cpu_svn: digits(result.platform.cpuSvn),
    pce_svn: result.platform.pceSvn,
    tee_tcb_svn: digits(result.report.teeTcbSvn),
    tee_tcb_svn2: digits(result.report.teeTcbSvn2),
    td_attributes: digits(result.report.tdAttributes),
    qe_isvsvn: result.quote.qeReport.isvSvn,
    collateral_valid_to: result.earliestExpiry,
    tcb_evaluation_data_number: {
      tcb_info: result.tcbEvaluationDataNumber.tcbInfo,
      qe_identity: result.tcbEvaluationDataNumber.qeIdentity,
    },
    expected: {
      tcb_status: result.status,
      launch: level(result.launch),
      current: level(result.current),
      advisory_ids: result.advisoryIds,
    },
  };
}

type Summary = ReturnType<typeof summarize>;

function expectedSummary(entry: CollateralCase) {
  const { tcb_status, launch, current, advisory_ids } = entry.expected;
  const names: (keyof Summary)[] = [
    "quote_version",
    "fmspc",
    "pce_id",
    "cpu_svn",
    "pce_svn",
    "tee_tcb_svn",
    "tee_tcb_svn2",
    "td_attributes",
    "qe_isvsvn",
    "collateral_valid_to",
    "tcb_evaluation_data_number",
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, entry[name]])),
    expected: { tcb_status, launch, current, advisory_ids: [...advisory_ids].sort() },
  };
}

describe("real TDX quotes with collateral", () => {
  it("has the root certificate of the manifest", () => {
    assert.equal(sha256(root), tdxManifest.root_ca.sha256);
    assert.deepEqual(root, readVector(`tdx/${tdxManifest.root_ca.file}`));
  });

  it("has the quotes of the manifest", () => {
    for (const { name, dir, quote, quote_sha256 } of tdxManifest.cases) {
      assert.equal(sha256(readVector(`tdx/${dir}/${quote}`)), quote_sha256, name);
    }
  });

  it("names a code for every case that Intel's library refuses, and for no other", () => {
    const refused = collateralCases.filter(({ expected }) => expected.tcb_status === null);
    assert.deepEqual(refused.map(({ name }) => name).sort(), Object.keys(REFUSALS).sort());
  });

  for (const crypto of backends) {
    describe(`with the ${crypto.name} backend`, () => {
      for (const entry of collateralCases) {
        const { expected } = entry;
        it(`${entry.name}: ${expected.tcb_status ?? expected.intel_status_code}`, () => {
          const check = () =>
            verify(quoteOf(entry), collateralOf(entry), {
              at: entry.verify_at,
              root,
              crypto,
              pckChainCache: new PckChainCache(),
            });
          const refusal = REFUSALS[entry.name];
          if (refusal === undefined) {
            assert.deepEqual(summarize(check()), expectedSummary(entry));
          } else {
            refusedWith(refusal, check);
            const [status] = expected.intel_status_code.split("(");
            assert.equal(tdxErrors[refusal].qvl, status);
          }
        });
      }
    });
  }

  it("gives a DEBUG TD the status of its TCB: refusing it is policy", () => {
    const debug = collateralCases.filter(({ td_debug }) => td_debug);
    assert.equal(debug.length, 1);
    for (const entry of debug) {
      const result = verify(quoteOf(entry), collateralOf(entry), { at: entry.verify_at, root });
      assert.equal(result.status, "UpToDate");
      assert.equal(Number.parseInt(result.report.tdAttributes.slice(2, 4), 16) & 1, 1);
    }
  });
});

describe("one verdict, however it is asked for", () => {
  for (const entry of collateralCases) {
    it(entry.name, () => {
      const at = entry.verify_at;
      const quote = quoteOf(entry);
      const json = collateralOf(entry);
      const outcome = (act: () => VerifiedQuote) => {
        try {
          return act();
        } catch (error) {
          return error instanceof Error ? error.message : error;
        }
      };
      const pckChainCache = new PckChainCache();
      const first = outcome(() => verify(quote, json, { at, root, pckChainCache }));
      const again = (name: string, act: () => VerifiedQuote) =>
        assert.deepEqual(outcome(act), first, name);

      assert.equal(pckChainCache.size, 1);
      again("warm cache", () => verify(quote, json, { at, root, pckChainCache }));
      again("cold cache", () =>
        verify(quote, json, { at, root, pckChainCache: new PckChainCache() }),
      );
      for (const crypto of backends) {
        const collateral = createCollateral(json, { root, crypto });
        again(`Collateral, ${crypto.name}`, () => verify(quote, collateral, { at, root, crypto }));
        again(`JSON, ${crypto.name}`, () => verify(quote, json, { at, root, crypto }));
      }
      again("parsed quote", () => verify(parseQuote(quote), json, { at, root }));
      again("Date", () => verify(quote, json, { at: new Date(at * 1000 + 999), root }));
      again("Buffer", () => verify(Buffer.from(quote), json, { at, root }));
      const pem = new TextDecoder().decode(readVector("tdx/IntelSGXRootCA.pem"));
      again("root as PEM", () => verify(quote, json, { at, root: pem }));
    });
  }

  it("does not change its input, and does not notice when the caller does", () => {
    const entry = caseNamed("v4-00806f050000-0b7c5579/collateral-20260715-eval19");
    const quote = quoteOf(entry);
    const result = verify(quote, collateralOf(entry), { at: entry.verify_at, root });
    assert.equal(sha256(quote), entry.quote_sha256);
    const { reportData } = result.report;
    const signed = sha256(result.quote.signedRegion);
    quote.fill(0);
    assert.equal(result.report.reportData, reportData);
    assert.equal(sha256(result.quote.signedRegion), signed);
  });
});

describe("bytes after the declared end", () => {
  const padded = tdxManifest.cases.filter(({ quote_as_found }) => quote_as_found !== undefined);

  it("are found on real quotes", () => assert.ok(padded.length >= 5));

  for (const entry of collateralCases.filter((candidate) => padded.includes(candidate))) {
    it(`change nothing but their count: ${entry.name}`, () => {
      const asFound = quoteAsFoundOf(entry);
      assert.ok(asFound !== undefined);
      const quote = quoteOf(entry);
      assert.deepEqual(asFound.subarray(0, quote.length), quote);
      assert.equal(parseQuote(asFound).trailingLength, asFound.length - quote.length);

      const check = (bytes: Uint8Array) =>
        verify(bytes, collateralOf(entry), { at: entry.verify_at, root });
      const refusal = REFUSALS[entry.name];
      if (refusal !== undefined) {
        refusedWith(refusal, () => check(asFound));
        return;
      }
      const { quote: found, ...verdict } = check(asFound);
      const { quote: plain, ...plainVerdict } = check(quote);
      assert.deepEqual(verdict, plainVerdict);
      assert.deepEqual({ ...found, trailingLength: 0 }, { ...plain });
    });
  }
});
