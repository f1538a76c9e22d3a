import { sha384 } from "@noble/hashes/sha2.js";
import {
  bitString,
  element,
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from "../../x509/writer/der-writer.ts";
import { type Extension, encodeExtension } from "../../x509/writer/extensions.ts";
import {
  type Authority,
  encodeName,
  issue,
  signatureAlgorithm,
  type TemplateEdit,
  type Validity,
} from "./certificates.ts";
import { type Derivation, keyIdentifier, type SigningKey, sign } from "./keys.ts";

export interface OcspOptions {
  readonly status?: "good" | "revoked" | "unknown";
  /** Of a revocation (RFC 5280, 5.3.1): 1 key compromise, 6 hold. */
  readonly reason?: number;
  /** Unix seconds. Default: an hour before the simulator's time, for 24 hours. */
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  readonly nonce?: Uint8Array;
  /** Another key than the responder's own. */
  readonly signer?: SigningKey;
  readonly responderValidity?: Validity;
  readonly editResponder?: TemplateEdit;
  /** The issuer answers itself, without a responder's certificate. */
  readonly isDirect?: boolean;
  /** OCSPResponseStatus (RFC 6960, 4.2.1); other than 0 there is no answer. */
  readonly responseStatus?: number;
}

const HOUR = 3_600;
const SHA384 = sequence(objectIdentifier("2.16.840.1.101.3.4.2.2"), element(0x05));

/** OCSP signing and nothing else, whose own revocation need not be checked. */
const RESPONDER_EXTENSIONS: readonly Extension[] = [
  {
    oid: "2.5.29.37",
    critical: true,
    value: sequence(objectIdentifier("1.3.6.1.5.5.7.3.9")),
  },
  { oid: "1.3.6.1.5.5.7.48.1.5", critical: false, value: element(0x05) },
];

function certificateIdOf(subject: Authority, issuer: Authority): Uint8Array {
  return sequence(
    SHA384,
    octetString(sha384(issuer.template.subject)),
    octetString(sha384(issuer.key.publicKey)),
    integer(subject.template.serial),
  );
}

function statusOf({ status = "good", reason }: OcspOptions, revokedAt: number): Uint8Array {
  if (status === "good") return implicit(0, new Uint8Array());
  if (status === "unknown") return implicit(2, new Uint8Array());
  const why = reason === undefined ? [] : [explicit(0, enumerated(reason))];
  return element(0xa1, generalizedTime(revokedAt), ...why);
}

/** Makes the response of an OCSP responder (RFC 6960) about one certificate, as DER. */
export function createOcspResponse(
  derivation: Derivation,
  at: number,
  subject: Authority,
  issuer: Authority,
  options: OcspOptions = {},
): Uint8Array {
  if ((options.responseStatus ?? 0) !== 0) return sequence(enumerated(options.responseStatus ?? 0));
  const thisUpdate = options.thisUpdate ?? at - HOUR;
  const nextUpdate = options.nextUpdate ?? thisUpdate + 24 * HOUR;
  const responder = options.isDirect
    ? issuer
    : issue({
        name: encodeName("Chainseal OCSP Responder"),
        serial: Uint8Array.of(7),
        key: derivation.key("ocsp-responder"),
        issuer,
        validity: options.responderValidity ?? {
          notBefore: 1_600_000_000,
          notAfter: 2_500_000_000,
        },
        kind: "leaf",
        extensions: RESPONDER_EXTENSIONS,
        edit: options.editResponder,
      });
  const nonce: Extension | undefined = options.nonce && {
    oid: "1.3.6.1.5.5.7.48.1.2",
    critical: false,
    value: octetString(options.nonce),
  };
  const tbs = sequence(
    explicit(2, octetString(keyIdentifier(responder.key))),
    generalizedTime(thisUpdate),
    sequence(
      sequence(
        certificateIdOf(subject, issuer),
        statusOf(options, thisUpdate - HOUR),
        generalizedTime(thisUpdate),
        explicit(0, generalizedTime(nextUpdate)),
      ),
    ),
    ...(nonce === undefined ? [] : [explicit(1, sequence(encodeExtension(nonce)))]),
  );
  const basic = sequence(
    tbs,
    signatureAlgorithm,
    bitString(sign(options.signer ?? responder.key, tbs, "der")),
    ...(options.isDirect ? [] : [explicit(0, sequence(responder.certificate))]),
  );
  const bytes = sequence(objectIdentifier("1.3.6.1.5.5.7.48.1.1"), octetString(basic));
  return sequence(enumerated(0), explicit(0, bytes));
}
