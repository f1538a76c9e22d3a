import { toUtf8 } from "../bytes.ts";
import { Collateral, createCollateral, type QuoteCollateral } from "./collateral.ts";
import { defaultBackend } from "./crypto.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { TdxError } from "./errors.ts";
import type { PckPlatform } from "./pck.ts";
import { type PckChain, PckChainCache, verifyPckChain } from "./pck-chain.ts";
import { checkPeriod } from "./period.ts";
import { PCK_CHAIN_CERTIFICATION_DATA, parseQuote, type Quote } from "./quote.ts";
import { checkQeIdentity, checkTdxModule, verifyQuoteSignatures } from "./quote-checks.ts";
import { loadTrustedRoot, type TrustedRoot } from "./root.ts";
import { evaluateTcb, type TcbEvaluation } from "./tcb-evaluation.ts";
import { mergeRelaunch, type TcbStatus } from "./tcb-status.ts";
import type { TdReport } from "./td-report.ts";

export interface VerifyOptions {
  /** The time to verify at: a Date, or whole seconds since 1970. It is never read from the clock. */
  readonly at: Date | number;
  /** The root certificate to trust, DER or PEM: `intelSgxRootCa()` for real machines. */
  readonly root: Uint8Array | string;
  /** Default: node:crypto where there is one, else JavaScript. */
  readonly crypto?: CryptoBackend;
  /** Verified PCK chains. Default: one cache of 1024 chains for the whole process. */
  readonly pckChainCache?: PckChainCache;
}

/** A quote whose evidence holds. Whether that is good enough is for `validate` and a policy. */
export interface VerifiedQuote {
  /** Intel's verdict on the TCB. A DEBUG TD gets one too: refusing it is policy. */
  readonly status: TcbStatus;
  /** Date of the TCB at launch, such as 2025-05-14T00:00:00Z: all issues known by then are fixed. */
  readonly tcbDate: string;
  /** Security advisories that concern this TCB, at launch or now, sorted. */
  readonly advisoryIds: readonly string[];
  /** The TCB when the TD was started. */
  readonly launch: TcbEvaluation;
  /** The TCB now: differs from `launch` in TD 1.5 reports of a TD whose module was updated. */
  readonly current: TcbEvaluation;
  readonly report: TdReport;
  readonly platform: PckChain["platform"];
  readonly tcbEvaluationDataNumber: { readonly tcbInfo: number; readonly qeIdentity: number };
  /** When the first certificate, CRL or document that this verdict stands on expires; Unix seconds. */
  readonly earliestExpiry: number;
  readonly quote: Quote;
}

/** A quote's signatures and chain, verified without collateral. */
export interface AuthenticatedQuote {
  readonly quote: Quote;
  readonly platform: PckChain["platform"];
}

const sharedCache = new PckChainCache();

function toSeconds(at: Date | number): number {
  const seconds = at instanceof Date ? Math.floor(at.getTime() / 1000) : at;
  if (!Number.isSafeInteger(seconds) || Math.abs(seconds) > 8.64e12) {
    throw new TdxError("TIME_INVALID", {
      expected: "a Date or whole seconds since 1970",
      found: typeof at === "number" ? at : typeof at,
    });
  }
  return seconds;
}

function authenticate(
  quote: Quote,
  collateral: Collateral | undefined,
  root: TrustedRoot,
  at: number,
  cache: PckChainCache,
): PckChain {
  const { type, data } = quote.certificationData;
  const supplied = collateral?.pckCertificateChain;
  if (type !== PCK_CHAIN_CERTIFICATION_DATA && supplied === undefined) {
    throw new TdxError("PCK_CHAIN_MISSING", {
      subject: "qeCertificationData.type",
      expected: PCK_CHAIN_CERTIFICATION_DATA,
      found: type,
    });
  }
  const pem = type === PCK_CHAIN_CERTIFICATION_DATA ? data : toUtf8(supplied ?? "");
  const chain = verifyPckChain(pem, root, cache);
  for (const period of chain.periods) checkPeriod(period, at);
  verifyQuoteSignatures(quote, chain.pck.key, root.crypto);
  return chain;
}

/**
 * Verifies a quote's chain and signatures alone: that an enclave on a platform with a genuine PCK
 * certificate vouched for the key that signed it. Whether that was Intel's quoting enclave, the TDX
 * module, the TCB and revocation are not checked: this serves to learn which collateral to fetch.
 */
export function verifySignatures(
  input: Uint8Array | Quote,
  options: VerifyOptions,
): AuthenticatedQuote {
  const at = toSeconds(options.at);
  const root = loadTrustedRoot(options.root, options.crypto ?? defaultBackend);
  const quote = parseQuote(input);
  const chain = authenticate(quote, undefined, root, at, options.pckChainCache ?? sharedCache);
  return Object.freeze({ quote, platform: chain.platform });
}

function toCollateral(
  collateral: Collateral | QuoteCollateral | object | null | undefined,
  root: TrustedRoot,
): Collateral | undefined {
  if (collateral === null || collateral === undefined) return undefined;
  if (!Collateral.isGenuine(collateral)) {
    return createCollateral(collateral, { root: root.certificate.der, crypto: root.crypto });
  }
  if (collateral.root !== root && collateral.root.fingerprint !== root.fingerprint) {
    throw new TdxError("COLLATERAL_ROOT_MISMATCH", {
      expected: root.fingerprint,
      found: collateral.root.fingerprint,
    });
  }
  return collateral;
}

function checkPlatform(platform: PckPlatform, collateral: Collateral): void {
  const { tcbInfo } = collateral;
  if (platform.fmspc !== tcbInfo.fmspc) {
    throw new TdxError("TCB_INFO_FMSPC_MISMATCH", {
      expected: platform.fmspc,
      found: tcbInfo.fmspc,
    });
  }
  if (platform.pceId !== tcbInfo.pceId) {
    throw new TdxError("TCB_INFO_PCE_ID_MISMATCH", {
      expected: platform.pceId,
      found: tcbInfo.pceId,
    });
  }
}

/**
 * Verifies a TDX quote as Intel's quote verification library (QVL) does, and fails closed where
 * QVL leaves checks to its caller: both ends of every validity period, key usage, the whole QE
 * report data, and any expired part.
 *
 * It answers with Intel's status of the TCB, also for one that nobody should accept, and throws a
 * `TdxError` where there is no status to give. Pass the answer to `validate` with a policy.
 *
 * `collateral` may be the JSON, which is then parsed and verified each time, or a `Collateral`,
 * for which that was done once. Without collateral the quote is verified as far as its signatures
 * and chain, and refused with `COLLATERAL_MISSING`.
 *
 * @example
 * import { createCollateral, intelSgxRootCa, validate, verify } from "chainseal/sdk/tdx";
 *
 * const root = intelSgxRootCa();
 * const collateral = createCollateral(JSON.parse(collateralText), { root });
 * const result = verify(quoteBytes, collateral, { root, at: new Date() });
 * const { accepted, reasons } = validate(result);
 */
export function verify(
  input: Uint8Array | Quote,
  collateral: Collateral | QuoteCollateral | object | null | undefined,
  options: VerifyOptions,
): VerifiedQuote {
  const at = toSeconds(options.at);
  const root = loadTrustedRoot(options.root, options.crypto ?? defaultBackend);
  const quote = parseQuote(input);
  const known = toCollateral(collateral, root);
  known?.checkTime(at);
  const chain = authenticate(quote, known, root, at, options.pckChainCache ?? sharedCache);
  if (known === undefined) throw new TdxError("COLLATERAL_MISSING");

  known.checkRevocation(chain.pck, chain.pckCa);
  checkPlatform(chain.platform, known);
  const { tcbInfo, qeIdentity } = known;
  checkTdxModule(quote, tcbInfo);
  checkQeIdentity(quote, qeIdentity);

  const { report, teeTcbSvn, teeTcbSvn2 } = quote;
  const evaluate = (svn: Uint8Array, subject: "launch" | "current") =>
    evaluateTcb(tcbInfo, qeIdentity, chain.platform, quote.qeReport.isvSvn, svn, subject);
  const launch = evaluate(teeTcbSvn, "launch");
  const current =
    teeTcbSvn2 === undefined || report.teeTcbSvn2 === report.teeTcbSvn
      ? launch
      : evaluate(teeTcbSvn2, "current");
  return Object.freeze({
    status: mergeRelaunch(launch.status, current.status),
    tcbDate: launch.tcbDate,
    advisoryIds:
      current === launch
        ? launch.advisoryIds
        : Object.freeze([...new Set([...launch.advisoryIds, ...current.advisoryIds])].sort()),
    launch,
    current,
    report,
    platform: chain.platform,
    tcbEvaluationDataNumber: Object.freeze({
      tcbInfo: tcbInfo.tcbEvaluationDataNumber,
      qeIdentity: qeIdentity.tcbEvaluationDataNumber,
    }),
    earliestExpiry: Math.min(
      known.validUntil,
      chain.pck.certificate.notAfter,
      chain.pckCa.certificate.notAfter,
    ),
    quote,
  });
}
