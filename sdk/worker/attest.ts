import { ChainsealError } from "../errors.ts";
import { decodeAttestationError } from "../tdx/onchain/decode-error.ts";
import { verifyQuote } from "../tdx/onchain/verify-quote.ts";
import { confirmRegistration } from "./confirm.ts";
import { WorkerError } from "./errors.ts";
import type { Registration } from "./events.ts";
import { type Context, prepareRegistration } from "./prepare.ts";
import { decodeRefusal, mayPass } from "./refusals.ts";
import { readChainTime, readMaxAge } from "./registry-state.ts";
import { toRegistration } from "./renewal.ts";
import type { PreparedRegistration } from "./submit/submitter.ts";
import { abortable, retryDelay } from "./timing.ts";

export interface AttestOptions {
  /** A registration that another has to outlast; else it is not worth its gas. */
  readonly outlast?: Registration | undefined;
}

/** Errors: `RENEWAL_NOT_LONGER`. */
async function expectLonger(
  { settings, deployment }: Context,
  { evidence, pckCertificate }: PreparedRegistration,
  present: Registration,
): Promise<void> {
  // With a certificate that the chain does not know yet, nothing can be asked; then it is new anyway.
  if (pckCertificate !== "0x") return;
  const { client, registry, programId, identity } = { ...settings, identity: "0x" as const };
  const [{ earliestExpiry, supersededAt }, maxAge, now] = await Promise.all([
    verifyQuote(client, { address: deployment.attestation, evidence }),
    readMaxAge(client, { registry, programId, identity }),
    readChainTime(client),
  ]);
  const end = Math.min(earliestExpiry, supersededAt ?? earliestExpiry, now + maxAge);
  if (end > present.validUntil) return;
  throw new WorkerError("RENEWAL_NOT_LONGER", {
    expected: `a validity beyond ${present.validUntil}`,
    found: end,
  });
}

async function attestOnce(context: Context, { outlast }: AttestOptions): Promise<Registration> {
  const { settings, identity, emit, signal } = context;
  const { client, registry, programId, submit } = settings;
  const registration = await prepareRegistration(context);
  if (outlast !== undefined) {
    await abortable(expectLonger(context, registration, outlast), signal);
  }
  const submitted = await submit.submit(registration, signal);
  emit({ name: "submitted", submitter: submit.name, reference: submitted.reference });
  const record = await confirmRegistration(context, registration.request.challengeBlock, submitted);
  const name = { registry, programId, identity: identity.address };
  return toRegistration(record, await abortable(readMaxAge(client, name), signal));
}

/** What was thrown, as an error of Chainseal; `undefined` for what nobody expected. */
export function toKnownError(error: unknown): ChainsealError | undefined {
  if (error instanceof ChainsealError) return decodeRefusal(error);
  try {
    return decodeRefusal(decodeAttestationError(error));
  } catch {
    return undefined;
  }
}

/**
 * Registers once, trying again what may pass, with another challenge and another quote each time.
 *
 * Errors: those of the last try; the signal's reason.
 */
export async function attest(context: Context, options: AttestOptions = {}): Promise<Registration> {
  const { settings, emit, signal } = context;
  const { retry, timing } = settings;
  for (let failures = 1; ; failures++) {
    try {
      return await attestOnce(context, options);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toKnownError(thrown);
      if (error === undefined) throw thrown;
      // Newer collateral takes hours, not seconds.
      const isLate = error instanceof WorkerError && error.code === "RENEWAL_NOT_LONGER";
      if (!mayPass(error) || isLate || failures >= retry.attempts) throw error;
      const delay = retryDelay(failures, retry, timing.random);
      emit({ name: "retrying", failures, delay, error });
      await timing.sleep(delay, signal);
    }
  }
}
