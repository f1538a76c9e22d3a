import { encodePem } from "../../x509/pem.ts";

/** A chain in the order given; everywhere in DCAP that is leaf first, root last. */
export function toPemChain(...certificates: readonly Uint8Array[]): string {
  return certificates.map(encodePem).join("");
}
