import assert from "node:assert/strict";
import peer from "@phala/dcap-qvl";
import { TdxError, verify } from "../../../sdk/tdx/index.ts";
import {
  type CollateralCase,
  caseNamed,
  collateralCases,
  collateralOf,
  quoteCases,
  quoteOf,
} from "../../support/vectors.ts";
import { withBitFlipped } from "./support/quote-layout.ts";
import { refusalOf, refusedWith } from "./support/refusal.ts";
import { root, v4 } from "./support/specimen.ts";

/** A status with its advisories, or no status at all. */
interface Answer {
  readonly status: string;
  readonly advisoryIds?: readonly string[];
  /** Why there is no status. */
  readonly reason?: string;
}

const REFUSED = "refused";

function refusal(error: unknown): Answer {
  return { status: REFUSED, reason: error instanceof Error ? error.message : String(error) };
}

function ours(entry: CollateralCase): Answer {
  try {
    const options = { at: entry.verify_at, root };
    const { status, advisoryIds } = verify(quoteOf(entry), collateralOf(entry), options);
    return { status, advisoryIds };
  } catch (error) {
    if (error instanceof TdxError) return refusal(error);
    throw error;
  }
}

function theirs(entry: CollateralCase): Answer {
  try {
    const result = peer.verify(Buffer.from(quoteOf(entry)), collateralOf(entry), entry.verify_at);
    return { status: result.status, advisoryIds: [...result.advisory_ids].sort() };
  } catch (error) {
    return refusal(error);
  }
}

function withoutReason({ reason: _, ...answer }: Answer): Answer {
  return answer;
}

interface Explanation {
  readonly why: string;
  /** What the peer says when it refuses, or the status it gives. */
  readonly peer: string;
  /** The cases that it explains, and no others. */
  readonly cases: readonly string[];
}

/** Every difference between @phala/dcap-qvl 0.3.9 and us, where Intel's library agrees with us. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    why: "it compares TDX components 0 and 1, which the module's own identity judges from module version 1 on, and so misses the level that Intel matches",
    peer: "No matching TCB level found",
    cases: [
      "v4-00806f050000-7ea0d11c/collateral-20240527-eval17",
      "v4-00806f050000-7ea0d11c/collateral-20240701-eval16",
      "v4-00806f050000-7ea0d11c/collateral-20260211-eval18",
    ],
  },
  {
    why: "it does not look at the TDX module identity, and so misses that the module is out of date",
    peer: "UpToDate",
    cases: ["v4-b0c06f000000-063c31a7/collateral-20251203-eval18"],
  },
  {
    why: "it does not look at the TDX module identity, and so misses the module's advisories",
    peer: "OutOfDate",
    cases: ["v4-b0c06f000000-063c31a7/collateral-20260828-eval20"],
  },
  {
    why: "it refuses a TD with a service TD; to us, as to Intel, that is policy",
    peer: "Invalid mr service td",
    cases: [
      "v5-90c06f000000-d0010db6/collateral-20250624-eval17",
      "v5-90c06f000000-d0010db6/collateral-20260127-eval18",
    ],
  },
  {
    why: "it refuses a DEBUG TD; to us, as to Intel, that is policy",
    peer: "Debug mode is enabled",
    cases: ["v4-50806f000000-12b401a8/collateral-20230628-eval15"],
  },
  {
    why: "it refuses a TD without SEPT_VE_DISABLE; to us, as to Intel, that is policy",
    peer: "SEPT_VE_DISABLE is not enabled",
    cases: [
      "v4-00806f050000-94d26a4a/collateral-20240701-eval16",
      "v4-00806f050000-94d26a4a/collateral-20260211-eval18",
      "v4-00806f050000-f51db4d1/collateral-20240528-eval17",
      "v4-00806f050000-f51db4d1/collateral-20260211-eval18",
    ],
  },
];

describe("verdicts beside @phala/dcap-qvl", () => {
  const explained = new Map(
    EXPLANATIONS.flatMap((explanation) => explanation.cases.map((name) => [name, explanation])),
  );

  it("explains each difference once, for a case that exists", () => {
    assert.equal(explained.size, EXPLANATIONS.flatMap(({ cases }) => cases).length);
    for (const name of explained.keys()) caseNamed(name);
  });

  it("explains what the manifest calls a difference, and nothing else", () => {
    const differing = collateralCases.filter((entry) => entry.differs_from_dcap_qvl_js);
    assert.deepEqual(differing.map(({ name }) => name).sort(), [...explained.keys()].sort());
  });

  for (const entry of collateralCases) {
    const explanation = explained.get(entry.name);
    it(`${entry.name}: ${explanation?.why ?? "the same"}`, () => {
      const peerAnswer = theirs(entry);
      const own = ours(entry);
      const observed = entry.observed_dcap_qvl_js;
      assert.equal(peerAnswer.status, observed.status ?? REFUSED, "as it was observed before");
      if (explanation === undefined) {
        assert.deepEqual(withoutReason(peerAnswer), withoutReason(own));
      } else {
        assert.notDeepEqual(withoutReason(peerAnswer), withoutReason(own));
        assert.equal(peerAnswer.reason ?? peerAnswer.status, explanation.peer);
        assert.equal(own.status, entry.expected.tcb_status ?? REFUSED, "ours is Intel's");
      }
    });
  }
});

describe("revocation lists that @phala/dcap-qvl accepts and we refuse", () => {
  const { json, quote, entry } = v4;
  const flipped = (hex: string) => {
    const bytes = new Uint8Array(Buffer.from(hex, "hex"));
    return Buffer.from(withBitFlipped(bytes, bytes.length - 1, 0)).toString("hex");
  };
  const past = collateralOf(caseNamed("v4-00806f050000-0b7c5579/collateral-20260211-eval18"));
  const lists = [
    ["empty", { root_ca_crl: "", pck_crl: "" }, "CRL_MALFORMED"],
    ["garbage", { root_ca_crl: "deadbeef", pck_crl: "deadbeef" }, "CRL_MALFORMED"],
    ["with a forged signature", { pck_crl: flipped(json.pck_crl) }, "CRL_SIGNATURE_INVALID"],
    ["root CRL forged", { root_ca_crl: flipped(json.root_ca_crl) }, "CRL_SIGNATURE_INVALID"],
    ["expired", { pck_crl: past.pck_crl, root_ca_crl: past.root_ca_crl }, "CRL_EXPIRED"],
    ["exchanged", { pck_crl: json.root_ca_crl, root_ca_crl: json.pck_crl }, "CRL_ISSUER_MISMATCH"],
    [
      "PCK CRL replaced by the root's, which revokes nobody",
      { pck_crl: json.root_ca_crl },
      "CRL_ISSUER_MISMATCH",
    ],
  ] as const;
  for (const [name, changed, code] of lists) {
    it(name, () => {
      const collateral = { ...json, ...changed };
      const accepted = peer.verify(Buffer.from(quote), collateral, entry.verify_at);
      assert.equal(accepted.status, "UpToDate");
      refusedWith(code, () => v4.check(quote, collateral));
    });
  }
});

describe("quotes without collateral of their own beside @phala/dcap-qvl", () => {
  const { json, entry } = v4;
  for (const kind of ["quote-only", "test-root", "sgx"] as const) {
    for (const candidate of quoteCases(kind)) {
      it(`${candidate.name}: with another machine's, both refuse`, () => {
        const quote = quoteOf(candidate);
        assert.throws(() => peer.verify(Buffer.from(quote), json, entry.verify_at));
        refusalOf(() => verify(quote, json, { at: entry.verify_at, root }));
      });
    }
  }
});
