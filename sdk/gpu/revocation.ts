import { BoundedCache } from "../bounded-cache.ts";
import { toHex } from "../bytes.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import {
  type CertificateId,
  MAX_OCSP_LENGTH,
  type OcspAnswer,
  type OcspResponse,
  parseOcspResponse,
  REASON_CERTIFICATE_HOLD,
} from "./ocsp/response.ts";
import { certificateId, checkOcspTime, verifyOcspSignature } from "./ocsp/verify.ts";
import type { Period } from "./period.ts";
import type { ChainLink } from "./x509.ts";

/** The most responses for one set of evidence: 3 for each of 64 devices, and those of RIM chains. */
const MAX_RESPONSES = 1_024;

/** A response, and who signed it where that has been verified. */
interface KnownResponse {
  readonly response: OcspResponse;
  /** By the SHA-256 of the issuer's certificate under which it was verified. */
  readonly signers: Map<string, { readonly crypto: CryptoBackend; readonly responder: Period }>;
}

/** The most issuers under which one response is verified: it names one. */
const MAX_SIGNERS = 4;

/**
 * OCSP responses by their SHA-256, parsed, with their signers once verified. A response is asked for
 * once and used for a day, so most need no signature check at all.
 */
export class OcspCache extends BoundedCache<KnownResponse> {
  /** @param limit The most responses that are remembered; about 4 KB each. */
  constructor(limit = 4096) {
    super(limit);
  }
}

/** What became of one certificate. */
interface Standing {
  readonly isHeld: boolean;
  /** Unix seconds: until when the answer stands. */
  readonly until: number;
}

interface Candidate {
  readonly known: KnownResponse;
  readonly answer: OcspAnswer;
}

/** Ids of certificates under each hash: chains are kept, and so are these. */
const knownIds = new WeakMap<Certificate, Map<CertificateId["hash"], CertificateId>>();

function idOf({ subject, issuer, crypto }: ChainLink, hash: CertificateId["hash"]): CertificateId {
  const ids = knownIds.get(subject.certificate) ?? new Map<CertificateId["hash"], CertificateId>();
  knownIds.set(subject.certificate, ids);
  const id = ids.get(hash) ?? certificateId(subject.certificate, issuer.certificate, hash, crypto);
  ids.set(hash, id);
  return id;
}

/** The OCSP responses that came with evidence, to be asked about one certificate after the other. */
export class Revocation {
  readonly #responses: readonly KnownResponse[];
  readonly #at: number;

  /** Errors: `OCSP_MALFORMED`, `OCSP_NOT_SUCCESSFUL`. */
  constructor(ders: readonly Uint8Array[], at: number, crypto: CryptoBackend, cache: OcspCache) {
    if (!Array.isArray(ders) || ders.length > MAX_RESPONSES) {
      const expected = `a list of at most ${MAX_RESPONSES} responses`;
      throw new GpuError("OCSP_MALFORMED", { expected, found: "another" });
    }
    const unique = new Map<string, KnownResponse>();
    for (const der of ders) {
      if (!(der instanceof Uint8Array) || der.length > MAX_OCSP_LENGTH) parseOcspResponse(der);
      const fingerprint = toHex(crypto.sha256(der));
      const known = unique.get(fingerprint) ??
        cache.get(fingerprint) ?? { response: parseOcspResponse(der), signers: new Map() };
      cache.set(fingerprint, known);
      unique.set(fingerprint, known);
    }
    this.#responses = [...unique.values()];
    this.#at = at;
  }

  /** The newest answer about a certificate; a newer one supersedes those before it. */
  #find(link: ChainLink): Candidate {
    const { serial } = link.subject.certificate;
    let newest: Candidate | undefined;
    for (const known of this.#responses) {
      for (const answer of known.response.answers) {
        if (answer.id.serial !== serial) continue;
        const id = idOf(link, answer.id.hash);
        const isAboutIt =
          id.issuerKeyHash === answer.id.issuerKeyHash &&
          id.issuerNameHash === answer.id.issuerNameHash;
        if (isAboutIt && answer.thisUpdate > (newest?.answer.thisUpdate ?? -Infinity)) {
          newest = { known, answer };
        }
      }
    }
    if (newest !== undefined) return newest;
    throw new GpuError("OCSP_MISSING", {
      subject: link.name,
      expected: `an answer about serial 0x${serial}`,
    });
  }

  #verifySigner({ known: { response, signers } }: Candidate, link: ChainLink): Period {
    const { issuer, crypto } = link;
    const key = toHex(crypto.sha256(issuer.certificate.der));
    const known = signers.get(key);
    if (known?.crypto === crypto) return known.responder;
    const responder = verifyOcspSignature(response, issuer, crypto);
    if (signers.size === MAX_SIGNERS) signers.clear();
    signers.set(key, { crypto, responder });
    return responder;
  }

  /**
   * Refuses a certificate that is revoked, or of which nothing is known at the time.
   *
   * Errors: `OCSP_…`, and `revoked` as the code for a revoked one. A hold is no error where
   * `mayBeHeld` says so, but part of the answer.
   */
  check(
    link: ChainLink,
    revoked: "DEVICE_REVOKED" | "RIM_SIGNER_REVOKED",
    mayBeHeld: boolean,
  ): Standing {
    const candidate = this.#find(link);
    const { answer } = candidate;
    const responder = this.#verifySigner(candidate, link);
    checkOcspTime(answer, responder, link.name, this.#at);
    const subject = `${link.name}, serial 0x${link.subject.certificate.serial}`;
    if (answer.status === "unknown") throw new GpuError("OCSP_STATUS_UNKNOWN", { subject });
    const isHeld = answer.status === "revoked" && answer.reason === REASON_CERTIFICATE_HOLD;
    if (answer.status === "revoked" && !(isHeld && mayBeHeld)) {
      const found = answer.reason === undefined ? "no reason given" : `reason ${answer.reason}`;
      throw new GpuError(revoked, { subject, found });
    }
    return { isHeld, until: Math.min(answer.nextUpdate, responder.until) };
  }
}
