import { type Hex, toHex, toUtf8 } from "../bytes.ts";
import { KeyUsage } from "../x509/certificate.ts";
import { defaultBackend } from "./crypto.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import { certificatePeriod, checkPeriod, type Period } from "./period.ts";
import { type GoldenMeasurement, readRimContent } from "./rim-content.ts";
import { expectRoot, loadTrustedRoot, type TrustedRoot } from "./root.ts";
import { type ChainLink, type Issuer, readIssuer, verifyIssuedBy } from "./x509.ts";
import { readXml } from "./xml/reader.ts";
import { readEnvelopedSignature, verifyEnvelopedSignature } from "./xml/signature.ts";

/** The largest RIM that is looked at: NVIDIA's have up to 26 KB. */
export const MAX_RIM_LENGTH = 262_144;
const MIN_CHAIN_LENGTH = 2;

export interface CreateRimOptions {
  /** The root that RIM signers chain to, DER or PEM: `nvidiaRoots().rim` for released firmware. */
  readonly root: Uint8Array | string;
  /** The id by which it was asked for; a RIM with an id serves devices of that id only. */
  readonly id?: string;
  /** Default: node:crypto where there is one, else JavaScript. */
  readonly crypto?: CryptoBackend;
}

function certificateName(index: number, count: number): string {
  if (index === 0) return "RIM signer";
  return index === count - 1 ? "RIM root" : `RIM CA ${index}`;
}

/** Verifies the signer's chain, signer first, and returns every certificate but the root. */
function verifyChain(ders: readonly Uint8Array[], root: TrustedRoot): readonly ChainLink[] {
  const { crypto } = root;
  const count = ders.length;
  const last = ders[count - 1];
  if (last === undefined || count < MIN_CHAIN_LENGTH) {
    throw new GpuError("CHAIN_LENGTH_UNEXPECTED", {
      subject: "RIM chain",
      expected: `${MIN_CHAIN_LENGTH} or more`,
      found: count,
    });
  }
  const certificates = ders.map((der, index) =>
    readIssuer(der, certificateName(index, count), crypto),
  );
  expectRoot(last, root, "RIM chain");
  const [signer] = certificates;
  const usage = signer?.certificate.keyUsage ?? 0;
  if (signer?.certificate.isCa !== false || (usage & KeyUsage.DIGITAL_SIGNATURE) === 0) {
    throw new GpuError("CERTIFICATE_USAGE_FORBIDDEN", {
      subject: certificateName(0, count),
      expected: "a certificate for signing data",
      found: "another",
    });
  }
  return Object.freeze(
    certificates.slice(0, -1).map((subject, index) => {
      const name = certificateName(index, count);
      const issuer = certificates[index + 1] as Issuer;
      verifyIssuedBy(subject, issuer, name, crypto);
      return Object.freeze({ name, subject, issuer, crypto });
    }),
  );
}

/**
 * A RIM whose signature, chain and form have been verified under one root. It is immutable and does
 * not depend on the time, so one object serves any number of reports; `verify` compares its periods
 * with the verification time. Its values are read from the signed bytes and from nowhere else.
 */
export class Rim {
  readonly version: string;
  readonly product: string;
  readonly tagId: string;
  readonly id: string | undefined;
  /** SHA-256 of the XML. A RIM's id and version do not say which of its revisions it is; this does. */
  readonly sha256: Hex;
  /** How many measurements are active. */
  readonly size: number;
  readonly validFrom: number;
  /** Unix seconds; RIM signers live for two years. */
  readonly validUntil: number;

  readonly #root: TrustedRoot;
  readonly #chain: readonly ChainLink[];
  readonly #periods: readonly Period[];
  readonly #measurements: ReadonlyMap<number, GoldenMeasurement>;

  /** Use `createRim`. */
  constructor(xml: Uint8Array, root: TrustedRoot, id: string | undefined) {
    const { crypto } = root;
    const signature = readEnvelopedSignature(readXml(xml));
    const chain = verifyChain(signature.certificates, root);
    verifyEnvelopedSignature(signature, (chain[0] as ChainLink).subject.key, crypto);
    const { measurements, ...content } = readRimContent(readXml(signature.content));
    this.version = content.version;
    this.product = content.product;
    this.tagId = content.tagId;
    this.id = id;
    this.sha256 = toHex(crypto.sha256(xml));
    this.size = measurements.size;
    this.#root = root;
    this.#chain = chain;
    this.#measurements = measurements;
    this.#periods = [
      ...chain.map(({ name, subject }) => certificatePeriod(name, subject.certificate)),
      certificatePeriod("RIM root", root.certificate),
    ];
    this.validFrom = Math.max(...this.#periods.map(({ from }) => from));
    this.validUntil = Math.min(...this.#periods.map(({ until }) => until));
    Object.freeze(this);
  }

  /** Whether this is an object that the constructor made, and not one that only looks like it. */
  static isGenuine(value: unknown): value is Rim {
    return typeof value === "object" && value !== null && #root in value;
  }

  /** The root under which everything was verified. */
  get root(): TrustedRoot {
    return this.#root;
  }

  /** The signer and the CAs above it, without the root. */
  get chain(): readonly ChainLink[] {
    return this.#chain;
  }

  /** The active measurements by their index, as a fresh map. */
  get measurements(): Map<number, GoldenMeasurement> {
    return new Map(this.#measurements);
  }

  /** Refuses a time outside any certificate's period. Errors: `CERTIFICATE_…`. */
  checkTime(at: number): void {
    if (at >= this.validFrom && at <= this.validUntil) return;
    for (const period of this.#periods) checkPeriod(period, at);
  }
}

function toBytes(xml: unknown): Uint8Array {
  const bytes = typeof xml === "string" ? toUtf8(xml.slice(0, MAX_RIM_LENGTH + 1)) : xml;
  if (!(bytes instanceof Uint8Array)) {
    throw new GpuError("RIM_NOT_CREATED", { expected: "XML", found: typeof xml });
  }
  if (bytes.length > MAX_RIM_LENGTH) {
    throw new GpuError("RIM_TOO_LARGE", {
      expected: `at most ${MAX_RIM_LENGTH} bytes`,
      found: typeof xml === "string" ? `${xml.length} characters` : `${bytes.length} bytes`,
    });
  }
  return new Uint8Array(bytes);
}

/** As `createRim`, of anything, under a root that is loaded. */
export function readRim(xml: unknown, root: TrustedRoot, id?: string): Rim {
  return new Rim(toBytes(xml), root, id);
}

/**
 * Parses a RIM and verifies all of it that does not depend on the time: its one signature over the
 * whole document, the signer's chain to the root, the form of its measurements.
 *
 * Errors: the `RIM_…`, `CERTIFICATE_…` and `ROOT_…` codes of `docs/errors.md`.
 */
export function createRim(xml: Uint8Array | string, options: CreateRimOptions): Rim {
  return readRim(xml, loadTrustedRoot(options.root, options.crypto ?? defaultBackend), options.id);
}
