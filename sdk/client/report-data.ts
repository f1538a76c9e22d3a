import { encodeAbiParameters, type Hex, keccak256, stringToHex, zeroHash } from "viem";

/** In which role a TD attests; the numbers are those of `contracts/registry/ReportData.sol`. */
export const attestationRoles = { worker: 1, keeper: 2 } as const;

export type AttestationRole = keyof typeof attestationRoles;

export interface CommitmentOptions {
  readonly role: AttestationRole;
  readonly chainId: number;
  readonly registry: Hex;
  readonly programId: Hex;
  readonly identity: Hex;
  /** The block whose hash shows that the quote is fresh. */
  readonly challenge: { readonly number: bigint; readonly hash: Hex };
  /** keccak256 of a session's transport key. Keepers only. */
  readonly transportKeyHash?: Hex;
  /** Keepers only. */
  readonly session?: Hex;
}

const DOMAIN = keccak256(stringToHex("Chainseal TDX report data, version 1"));

const PARAMETERS = [
  { type: "bytes32" },
  { type: "uint8" },
  { type: "uint256" },
  { type: "address" },
  { type: "bytes32" },
  { type: "address" },
  { type: "bytes32" },
  { type: "bytes32" },
  { type: "uint256" },
  { type: "bytes32" },
] as const;

/**
 * The first half of a TD's report data: it binds a quote to one role, chain, registry, program, key
 * and moment. 32 bytes; the second half is the root over GPU evidence, or zero.
 */
export function reportDataCommitment(options: CommitmentOptions): Hex {
  return keccak256(
    encodeAbiParameters(PARAMETERS, [
      DOMAIN,
      attestationRoles[options.role],
      BigInt(options.chainId),
      options.registry,
      options.programId,
      options.identity,
      options.transportKeyHash ?? zeroHash,
      options.session ?? zeroHash,
      options.challenge.number,
      options.challenge.hash,
    ]),
  );
}
