import type { GpuEvidence } from "../evidence.ts";
import { createDeviceAuthorities, createRimAuthorities } from "./authorities.ts";
import type { Authority } from "./certificates.ts";
import { createDevice, type Device, type DeviceOptions, type ReportOptions } from "./device.ts";
import { createDerivation, type SigningKey } from "./keys.ts";
import { createNrasAnswer, type NrasOptions, type SimulatedNras } from "./nras.ts";
import { createOcspResponse, type OcspOptions } from "./ocsp.ts";
import { encodeGpuPdis, encodeSwitchPdis, opaqueTypes, status } from "./opaque-builder.ts";
import { createRimXml, type RimOptions, type SimulatedRim } from "./rim.ts";

export interface GpuSimulatorOptions {
  /** UTF-8 text or bytes. Not a secret: whoever knows it can sign as these roots. */
  readonly seed: string | Uint8Array;
  /** Unix seconds at which everything is fresh. Default 1780000000 (28 May 2026). */
  readonly at?: number;
}

/** The collateral of some devices, as `verify` takes it. */
export interface SimulatedCollateral {
  readonly rims: readonly string[];
  readonly ocsp: readonly Uint8Array[];
}

/** The machine of an HGX board in protected PCIe: 8 GPUs and 4 NVSwitches. */
export interface Hgx {
  readonly gpus: readonly Device[];
  readonly switches: readonly Device[];
  /** Evidence of all; `options` changes the report of the device at an index, GPUs first. */
  evidence(
    nonce: Uint8Array,
    options?: Readonly<Record<number, ReportOptions>>,
  ): readonly GpuEvidence[];
}

/** NVIDIA's device factory, RIM service, OCSP responder and NRAS, all in memory. */
export interface GpuSimulator {
  /** Unix seconds: the time to verify at. */
  readonly at: number;
  /** DER. The trust anchors; a function of the seed only. */
  readonly roots: { readonly device: Uint8Array; readonly rim: Uint8Array };
  /** A device. The same options give the same device. */
  device(options?: DeviceOptions): Device;
  hgx(options?: DeviceOptions): Hgx;
  rim(options: RimOptions): SimulatedRim;
  /** An OCSP response about a certificate of a chain, which begins with the leaf or the signer. */
  ocsp(chain: readonly Authority[], index: number, options?: OcspOptions): Uint8Array;
  /** RIMs and OCSP responses for these devices. */
  collateral(...devices: readonly Device[]): SimulatedCollateral;
  /** OCSP responses about all of a chain that is asked for: from `first` to the last but the root. */
  ocspOf(chain: readonly Authority[], first: 0 | 1, options?: OcspOptions): Uint8Array[];
  nras(options: NrasOptions): SimulatedNras;
  /** A key of this seed by its label, such as a forger's. */
  key(label: string): SigningKey;
}

const DEFAULT_AT = 1_780_000_000;

/**
 * A simulator of NVIDIA's devices and services under roots of its own. It proves nothing about a
 * machine: all of its keys are functions of a seed that developers share.
 *
 * Same seed and options, same bytes; another seed, other roots.
 *
 * @throws {SimulatorError} when the seed is empty, or for options that have no bytes.
 *
 * @example
 * ```ts
 * import { verify } from "chainseal/sdk/gpu";
 * import { createGpuSimulator } from "chainseal/sdk/gpu/simulator";
 *
 * const simulator = createGpuSimulator({ seed: "my test" });
 * const device = simulator.device();
 * const nonce = new Uint8Array(32).fill(7);
 * const result = verify(device.evidence(nonce), simulator.collateral(device), {
 *   roots: simulator.roots, nonce, at: simulator.at,
 * });
 * console.log(result.mode, result.devices[0]?.driverVersion); // SPT 550.90.07
 * ```
 */
export function createGpuSimulator(options: GpuSimulatorOptions): GpuSimulator {
  const derivation = createDerivation(options.seed);
  const at = options.at ?? DEFAULT_AT;
  const device = (deviceOptions?: DeviceOptions): Device => createDevice(derivation, deviceOptions);
  const rim = (rimOptions: RimOptions): SimulatedRim => createRimXml(derivation, rimOptions);

  const ocsp: GpuSimulator["ocsp"] = (chain, index, ocspOptions) => {
    const [subject, issuer] = [chain[index], chain[index + 1]] as [Authority, Authority];
    return createOcspResponse(derivation, at, subject, issuer, ocspOptions);
  };
  const ocspOf: GpuSimulator["ocspOf"] = (chain, first, ocspOptions) =>
    chain.slice(first, -1).map((_, i) => ocsp(chain, first + i, ocspOptions));

  const collateral = (...devices: readonly Device[]): SimulatedCollateral => {
    const rims = devices.flatMap(({ architecture, driverVersion, vbiosVersion }) => [
      ...(driverVersion === undefined
        ? []
        : [rim({ architecture, part: "driver", version: driverVersion })]),
      rim({ architecture, part: "vbios", version: vbiosVersion }),
    ]);
    const [first] = rims;
    return {
      rims: [...new Set(rims.map(({ xml }) => xml))],
      ocsp: [
        ...devices.flatMap(({ chain }) => ocspOf(chain, 1)),
        ...(first === undefined ? [] : ocspOf(first.chain, 0)),
      ],
    };
  };

  const hgx = (deviceOptions: DeviceOptions = {}): Hgx => {
    const make = (count: number, architecture: "HOPPER" | "LS10") =>
      Array.from({ length: count }, (_, i) =>
        device({
          ...(architecture === "HOPPER" ? deviceOptions : {}),
          architecture,
          label: `hgx/${i}`,
        }),
      );
    const gpus = make(8, "HOPPER");
    const switches = make(4, "LS10");
    const gpuFields = {
      [opaqueTypes.protectedPcieStatus]: status(true),
      [opaqueTypes.pdis]: encodeSwitchPdis(switches.map(({ pdi }) => pdi)),
      [opaqueTypes.version]: Uint8Array.of(1, 0),
      [opaqueTypes.featureFlag]: Uint8Array.of(2, 0),
    };
    const switchFields = { [opaqueTypes.gpuPdis]: encodeGpuPdis(gpus.map(({ pdi }) => pdi)) };
    return {
      gpus,
      switches,
      evidence: (nonce, changes = {}) =>
        [...gpus, ...switches].map((one, index) => {
          const own = one.architecture === "LS10" ? switchFields : gpuFields;
          const change = changes[index];
          return one.evidence(nonce, { ...change, opaque: { ...own, ...change?.opaque } });
        }),
    };
  };

  return {
    at,
    roots: {
      device: createDeviceAuthorities(derivation, "HOPPER").root.certificate,
      rim: createRimAuthorities(derivation).root.certificate,
    },
    device,
    hgx,
    rim,
    ocsp,
    ocspOf,
    collateral,
    nras: (nrasOptions) => createNrasAnswer(derivation, at, nrasOptions),
    key: (label) => derivation.key(label),
  };
}
