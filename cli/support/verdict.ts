import {
  type AuthenticatedQuote,
  type Policy,
  parseQuote,
  type Refusal,
  type TcbEvaluation,
  type TdReport,
  TdxError,
  tdxErrors,
  type VerifiedQuote,
  validate,
  verify,
} from "../../sdk/tdx/index.ts";

export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly expected?: string | number;
  readonly found?: string | number;
  readonly subject?: string;
  readonly remedy?: string;
}

/** The answer of `quote verify`, and the shape of its `--json`. */
export interface Verdict {
  /** Whether the evidence holds: signatures, chains, collateral. */
  readonly verified: boolean;
  readonly status: VerifiedQuote["status"] | null;
  readonly tcbDate: string | null;
  readonly advisoryIds: readonly string[];
  /** Whether the policy takes it. */
  readonly accepted: boolean;
  readonly reasons: readonly Reason[];
  readonly report: TdReport | null;
  readonly launch: TcbEvaluation | null;
  readonly current: TcbEvaluation | null;
  readonly platform: AuthenticatedQuote["platform"] | null;
  readonly tcbEvaluationDataNumber: VerifiedQuote["tcbEvaluationDataNumber"] | null;
  /** Unix seconds: until when this verdict can stand. */
  readonly earliestExpiry: number | null;
  readonly at: number;
  readonly quoteVersion: number | null;
  /** Bytes after the quote's end, which were ignored. */
  readonly trailingLength: number;
}

export interface VerdictOptions {
  readonly at: number;
  readonly root: Uint8Array;
  readonly policy: Policy;
}

function explain(error: TdxError): Reason {
  return { ...error.toJSON(), remedy: tdxErrors[error.code].remedy };
}

function explainRefusal({ code, message, expected, found, subject }: Refusal): Reason {
  return { code, message, expected, found, subject };
}

/** Verifies and validates, and turns a refusal into an answer. Other errors are thrown on. */
export function judge(
  bytes: Uint8Array,
  collateral: object | null,
  { at, root, policy }: VerdictOptions,
): Verdict {
  let parsed: ReturnType<typeof parseQuote> | undefined;
  try {
    parsed = parseQuote(bytes);
    const result = verify(parsed, collateral, { at, root });
    const { accepted, reasons } = validate(result, policy);
    return {
      verified: true,
      status: result.status,
      tcbDate: result.tcbDate,
      advisoryIds: result.advisoryIds,
      accepted,
      reasons: reasons.map(explainRefusal),
      report: result.report,
      launch: result.launch,
      current: result.current,
      platform: result.platform,
      tcbEvaluationDataNumber: result.tcbEvaluationDataNumber,
      earliestExpiry: result.earliestExpiry,
      at,
      quoteVersion: parsed.header.version,
      trailingLength: parsed.trailingLength,
    };
  } catch (error) {
    if (!(error instanceof TdxError) || isInputError(error)) throw error;
    return {
      verified: false,
      status: null,
      tcbDate: null,
      advisoryIds: [],
      accepted: false,
      reasons: [explain(error)],
      report: parsed?.report ?? null,
      launch: null,
      current: null,
      platform: null,
      tcbEvaluationDataNumber: null,
      earliestExpiry: null,
      at,
      quoteVersion: parsed?.header.version ?? null,
      trailingLength: parsed?.trailingLength ?? 0,
    };
  }
}

/** Errors that say something of the caller's files rather than of the evidence. */
function isInputError(error: TdxError): boolean {
  const codes: readonly string[] = [
    "COLLATERAL_MALFORMED",
    "POLICY_MALFORMED",
    "ROOT_MALFORMED",
    "TIME_INVALID",
  ];
  return codes.includes(error.code);
}
