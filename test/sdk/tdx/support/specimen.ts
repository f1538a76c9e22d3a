import {
  createCollateral,
  intelSgxRootCa,
  PckChainCache,
  type QuoteCollateral,
  type TdxErrorCode,
  type VerifiedQuote,
  verify,
} from "../../../../sdk/tdx/index.ts";
import { type CollateralCase, caseNamed, collateralOf, quoteOf } from "../../../support/vectors.ts";
import { fastBackend } from "./backends.ts";
import { layoutOf, type QuoteLayout } from "./quote-layout.ts";
import { refusedWith } from "./refusal.ts";

/** A real quote that is accepted, with what it takes to change it and try again. */
export interface Specimen {
  readonly entry: CollateralCase;
  readonly quote: Uint8Array;
  readonly layout: QuoteLayout;
  readonly json: QuoteCollateral;
  /** Verifies at the time of the case; unless told otherwise, with its collateral. */
  check(quote: Uint8Array, collateral?: object): VerifiedQuote;
}

/** A change that must be refused, and the code it must be refused with. */
export type Mutation = readonly [name: string, quote: Uint8Array, code: TdxErrorCode];

export const root = intelSgxRootCa();

function specimen(name: string): Specimen {
  const entry = caseNamed(name);
  const quote = quoteOf(entry);
  const json = collateralOf(entry);
  const own = createCollateral(json, { root, crypto: fastBackend });
  const pckChainCache = new PckChainCache();
  return {
    entry,
    quote,
    layout: layoutOf(quote),
    json,
    check: (bytes, collateral = own) =>
      verify(bytes, collateral, { at: entry.verify_at, root, crypto: fastBackend, pckChainCache }),
  };
}

export const v4 = specimen("v4-00806f050000-0b7c5579/collateral-20260715-eval19");

/** Of the same platform type and the same CRLs as `v4`, from another machine. */
export const otherV4 = specimen("v4-00806f050000-85ef3b3f/collateral-20260715-eval19");

export const v5 = specimen("v5-90c06f000000-d0010db6/collateral-20250624-eval17");

/** One test for each mutation. */
export function itRefuses(of: Specimen, mutations: readonly Mutation[]): void {
  for (const [name, quote, code] of mutations) {
    it(`${name}: ${code}`, () => {
      refusedWith(code, () => of.check(quote));
    });
  }
}
