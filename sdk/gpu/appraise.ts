import type { AuthenticReport } from "./authenticate.ts";
import { defaultBackend } from "./crypto.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import { type Comparison, compareMeasurements } from "./measurements.ts";
import { toSeconds } from "./period.ts";
import { Rim, readRim } from "./rim.ts";
import { type NeededRim, neededRims } from "./rim-id.ts";
import { loadTrustedRoot, type TrustedRoot } from "./root.ts";

const MAX_RIMS = 256;

function toRim(rim: unknown, root: TrustedRoot): Rim {
  if (!Rim.isGenuine(rim)) return readRim(rim, root);
  if (rim.root.fingerprint === root.fingerprint) return rim;
  throw new GpuError("RIM_ROOT_MISMATCH", {
    expected: root.fingerprint,
    found: rim.root.fingerprint,
  });
}

function toRims(rims: unknown, root: TrustedRoot): readonly Rim[] {
  if (Array.isArray(rims) && rims.length <= MAX_RIMS)
    return Array.from(rims, (rim) => toRim(rim, root));
  throw new GpuError("RIM_NOT_CREATED", {
    expected: `a list of at most ${MAX_RIMS} RIMs`,
    found: Array.isArray(rims) ? `${rims.length}` : typeof rims,
  });
}

/** What one device measured, against the RIMs of its versions. */
export interface Appraisal {
  readonly rims: readonly { readonly id: string; readonly rim: Rim }[];
  readonly measurements: Comparison;
}

/** Finds for each device the one RIM of the exact version, and of the id where RIMs have theirs. */
export class RimFinder {
  readonly #rims: readonly Rim[];
  /** The versions that any device here asks for. */
  readonly #versions: ReadonlySet<string>;

  constructor(devices: readonly AuthenticReport[], rims: unknown, root: TrustedRoot) {
    this.#rims = toRims(rims, root);
    const needed = devices.flatMap(({ architecture, report }) =>
      neededRims(architecture, report.opaque),
    );
    this.#versions = new Set(needed.map(({ version }) => version.toUpperCase()));
  }

  #find({ part, id, version }: NeededRim): Rim {
    const candidates = this.#rims.filter((rim) => rim.id === undefined || rim.id === id);
    const [first, ...others] = candidates.filter(
      (rim) => rim.version.toUpperCase() === version.toUpperCase(),
    );
    if (first === undefined) {
      // One that no part of any device here asks for must have been meant for this one.
      const strays = candidates.filter((rim) => !this.#versions.has(rim.version.toUpperCase()));
      throw new GpuError(strays.length === 0 ? "RIM_MISSING" : "RIM_VERSION_MISMATCH", {
        subject: `${part} RIM ${id}`,
        expected: version,
        found: strays.map((rim) => rim.version).join(", ") || "no RIM",
      });
    }
    const other = others.find((rim) => rim.sha256 !== first.sha256);
    if (other === undefined) return first;
    const expected = `one RIM for ${id}`;
    throw new GpuError("RIM_AMBIGUOUS", { expected, found: `${first.sha256}, ${other.sha256}` });
  }

  /** Compares a device's measurements with those of its RIMs, which must be valid at the time. */
  appraise({ architecture, report }: AuthenticReport, at: number): Appraisal {
    const rims = neededRims(architecture, report.opaque).map((needed) => ({
      id: needed.id,
      rim: this.#find(needed),
    }));
    for (const { rim } of rims) rim.checkTime(at);
    const measurements = compareMeasurements(
      report,
      rims.map(({ rim }) => rim),
      architecture,
    );
    return { rims, measurements };
  }
}

export interface AppraiseOptions {
  /** The time to judge at: a Date, or whole seconds since 1970. It is never read from the clock. */
  readonly at: Date | number;
  /** The root that RIM signers chain to, DER or PEM: `nvidiaRoots().rim` for released firmware. */
  readonly root: Uint8Array | string;
  /** Default: node:crypto where there is one, else JavaScript. */
  readonly crypto?: CryptoBackend;
}

/**
 * Compares what an authentic device measured with signed RIMs of its versions, alone: revocation,
 * topology and policy are not looked at, and what differs is an answer, not an error. This serves
 * to see why `verify` refuses.
 *
 * Errors: those of `docs/errors.md` for RIMs and measurements.
 */
export function appraise(
  device: AuthenticReport,
  rims: readonly (Rim | Uint8Array | string)[],
  options: AppraiseOptions,
): Appraisal {
  const root = loadTrustedRoot(options.root, options.crypto ?? defaultBackend);
  return new RimFinder([device], rims, root).appraise(device, toSeconds(options.at));
}
