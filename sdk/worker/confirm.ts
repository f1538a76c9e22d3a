import { ChainsealError } from "../errors.ts";
import { OnchainError } from "../tdx/onchain/errors.ts";
import { WorkerError } from "./errors.ts";
import type { Confirmation } from "./events.ts";
import type { Context } from "./prepare.ts";
import { readRecord, type WorkerRecord } from "./registry-state.ts";
import type { Submitted } from "./submit/submitter.ts";
import { abortable } from "./timing.ts";

/** A node that cannot be asked, or has no state of this name yet: ask again later. */
function isForNow(error: unknown): boolean {
  if (error instanceof WorkerError) return error.code === "RELAYER_UNREACHABLE";
  if (!(error instanceof OnchainError)) return false;
  return error.code.startsWith("CHAIN_") || error.code === "CONTRACT_MISSING";
}

/** Looks now and then until `look` finds something; `undefined` when the time is over. */
async function poll<T>(
  { settings, signal }: Context,
  limit: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const { polling } = settings.limits;
  for (let waited = 0; ; waited += polling) {
    try {
      const found = await abortable(look(), signal);
      if (found !== undefined) return found;
    } catch (error) {
      if (!isForNow(error)) throw error;
    }
    if (waited >= limit) return undefined;
    await settings.timing.sleep(polling, signal);
  }
}

/**
 * Waits until the record of this challenge is on chain and then confirmed. The record is what is
 * looked at, not a transaction: it does not matter who brought it there, or under which hash.
 *
 * Errors: `REGISTRATION_NOT_INCLUDED`, `REGISTRATION_REVERTED`, `RELAYER_REFUSED`;
 * `REGISTRATION_DROPPED` when a reorganisation took it back, `REGISTRATION_NOT_FINAL`.
 */
export async function confirmRegistration(
  context: Context,
  challengeBlock: bigint,
  submitted: Submitted,
): Promise<WorkerRecord> {
  const { settings, identity, emit, signal } = context;
  const { client, registry, programId, confirmation, limits } = settings;
  const name = { registry, programId, identity: identity.address };
  const look = async (tag: Confirmation) => {
    const record = await readRecord(client, name, tag);
    return record.isRegistered && record.challengeBlock >= challengeBlock ? record : undefined;
  };

  const included = await poll(context, limits.inclusion, async () => {
    const record = await look("latest");
    if (record !== undefined) return record;
    const failure = await submitted.findFailure(signal);
    // It may have been included between the two questions.
    if (failure instanceof ChainsealError) {
      const late = await look("latest");
      if (late !== undefined) return late;
      throw failure;
    }
    return undefined;
  });
  if (included === undefined) {
    throw new WorkerError("REGISTRATION_NOT_INCLUDED", {
      subject: submitted.reference,
      expected: `within ${limits.inclusion} ms`,
    });
  }
  emit({ name: "included", challengeBlock });
  if (confirmation === "latest") return included;

  const confirmed = await poll(context, limits.confirmation, async () => {
    const record = await look(confirmation);
    if (record !== undefined) return record;
    if ((await look("latest")) === undefined) {
      throw new WorkerError("REGISTRATION_DROPPED", { subject: submitted.reference });
    }
    return undefined;
  });
  if (confirmed !== undefined) return confirmed;
  throw new WorkerError("REGISTRATION_NOT_FINAL", {
    subject: submitted.reference,
    expected: `${confirmation} within ${limits.confirmation} ms`,
  });
}
