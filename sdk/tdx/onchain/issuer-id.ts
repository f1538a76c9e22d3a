import { keccak256 } from "viem";
import { concatBytes, type Hex } from "../../bytes.ts";
import type { Certificate } from "../../x509/certificate.ts";

/**
 * What the contract knows an issuer by: keccak256 over its subject name as encoded and its public
 * key. A newer certificate of the same name and key has the same id.
 */
export function issuerIdOf({ subject, publicKey }: Certificate): Hex {
  return keccak256(concatBytes(subject.der, publicKey));
}
