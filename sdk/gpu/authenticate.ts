import { equalBytes, fromHex, type Hex, toHex, toUtf8 } from "../bytes.ts";
import { type Architecture, architectureOf } from "./architecture.ts";
import { defaultBackend } from "./crypto.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import {
  type DeviceChain,
  DeviceChainCache,
  type DeviceIdentity,
  verifyDeviceChain,
} from "./device-chain.ts";
import { GpuError } from "./errors.ts";
import type { GpuEvidence } from "./evidence.ts";
import { checkPeriod, toSeconds } from "./period.ts";
import { type GpuReport, NONCE_LENGTH, parseReport } from "./report.ts";
import { loadTrustedRoot, type TrustedRoot } from "./root.ts";
import type { ChainLink } from "./x509.ts";

export interface AuthenticateOptions {
  /** The time to verify at: a Date, or whole seconds since 1970. It is never read from the clock. */
  readonly at: Date | number;
  /** The 32 bytes that the evidence was asked for with. */
  readonly nonce: Uint8Array | string;
  /** The root that device chains end in, DER or PEM: `nvidiaRoots().device` for real devices. */
  readonly root: Uint8Array | string;
  /** Default: node:crypto where there is one, else JavaScript. */
  readonly crypto?: CryptoBackend;
  /** Verified device chains. Default: one cache of 1024 chains for the whole process. */
  readonly chainCache?: DeviceChainCache;
}

/** A report that a genuine device signed for the nonce. Its measurements are not judged yet. */
export interface AuthenticReport {
  readonly report: GpuReport;
  readonly architecture: Architecture;
  /** Such as GH100. */
  readonly chip: string;
  readonly identity: DeviceIdentity;
  /** The certificates whose revocation is to be asked for, each with its issuer. */
  readonly links: readonly ChainLink[];
  /** Whether the firmware of the report was compared with the leaf certificate's. */
  readonly isFwidChecked: boolean;
}

const sharedCache = new DeviceChainCache();

/** 32 bytes, or their hex. Errors: `NONCE_INVALID`. */
export function readNonce(nonce: unknown): Hex {
  const bytes = typeof nonce === "string" ? fromHex(nonce) : nonce;
  if (!(bytes instanceof Uint8Array) || bytes.length !== NONCE_LENGTH) {
    const found = bytes instanceof Uint8Array ? `${bytes.length} bytes` : typeof nonce;
    throw new GpuError("NONCE_INVALID", { expected: `${NONCE_LENGTH} bytes`, found });
  }
  return toHex(bytes);
}

function toPem(chain: unknown): Uint8Array {
  if (typeof chain === "string") return toUtf8(chain);
  if (chain instanceof Uint8Array) return chain;
  throw new GpuError("EVIDENCE_MALFORMED", {
    subject: "chain",
    expected: "PEM",
    found: typeof chain,
  });
}

/** GPUs and NVSwitches report different things, under certificates of different names. */
function checkArchitecture(
  said: Architecture | undefined,
  { device }: DeviceChain,
  { opaque }: GpuReport,
): void {
  const { architecture } = device;
  const mismatch = (subject: string, found: string) =>
    new GpuError("ARCHITECTURE_MISMATCH", { subject, expected: architecture, found });
  if (said !== undefined && said !== architecture) throw mismatch("arch", said);
  const isSwitch = architecture === "LS10";
  if (isSwitch === (opaque.driverVersion !== undefined)) {
    throw mismatch("report", isSwitch ? "a driver version" : "no driver version");
  }
  if (opaque.chip !== undefined && architectureOf(opaque.chip) !== architecture) {
    throw mismatch("chip info", opaque.chip);
  }
}

function checkFwid(fwid: Hex | undefined, found: Hex | undefined): boolean {
  if (fwid === undefined) return false;
  if (found === undefined) throw new GpuError("FWID_MISSING", { expected: fwid });
  if (found !== fwid) throw new GpuError("FWID_MISMATCH", { expected: found, found: fwid });
  return true;
}

/** As `authenticate`, with everything that is the same for several devices read already. */
export function authenticateOne(
  evidence: GpuEvidence,
  trust: {
    readonly at: number;
    readonly nonce: Hex;
    readonly root: TrustedRoot;
    readonly chainCache: DeviceChainCache | undefined;
  },
): { readonly authentic: AuthenticReport; readonly chain: DeviceChain } {
  const { root, at } = trust;
  const report = parseReport(evidence.report);
  const chain = verifyDeviceChain(toPem(evidence.chain), root, trust.chainCache ?? sharedCache);
  for (const period of chain.periods) checkPeriod(period, at);
  checkArchitecture(evidence.architecture, chain, report);
  const { crypto } = root;
  if (!crypto.verifyP384(chain.leaf.key, report.signature, report.signedRegion)) {
    throw new GpuError("REPORT_SIGNATURE_INVALID", { subject: chain.identity.model });
  }
  const isFwidChecked = checkFwid(report.opaque.fwid, chain.fwid);
  const expected = fromHex(trust.nonce) as Uint8Array;
  if (!equalBytes(fromHex(report.nonce) as Uint8Array, expected)) {
    throw new GpuError("NONCE_MISMATCH", { expected: trust.nonce, found: report.nonce });
  }
  const { architecture, chip } = chain.device;
  const { identity, links } = chain;
  const authentic = Object.freeze({
    report,
    architecture,
    chip,
    identity,
    links,
    isFwidChecked,
  });
  return { authentic, chain };
}

/**
 * Verifies a report's chain, signature, firmware id and nonce alone: that a genuine device signed
 * it for this nonce. What the device runs, and whether it is revoked, is not checked: this serves
 * to learn which RIMs to fetch.
 *
 * Errors: those of `docs/errors.md` for reports, certificates, FWID and nonce.
 */
export function authenticate(evidence: GpuEvidence, options: AuthenticateOptions): AuthenticReport {
  const crypto = options.crypto ?? defaultBackend;
  return authenticateOne(evidence, {
    at: toSeconds(options.at),
    nonce: readNonce(options.nonce),
    root: loadTrustedRoot(options.root, crypto),
    chainCache: options.chainCache,
  }).authentic;
}
