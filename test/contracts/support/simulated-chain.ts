import assert from "node:assert/strict";
import type { QuoteCollateral } from "../../../sdk/tdx/index.ts";
import { type CollateralUpload, collateralUploads } from "../../../sdk/tdx/onchain/index.ts";
import { simulator } from "../../sdk/tdx/support/simulated.ts";
import { AttestationChain, type ChainOptions } from "./chain.ts";
import { type Verdict, verifyOffChain } from "./evidence.ts";
import { playRaw, rawEvidence } from "./raw-evidence.ts";

export const trust = { at: simulator.at, root: simulator.rootCertificate };

/** A chain under the simulator's root, its clock at the simulator's time. */
export async function simulatedChain(options: Partial<ChainOptions> = {}) {
  const chain = await AttestationChain.create({ root: simulator.rootCertificate, ...options });
  await chain.setTime(simulator.at);
  return chain;
}

type UploadPart = CollateralUpload["part"];

/** The uploads of this collateral, and quote if there is one, of the named parts alone. */
export function uploadsOf(
  collateral: QuoteCollateral,
  { quote, only }: { quote?: Uint8Array; only?: readonly UploadPart[] } = {},
): readonly CollateralUpload[] {
  return collateralUploads(collateral, quote === undefined ? {} : { quote }).filter(
    ({ part }) => only === undefined || only.includes(part),
  );
}

/** The upload of one part. */
export function uploadOf(
  part: UploadPart,
  collateral: QuoteCollateral = simulator.collateral(),
  quote: Uint8Array = simulator.platform().quote(),
): CollateralUpload {
  const [upload] = uploadsOf(collateral, { quote, only: [part] });
  assert.ok(upload, part);
  return upload;
}

/** Uploads what is the same for most cases: issuers, CRLs, and the default machine's certificate. */
export async function prepare(
  chain: AttestationChain,
  parts: readonly UploadPart[] = ["root CRL", "PCK CA", "TCB signer", "PCK CRL", "PCK certificate"],
): Promise<void> {
  const quote = simulator.platform().quote();
  const refusal = await chain.uploadAll(uploadsOf(simulator.collateral(), { quote, only: parts }));
  assert.equal(refusal, undefined);
}

/** Everything from nothing, whatever it is, on both sides; both answers. */
export async function bothOf(
  chain: AttestationChain,
  quote: Uint8Array,
  collateral: QuoteCollateral,
): Promise<{ readonly onchain: Verdict | string; readonly offchain: Verdict | string }> {
  const onchain = await chain.undoing(() => playRaw(chain, rawEvidence(quote, collateral)));
  return { onchain, offchain: verifyOffChain(quote, collateral, trust) };
}

/** The same, which must be one answer; the verdict, or the code of the contract's refusal. */
export async function judgedAlike(
  chain: AttestationChain,
  quote: Uint8Array,
  collateral: QuoteCollateral = simulator.collateral(),
): Promise<Verdict | string> {
  const { onchain, offchain } = await bothOf(chain, quote, collateral);
  if (typeof onchain === "string" && typeof offchain === "string") return onchain;
  assert.deepEqual(onchain, offchain);
  return onchain;
}
