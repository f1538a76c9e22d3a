import { type Address, type Hex, isAddress, isAddressEqual, zeroAddress } from "viem";
import { LONGEST_NOTICE } from "./modules/Chainseal.ts";

/** What a deployment is made with. */
export interface DeploymentParameters {
  /** DER. Intel's SGX Root CA, or a simulator's. */
  readonly rootCertificate: Hex;
  /** In blocks: 256, or up to 8191 on chains with blocks of less than a second. */
  readonly maxChallengeAge: number;
  /** Seconds that every act of ADMIN waits. */
  readonly adminDelay: number;
  readonly admin: Address;
  readonly governance: Address;
  readonly guardian: Address;
}

/**
 * Refuses parameters that would leave a deployment without an admin, or under Intel's root with
 * delays shorter than the longest notice.
 */
export function checkParameters(
  parameters: DeploymentParameters,
  { deployer, isIntelRoot }: { readonly deployer: Address; readonly isIntelRoot: boolean },
): void {
  for (const name of ["admin", "governance", "guardian"] as const) {
    const address = parameters[name];
    if (!isAddress(address) || isAddressEqual(address, zeroAddress)) {
      throw new Error(`${name} is not an address: ${address}`);
    }
  }
  // The deployer gives up ADMIN in the end, and would give up this with it.
  if (isAddressEqual(parameters.admin, deployer)) {
    throw new Error("admin is the deployer's address: name another account");
  }
  if (isIntelRoot && parameters.adminDelay < LONGEST_NOTICE) {
    throw new Error(`adminDelay is ${parameters.adminDelay} s: at least ${LONGEST_NOTICE} s`);
  }
  if (parameters.maxChallengeAge < 1 || parameters.maxChallengeAge > 8191) {
    throw new Error(`maxChallengeAge is ${parameters.maxChallengeAge}: 1 to 8191 blocks`);
  }
}
