import { BoundedCache } from "../bounded-cache.ts";
import { type Hex, toHex } from "../bytes.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import {
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

interface VerifiedSigner {
  readonly crypto: CryptoBackend;
  readonly responder: Period;
}

/**
 * Who signed which OCSP response, verified. A response is asked for once and used for a day, so
 * most need no signature check at all.
 */
export class OcspCache extends BoundedCache<VerifiedSigner> {
  /** @param limit The most responses that are remembered; about 200 bytes each. */
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
  readonly response: OcspResponse;
  readonly answer: OcspAnswer;
  readonly fingerprint: Hex;
}

/** The OCSP responses that came with evidence, to be asked about one certificate after the other. */
export class Revocation {
  readonly #responses: readonly (readonly [OcspResponse, Hex])[];
  readonly #crypto: CryptoBackend;
  readonly #cache: OcspCache;
  readonly #at: number;

  /** Errors: `OCSP_MALFORMED`, `OCSP_NOT_SUCCESSFUL`. */
  constructor(ders: readonly Uint8Array[], at: number, crypto: CryptoBackend, cache: OcspCache) {
    if (!Array.isArray(ders) || ders.length > MAX_RESPONSES) {
      const expected = `a list of at most ${MAX_RESPONSES} responses`;
      throw new GpuError("OCSP_MALFORMED", { expected, found: "another" });
    }
    const unique = new Map<Hex, OcspResponse>();
    for (const der of ders) {
      const response = parseOcspResponse(der);
      unique.set(toHex(crypto.sha256(der)), response);
    }
    this.#responses = [...unique].map(([fingerprint, response]) => [response, fingerprint]);
    this.#at = at;
    this.#crypto = crypto;
    this.#cache = cache;
  }

  /** The newest answer about a certificate; a newer one supersedes those before it. */
  #find({ name, subject, issuer }: ChainLink): Candidate {
    let newest: Candidate | undefined;
    const ids = new Map(
      (["sha384", "sha256"] as const).map((hash) => [
        hash,
        certificateId(subject.certificate, issuer.certificate, hash, this.#crypto),
      ]),
    );
    for (const [response, fingerprint] of this.#responses) {
      for (const answer of response.answers) {
        const id = ids.get(answer.id.hash);
        const isAboutIt =
          id?.serial === answer.id.serial &&
          id.issuerKeyHash === answer.id.issuerKeyHash &&
          id.issuerNameHash === answer.id.issuerNameHash;
        if (isAboutIt && answer.thisUpdate > (newest?.answer.thisUpdate ?? -Infinity)) {
          newest = { response, answer, fingerprint };
        }
      }
    }
    if (newest !== undefined) return newest;
    throw new GpuError("OCSP_MISSING", {
      subject: name,
      expected: `an answer about serial 0x${subject.certificate.serial}`,
    });
  }

  #verifySigner({ response, fingerprint }: Candidate, { issuer, crypto }: ChainLink): Period {
    const key = `${toHex(crypto.sha256(issuer.certificate.der))}:${fingerprint}`;
    const known = this.#cache.get(key);
    if (known?.crypto === crypto) return known.responder;
    const responder = verifyOcspSignature(response, issuer, crypto);
    this.#cache.set(key, { crypto, responder });
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
