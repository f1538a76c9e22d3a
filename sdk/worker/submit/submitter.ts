import { encodeFunctionData } from "viem";
import type { Hex } from "../../bytes.ts";
import { workerRegistryAbi as abi } from "../../client/abi.ts";
import type { ChainsealError } from "../../errors.ts";
import type { TdxEvidence } from "../../tdx/onchain/evidence.ts";

/** `RegistrationRequest` of `contracts/registry/RegistryTypes.sol`. */
export interface RegistrationRequest {
  readonly programId: Hex;
  readonly identity: Hex;
  readonly challengeBlock: bigint;
  readonly approvalId: number;
  readonly identitySignature: Hex;
  readonly ownerSignature: Hex;
}

/** All that `register` takes, and where. Nothing of it is secret: it is what the chain will show. */
export interface PreparedRegistration {
  readonly chainId: number;
  readonly registry: Hex;
  readonly request: RegistrationRequest;
  readonly evidence: TdxEvidence;
  /** DER, where the chain does not know the certificate yet; else `0x`. */
  readonly pckCertificate: Hex;
}

export interface Submitted {
  /** The transaction's hash, or the relayer's id: for logs. */
  readonly reference: string;
  /** Looks whether it has failed for good; asked now and then until the record is on chain. */
  findFailure(signal: AbortSignal): Promise<ChainsealError | undefined>;
}

/** Brings registrations on chain. Nobody has to trust it: it can delay, and nothing else. */
export interface Submitter {
  /** For logs. */
  readonly name: string;
  submit(registration: PreparedRegistration, signal: AbortSignal): Promise<Submitted>;
}

/** The data of the transaction that registers. */
export function registerCalldata(registration: PreparedRegistration): Hex {
  const { request, evidence, pckCertificate } = registration;
  return encodeFunctionData({
    abi,
    functionName: "register",
    args: [request, evidence, pckCertificate],
  });
}
