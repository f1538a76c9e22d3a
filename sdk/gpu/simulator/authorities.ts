import type { Architecture } from "../architecture.ts";
import {
  type Authority,
  encodeName,
  issue,
  type TemplateEdit,
  type Validity,
} from "./certificates.ts";
import type { Derivation } from "./keys.ts";

function validity(notBefore: string, notAfter: string): Validity {
  return { notBefore: Date.parse(notBefore) / 1000, notAfter: Date.parse(notAfter) / 1000 };
}

/** Device certificates never expire, as NVIDIA's; revocation is what ends them. */
export const DEVICE_VALIDITY = validity("2021-11-05T00:00:00Z", "9999-12-31T23:59:59Z");
/** RIM signers would live for two years; a development deployment must not die of old age. */
const RIM_VALIDITY = validity("2023-05-11T00:00:00Z", "2049-05-11T23:59:59Z");

/** Chips that the simulator makes, one of each architecture. */
export const CHIPS = {
  HOPPER: "GH100",
  BLACKWELL: "GB100",
  LS10: "LS_10",
} as const satisfies Record<Architecture, string>;

/** Above a device's own certificates. */
export interface DeviceAuthorities {
  readonly root: Authority;
  readonly family: Authority;
  readonly provisioner: Authority;
}

/** Above a RIM, and its signer. */
export interface RimAuthorities {
  readonly root: Authority;
  /** Signer first, root last. */
  readonly chain: readonly Authority[];
}

export function createDeviceAuthorities(
  derivation: Derivation,
  architecture: Architecture,
): DeviceAuthorities {
  // As with NVIDIA's, one family serves Hopper and its NVSwitches.
  const family = architecture === "BLACKWELL" ? CHIPS.BLACKWELL : CHIPS.HOPPER;
  const make = (label: string, name: string, issuer: Authority | undefined): Authority =>
    issue({
      name: encodeName(name),
      serial: Uint8Array.of(1, ...derivation.bytes(`serial/${label}`, 15)),
      key: derivation.key(label),
      issuer,
      validity: DEVICE_VALIDITY,
      kind: "ca",
    });
  const root = make("device-root", "Chainseal Device Identity CA", undefined);
  const familyCa = make(`family/${family}`, `Chainseal ${family} Identity`, root);
  const chip = CHIPS[architecture];
  const provisioner = make(`provisioner/${chip}`, `Chainseal ${chip} Provisioner ICA 1`, familyCa);
  return { root, family: familyCa, provisioner };
}

export interface RimSignerOptions {
  /** When the RIM's signer may sign. */
  readonly validity?: Validity;
  /** Changes the signer's certificate before it is signed. */
  readonly editSigner?: TemplateEdit;
  /** Key label of the signer; another label is another signer. Default `rim-signer`. */
  readonly signerLabel?: string;
}

export function createRimAuthorities(
  derivation: Derivation,
  options: RimSignerOptions = {},
): RimAuthorities {
  const make = (
    label: string,
    name: string,
    kind: "ca" | "last ca" | "leaf",
    issuer: Authority | undefined,
    period = RIM_VALIDITY,
    edit?: TemplateEdit,
  ): Authority =>
    issue({
      name: encodeName(name),
      serial: Uint8Array.of(1, ...derivation.bytes(`serial/${label}`, 15)),
      key: derivation.key(label),
      issuer,
      validity: period,
      kind,
      edit,
    });
  const root = make("rim-root", "Chainseal RIM Root CA", "ca", undefined);
  const ca = make("rim-ca", "Chainseal Reference Value CA", "ca", root);
  const last = make("rim-last-ca", "Chainseal Reference Value L3", "last ca", ca);
  const signer = make(
    options.signerLabel ?? "rim-signer",
    "Chainseal RIM L4 Signer",
    "leaf",
    last,
    options.validity ?? RIM_VALIDITY,
    options.editSigner,
  );
  return { root, chain: [signer, last, ca, root] };
}
