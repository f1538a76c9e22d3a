import { type Hex, zeroHash } from "viem";
import type { LocalAccount } from "viem/accounts";
import type { TdxEvidence } from "../tdx/onchain/evidence.ts";
import { reportDataCommitment } from "./report-data.ts";
import { registrationTypes, registryDomain } from "./typed-data.ts";

/** `RegistrationRequest` of `contracts/registry/RegistryTypes.sol`. */
export interface RegistrationRequest {
  readonly programId: Hex;
  /** The worker's key, made in the TD. */
  readonly identity: Hex;
  /** The block whose hash the quote's report data holds. */
  readonly challengeBlock: bigint;
  readonly approvalId: number;
  readonly identitySignature: Hex;
  /** Under COSIGN; else `0x`. */
  readonly ownerSignature: Hex;
}

/** The arguments of `register`. */
export interface Registration {
  readonly request: RegistrationRequest;
  /** From `buildEvidence`. */
  readonly evidence: TdxEvidence;
  /** DER, where the attestation contract does not know it yet. */
  readonly pckCertificate?: Hex;
}

export interface SignRegistrationParameters {
  readonly account: LocalAccount;
  readonly chainId: number;
  readonly registry: Hex;
  readonly programId: Hex;
  readonly challenge: { readonly number: bigint; readonly hash: Hex };
}

export interface SignedRegistration {
  /** 64 bytes that the quote must be made over, with no GPU evidence. */
  readonly reportData: Hex;
  readonly identitySignature: Hex;
}

/**
 * What a worker needs before its quote: the report data to be made over, and its identity's
 * signature over the same.
 */
export async function signRegistration({
  account,
  ...options
}: SignRegistrationParameters): Promise<SignedRegistration> {
  const commitment = reportDataCommitment({
    ...options,
    role: "worker",
    identity: account.address,
  });
  const identitySignature = await account.signTypedData({
    domain: registryDomain(options),
    types: registrationTypes,
    primaryType: "Registration",
    message: { commitment },
  });
  return { reportData: `${commitment}${zeroHash.slice(2)}`, identitySignature };
}
