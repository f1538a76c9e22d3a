import {
  type Appraisal,
  type AuthenticReport,
  appraise,
  authenticate,
  type Comparison,
  type GpuCollateral,
  GpuError,
  type GpuEvidence,
  gpuErrors,
  type NrasOpinion,
  type Policy,
  type Refusal,
  type Roots,
  validate,
  verify,
  verifyNras,
} from "../../../sdk/gpu/index.ts";

interface Reason {
  readonly code: string;
  readonly message: string;
  readonly expected?: string | number;
  readonly found?: string | number;
  readonly subject?: string;
  readonly remedy?: string;
}

interface DeviceVerdict {
  /** Whether a genuine device signed the report for the nonce. */
  readonly authentic: boolean;
  readonly architecture: string | null;
  readonly deviceId: string | null;
  readonly serial: string | null;
  readonly model: string | null;
  readonly driverVersion: string | null;
  readonly vbiosVersion: string | null;
  readonly rims: readonly { readonly id: string; readonly sha256: string }[];
  readonly measurements: Comparison | null;
  readonly reason: Reason | null;
}

/** The answer of `gpu verify`, and the shape of its `--json`. */
export interface GpuVerdict {
  /** Whether every report is genuine and made for the nonce, whatever becomes of the rest. */
  readonly authentic: boolean;
  /** Whether the evidence holds: measurements, revocation and topology too. */
  readonly verified: boolean;
  /** Whether the policy takes it. */
  readonly accepted: boolean;
  readonly reasons: readonly Reason[];
  readonly devices: readonly DeviceVerdict[];
  readonly gpuCount: number | null;
  readonly switchCount: number | null;
  readonly mode: string | null;
  readonly nonce: string;
  /** Unix seconds: until when this verdict can stand. */
  readonly earliestExpiry: number | null;
  readonly at: number;
  /** The opinion of NRAS, where it was asked for; a refusal of its tokens is among the reasons. */
  readonly nras: Pick<NrasOpinion, "isPositive" | "expiresAt" | "tokenSha256"> | null;
}

export interface GpuVerdictOptions {
  readonly at: number;
  readonly nonce: string;
  readonly roots: Roots;
  readonly policy: Policy;
}

function explainGpuError(error: GpuError): Reason {
  return { ...error.toJSON(), remedy: gpuErrors[error.code].remedy };
}

function explainRefusal({ code, message, expected, found, subject }: Refusal): Reason {
  return { code, message, expected, found, subject };
}

/** Errors that say something of the caller's words rather than of the evidence. */
function isInputError(error: GpuError): boolean {
  const codes: readonly string[] = [
    "NONCE_INVALID",
    "POLICY_MALFORMED",
    "ROOT_MALFORMED",
    "TIME_INVALID",
  ];
  return codes.includes(error.code);
}

interface Attempt<Result> {
  readonly result?: Result;
  readonly reason?: Reason;
}

/** Runs `act`, and turns a refusal of the evidence into an answer. Other errors are thrown on. */
function attempt<Result>(act: () => Result): Attempt<Result> {
  try {
    return { result: act() };
  } catch (error) {
    if (!(error instanceof GpuError) || isInputError(error)) throw error;
    return { reason: explainGpuError(error) };
  }
}

function describe(
  { result: authentic, reason }: Attempt<AuthenticReport>,
  appraised: Attempt<Appraisal> | undefined,
): DeviceVerdict {
  const opaque = authentic?.report.opaque;
  const { rims = [], measurements = null } = appraised?.result ?? {};
  return {
    authentic: authentic !== undefined,
    architecture: authentic?.architecture ?? null,
    deviceId: authentic?.identity.deviceId ?? null,
    serial: authentic?.identity.serial ?? null,
    model: authentic?.identity.model ?? null,
    driverVersion: opaque?.driverVersion ?? null,
    vbiosVersion: opaque?.vbiosVersion ?? null,
    rims: rims.map(({ id, rim }) => ({ id, sha256: rim.sha256 })),
    measurements,
    reason: reason ?? appraised?.reason ?? null,
  };
}

/** Authenticates every device by itself, so that a refusal of the whole says whose fault it is. */
export function authenticateAll(
  evidence: readonly GpuEvidence[],
  { at, nonce, roots }: Pick<GpuVerdictOptions, "at" | "nonce" | "roots">,
): readonly Attempt<AuthenticReport>[] {
  return evidence.map((one) => attempt(() => authenticate(one, { at, nonce, root: roots.device })));
}

/** Verifies and validates, and turns a refusal into an answer. */
export function judgeGpus(
  evidence: readonly GpuEvidence[],
  collateral: GpuCollateral,
  options: GpuVerdictOptions,
): GpuVerdict {
  const { at, nonce, roots, policy } = options;
  const each = authenticateAll(evidence, options);
  const { result, reason } = attempt(() => verify(evidence, collateral, { at, nonce, roots }));
  // Whatever the whole ends in, it is worth knowing what a device measured.
  const appraised = each.map(
    (one) =>
      one.result &&
      attempt(() =>
        appraise(one.result as AuthenticReport, collateral.rims, { at, root: roots.rim }),
      ),
  );
  const validation = result && validate(result, policy);
  return {
    authentic: each.every((one) => one.result !== undefined),
    verified: result !== undefined,
    accepted: validation?.accepted ?? false,
    reasons: reason === undefined ? (validation?.reasons ?? []).map(explainRefusal) : [reason],
    devices: each.map((one, index) => describe(one, appraised[index])),
    gpuCount: result?.gpuCount ?? null,
    switchCount: result?.switchCount ?? null,
    mode: result?.mode ?? null,
    nonce,
    earliestExpiry: result?.earliestExpiry ?? null,
    at,
    nras: null,
  };
}

/** A verdict that NRAS must share: its tokens must hold, and take every device. */
export function withOpinion(verdict: GpuVerdict, answer: string, jwks: string): GpuVerdict {
  const { at, nonce } = verdict;
  const { result, reason } = attempt(() => verifyNras(answer, { at, nonce, jwks }));
  const refusal: Reason | undefined =
    reason ??
    (result?.isPositive
      ? undefined
      : { code: "NRAS_NEGATIVE", message: "NVIDIA's service does not take this evidence." });
  const reasons = [...verdict.reasons, ...(refusal === undefined ? [] : [refusal])];
  const accepted = verdict.accepted && refusal === undefined;
  if (result === undefined) return { ...verdict, accepted, reasons };
  const { isPositive, expiresAt, tokenSha256 } = result;
  const earliestExpiry =
    verdict.earliestExpiry === null ? null : Math.min(verdict.earliestExpiry, expiresAt);
  const nras = { isPositive, expiresAt, tokenSha256 };
  return { ...verdict, accepted, reasons, earliestExpiry, nras };
}
