import { SimulatorError } from "../../x509/writer/errors.ts";
import type { QuoteCollateral } from "../collateral.ts";
import {
  type Authorities,
  type AuthorityName,
  type AuthorityOptions,
  createAuthorities,
  defaultPckValidity,
} from "./authorities.ts";
import { type CollateralOptions, createCollateral } from "./collateral.ts";
import type { CrlTemplate } from "./crl.ts";
import { createDerivation, type SigningKey } from "./keys.ts";
import { createPlatform, type Platform, type PlatformOptions } from "./platform.ts";
import { type CrlIssuer, type CrlOptions, createCrlTemplate, type Revoked } from "./revocation.ts";

/** `validity` and `tcbSignerLabel` hold for everything this simulator makes. */
export interface SimulatorOptions extends AuthorityOptions {
  /** UTF-8 text or bytes. Not a secret: whoever knows it can sign as this root. */
  readonly seed: string | Uint8Array;
  /** Unix seconds at which everything is fresh. Default 1780000000 (28 May 2026). */
  readonly at?: number;
}

/** A TDX quoting service, certification service and root, all in memory. */
export interface Simulator {
  /** Unix seconds: the time to verify at. */
  readonly at: number;
  /** DER, self-signed. The trust anchor; a function of the seed (and of `validity.root`) only. */
  readonly rootCertificate: Uint8Array;
  readonly rootCertificatePem: string;
  /** The root and what it signed, with their keys and templates, for false certificates. */
  readonly authorities: Authorities;
  /** Serial numbers to put in `revokedCa`. */
  readonly serials: Readonly<Record<Exclude<AuthorityName, "root">, Uint8Array>>;
  /** A machine. The same options give the same machine. */
  platform(options?: PlatformOptions): Platform;
  /** Collateral, fresh at `at`. */
  collateral(options?: CollateralOptions): QuoteCollateral;
  /** What a CRL of `collateral` is made from, for `issueCrl`. */
  crlTemplate(issuer: CrlIssuer, revoked?: readonly Revoked[], options?: CrlOptions): CrlTemplate;
  /**
   * A key of this seed by its label, such as a forger's. Labels of the simulator's own: `root`,
   * `platform-ca`, `processor-ca`, `tcb-signer`, and all that begin with `platform/`.
   */
  key(label: string): SigningKey;
}

const DEFAULT_AT = 1_780_000_000;

/**
 * A simulator of Intel's quoting and certification services under a root of its own.
 *
 * Same seed and options, same bytes; another seed, another root.
 *
 * @throws {SimulatorError} when the seed is empty, or when no certificate would hold at `at`.
 *
 * @example
 * ```ts
 * import { verify } from "chainseal/sdk/tdx";
 * import { createSimulator, defaultTcbLevels } from "chainseal/sdk/tdx/simulator";
 *
 * const simulator = createSimulator({ seed: "my test" });
 * const platform = simulator.platform();
 * const quote = platform.quote({ reportData: new Uint8Array(64) });
 * const trust = { at: simulator.at, root: simulator.rootCertificate };
 * console.log(verify(quote, simulator.collateral(), trust).status); // UpToDate
 *
 * // A status that nobody has met in the field.
 * const [level] = defaultTcbLevels;
 * const configuration = simulator.collateral({
 *   tcbInfo: { tcbLevels: [{ ...level, status: "ConfigurationNeeded" }] },
 * });
 * console.log(verify(quote, configuration, trust).status); // ConfigurationNeeded
 *
 * // The same machine, once its certificate is revoked: verify throws PCK_REVOKED.
 * const revoked = simulator.collateral({ revokedPck: [platform.serial] });
 * ```
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const derivation = createDerivation(options.seed);
  const at = options.at ?? DEFAULT_AT;
  if (
    !Number.isInteger(at) ||
    at < defaultPckValidity.notBefore ||
    at > defaultPckValidity.notAfter
  ) {
    throw new SimulatorError("at", "whole Unix seconds from 2020 to 2047", at);
  }
  const authorities = createAuthorities(derivation, options);
  const { root, platformCa, processorCa, tcbSigner } = authorities;

  return {
    at,
    rootCertificate: root.certificate,
    rootCertificatePem: root.certificatePem,
    authorities,
    serials: {
      platformCa: platformCa.serial,
      processorCa: processorCa.serial,
      tcbSigner: tcbSigner.serial,
    },
    platform: (platformOptions = {}) => createPlatform(derivation, authorities, platformOptions),
    collateral: (collateralOptions = {}) =>
      createCollateral(derivation, { at, authorityOptions: options }, collateralOptions),
    crlTemplate: (issuer, revoked = [], crlOptions = {}) =>
      createCrlTemplate(derivation, authorities, issuer, at, revoked, crlOptions),
    key: (label) => derivation.key(label),
  };
}
