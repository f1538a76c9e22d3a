import type { Hex } from "../bytes.ts";
import { RimFinder } from "./appraise.ts";
import { type AuthenticReport, authenticateOne, readNonce } from "./authenticate.ts";
import { defaultBackend } from "./crypto.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import type { DeviceChain, DeviceChainCache } from "./device-chain.ts";
import { GpuError } from "./errors.ts";
import { type GpuEvidence, MAX_DEVICES } from "./evidence.ts";
import type { Comparison } from "./measurements.ts";
import type { Roots } from "./nvidia-roots.ts";
import { toSeconds } from "./period.ts";
import { OcspCache, Revocation } from "./revocation.ts";
import type { Rim } from "./rim.ts";
import { loadTrustedRoot } from "./root.ts";
import { checkTopology, type Mode } from "./topology.ts";

export interface VerifyOptions {
  /** The time to verify at: a Date, or whole seconds since 1970. It is never read from the clock. */
  readonly at: Date | number;
  /** The 32 bytes, or their hex, that the evidence was asked for with: one nonce for all devices. */
  readonly nonce: Uint8Array | string;
  /** The roots to trust: `nvidiaRoots()` for real devices. */
  readonly roots: Roots;
  /** Default: node:crypto where there is one, else JavaScript. */
  readonly crypto?: CryptoBackend;
  /** Verified device chains. Default: one cache of 1024 chains for the whole process. */
  readonly chainCache?: DeviceChainCache;
  /** Verified OCSP responses. Default: one cache of 4096 for the whole process. */
  readonly ocspCache?: OcspCache;
}

/** What evidence is judged by. */
export interface GpuCollateral {
  /** Each as XML, which is then verified each time, or as `createRim` made it, once. */
  readonly rims: readonly (Rim | Uint8Array | string)[];
  /**
   * OCSP responses in DER, in any order: about every certificate of the device chains but leaf and
   * root, and about every one of the RIM chains but the root.
   */
  readonly ocsp: readonly Uint8Array[];
}

/** One device whose evidence holds. */
export interface VerifiedDevice extends AuthenticReport {
  readonly driverVersion: string | undefined;
  readonly vbiosVersion: string;
  readonly rims: readonly { readonly id: string; readonly sha256: Hex; readonly isHeld: boolean }[];
  readonly measurements: Comparison;
}

/** Evidence that holds, of one machine. Whether it is good enough is for `validate` and a policy. */
export interface VerifiedGpus {
  /** In the order of the evidence. */
  readonly devices: readonly VerifiedDevice[];
  readonly gpuCount: number;
  readonly switchCount: number;
  /** `undefined` for NVSwitches without GPUs. */
  readonly mode: Mode | undefined;
  readonly nonce: Hex;
  /** When the first certificate or OCSP response that this verdict stands on expires; Unix seconds. */
  readonly earliestExpiry: number;
}

const sharedOcspCache = new OcspCache();

function refuseMismatches({ identity }: AuthenticReport, { mismatches }: Comparison): void {
  if (mismatches.length === 0) return;
  throw new GpuError("MEASUREMENT_MISMATCH", {
    subject: `${identity.model}, serial ${identity.serial}`,
    expected: "the values of its RIMs",
    found: `others at ${mismatches.join(", ")}`,
  });
}

/** Asks about a device's chain and those of its RIMs, and says until when the answers stand. */
function checkRevocation(
  chain: DeviceChain,
  rims: readonly Rim[],
  revocation: Revocation,
): { readonly held: ReadonlySet<Rim>; readonly until: number } {
  let until = Math.min(...chain.periods.map((period) => period.until));
  for (const link of chain.links) {
    until = Math.min(until, revocation.check(link, "DEVICE_REVOKED", false).until);
  }
  const held = new Set<Rim>();
  for (const rim of rims) {
    until = Math.min(until, rim.validUntil);
    for (const link of rim.chain) {
      const standing = revocation.check(link, "RIM_SIGNER_REVOKED", true);
      if (standing.isHeld) held.add(rim);
      until = Math.min(until, standing.until);
    }
  }
  return { held, until };
}

function listOf(evidence: unknown): readonly GpuEvidence[] {
  // A hole in a list is a device without evidence.
  const list: unknown = Array.isArray(evidence) ? Array.from(evidence) : [evidence];
  const isList =
    Array.isArray(list) &&
    list.length > 0 &&
    list.length <= MAX_DEVICES &&
    list.every((one) => typeof one === "object" && one !== null);
  if (isList) return list;
  const expected = `the evidence of 1 to ${MAX_DEVICES} devices`;
  throw new GpuError("EVIDENCE_MALFORMED", { expected, found: "another" });
}

/**
 * Verifies the evidence of one machine's GPUs, and NVSwitches where it has them: reports, chains,
 * signatures and the nonce; measurements against signed RIMs of the very versions that the devices
 * report; revocation of devices and RIM signers; the devices as one machine.
 *
 * It throws a `GpuError` for what does not hold and for what is missing. Pass the answer to
 * `validate` with a policy. That measurements match is all there is to say of secure boot and
 * debugging: NVIDIA derives its claims about them from the same comparison.
 *
 * @example
 * import { nvidiaRoots, parseEvidence, validate, verify } from "chainseal/sdk/gpu";
 *
 * const evidence = parseEvidence(json);
 * const result = verify(evidence, { rims, ocsp }, { roots: nvidiaRoots(), nonce, at: new Date() });
 * const { accepted, reasons } = validate(result);
 */
export function verify(
  evidence: GpuEvidence | readonly GpuEvidence[],
  collateral: GpuCollateral,
  options: VerifyOptions,
): VerifiedGpus {
  const at = toSeconds(options.at);
  const nonce = readNonce(options.nonce);
  const crypto = options.crypto ?? defaultBackend;
  const root = loadTrustedRoot(options.roots?.device, crypto);
  const rimRoot = loadTrustedRoot(options.roots?.rim, crypto);
  const list = listOf(evidence);

  const trust = { at, nonce, root, chainCache: options.chainCache };
  const authenticated = list.map((one) => authenticateOne(one, trust));
  const reports = authenticated.map(({ authentic }) => authentic);
  const mode = checkTopology(reports);
  const finder = new RimFinder(reports, collateral?.rims ?? [], rimRoot);
  const ocspCache = options.ocspCache ?? sharedOcspCache;
  const revocation = new Revocation(collateral?.ocsp ?? [], at, crypto, ocspCache);
  let earliestExpiry = Number.POSITIVE_INFINITY;
  const devices = authenticated.map(({ authentic, chain }): VerifiedDevice => {
    const { opaque } = authentic.report;
    const { rims, measurements } = finder.appraise(authentic, at);
    refuseMismatches(authentic, measurements);
    const { held, until } = checkRevocation(
      chain,
      rims.map(({ rim }) => rim),
      revocation,
    );
    earliestExpiry = Math.min(earliestExpiry, until);
    return Object.freeze({
      ...authentic,
      driverVersion: opaque.driverVersion,
      vbiosVersion: opaque.vbiosVersion ?? "",
      rims: Object.freeze(
        rims.map(({ id, rim }) => Object.freeze({ id, sha256: rim.sha256, isHeld: held.has(rim) })),
      ),
      measurements,
    });
  });
  const switchCount = devices.filter(({ architecture }) => architecture === "LS10").length;
  return Object.freeze({
    devices: Object.freeze(devices),
    gpuCount: devices.length - switchCount,
    switchCount,
    mode,
    nonce,
    earliestExpiry,
  });
}
