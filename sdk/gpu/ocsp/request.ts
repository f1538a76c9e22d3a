import { fromHex } from "../../bytes.ts";
import {
  element,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from "../../x509/writer/der-writer.ts";
import { encodeExtension } from "../../x509/writer/extensions.ts";
import type { CryptoBackend } from "../crypto-backend.ts";
import type { ChainLink } from "../x509.ts";
import { certificateId } from "./verify.ts";

const NULL = element(0x05);
const SHA384 = sequence(objectIdentifier("2.16.840.1.101.3.4.2.2"), NULL);
const NONCE = "1.3.6.1.5.5.7.48.1.2";

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();

/**
 * Makes the question of an OCSP request (RFC 6960, 4.1.1): one certificate, by SHA-384 as NVIDIA's
 * tools ask, with a nonce (RFC 8954) of 1 to 32 bytes.
 */
export function encodeOcspRequest(
  { subject, issuer }: ChainLink,
  nonce: Uint8Array,
  crypto: CryptoBackend,
): Uint8Array {
  const id = certificateId(subject.certificate, issuer.certificate, "sha384", crypto);
  const certId = sequence(
    SHA384,
    octetString(bytes(id.issuerNameHash)),
    octetString(bytes(id.issuerKeyHash)),
    integer(bytes(id.serial)),
  );
  const extension = encodeExtension({ oid: NONCE, critical: false, value: octetString(nonce) });
  return sequence(sequence(sequence(sequence(certId)), explicit(2, sequence(extension))));
}
