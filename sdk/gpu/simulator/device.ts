import { concatBytes, type Hex, toHex } from "../../bytes.ts";
import {
  element,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from "../../x509/writer/der-writer.ts";
import type { Extension } from "../../x509/writer/extensions.ts";
import type { Architecture } from "../architecture.ts";
import type { GpuEvidence } from "../evidence.ts";
import { CHIPS, createDeviceAuthorities, DEVICE_VALIDITY } from "./authorities.ts";
import {
  type Authority,
  encodeName,
  issue,
  publicKeyInfo,
  type TemplateEdit,
  toPemChain,
} from "./certificates.ts";
import { blockCounts, goldenIndexes, goldenValue, kindOf } from "./golden.ts";
import { type Derivation, keyIdentifier, type SigningKey } from "./keys.ts";
import * as opaque from "./opaque-builder.ts";
import { buildReport, type ReportParts } from "./report-builder.ts";

export interface DeviceOptions {
  /** Default HOPPER. */
  readonly architecture?: Architecture;
  /** Which device it is: another label, another device. Default `device`. */
  readonly label?: string;
  /** Default 550.90.07; an NVSwitch has none. */
  readonly driverVersion?: string;
  /** Default 96.00.9F.00.01, of Blackwell 97.00.88.00.0F, of LS10 96.10.55.00.01. */
  readonly vbiosVersion?: string;
  /** What the leaf certificate says of the firmware; `null` leaves the extension out. */
  readonly certificateFwid?: Uint8Array | null;
  /** Change the device's own certificates before they are signed. */
  readonly editLeaf?: TemplateEdit;
  readonly editIdentity?: TemplateEdit;
}

export interface ReportOptions
  extends Partial<Pick<ReportParts, "responderNonce" | "signer" | "editSigned" | "edit">> {
  /** Replaces values of measurements, by golden index. */
  readonly measurements?: Readonly<Record<number, Uint8Array>>;
  /** How many blocks there are. Default 64, of an NVSwitch 31. */
  readonly blockCount?: number;
  /** Replaces or adds fields of the opaque data, by type; `null` leaves one out. */
  readonly opaque?: Readonly<Record<number, Uint8Array | null>>;
}

export interface Device {
  readonly architecture: Architecture;
  readonly serial: Hex;
  /** 8 bytes. */
  readonly pdi: Uint8Array;
  readonly fwid: Uint8Array;
  readonly driverVersion: string | undefined;
  readonly vbiosVersion: string;
  /** Leaf, identity, provisioner, family, root. */
  readonly chain: readonly Authority[];
  readonly chainPem: string;
  report(nonce: Uint8Array, options?: ReportOptions): Uint8Array;
  evidence(nonce: Uint8Array, options?: ReportOptions): GpuEvidence;
}

const DEFAULT_VBIOS = {
  HOPPER: "96.00.9F.00.01",
  BLACKWELL: "97.00.88.00.0F",
  LS10: "96.10.55.00.01",
} as const;

const SHA384 = "2.16.840.1.101.3.4.2.2";

function fwidSequence(fwid: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(SHA384), octetString(fwid));
}

/** The DICE extension of the leaf, in the form of the architecture. */
function fwidExtension(architecture: Architecture, fwid: Uint8Array, key: SigningKey): Extension {
  if (architecture !== "BLACKWELL") {
    const value = sequence(integer(1), publicKeyInfo(key.publicKey), fwidSequence(fwid));
    return { oid: "2.23.133.5.4.1", critical: false, value };
  }
  const fwids = element(0xa6, fwidSequence(fwid), fwidSequence(new Uint8Array(48)));
  const value = sequence(implicit(3, Uint8Array.of(1)), fwids);
  return { oid: "2.23.133.5.4.1.1", critical: false, value };
}

function opaqueFields(
  device: Pick<Device, "architecture" | "driverVersion" | "vbiosVersion" | "fwid" | "pdi">,
): Map<number, Uint8Array> {
  const types = opaque.opaqueTypes;
  if (device.architecture === "LS10") {
    return new Map([
      [types.vbiosVersion, opaque.text(device.vbiosVersion, device.vbiosVersion.length)],
      [types.pdis, device.pdi],
    ]);
  }
  return new Map([
    [types.vbiosVersion, opaque.encodeVbiosVersion(device.vbiosVersion)],
    [types.boardId, Uint8Array.of(1, 2, 0, 0)],
    [types.chipSku, opaque.text("882", 9)],
    [types.project, opaque.text("1010", 5)],
    [types.projectSku, opaque.text("0200", 5)],
    [types.driverVersion, opaque.text(device.driverVersion ?? "")],
    [types.nvdec0Status, opaque.status(false)],
    [types.fwid, device.fwid],
    [types.protectedPcieStatus, opaque.status(false)],
  ]);
}

function blocksOf(
  derivation: Derivation,
  device: Pick<Device, "architecture" | "driverVersion" | "vbiosVersion">,
  options: ReportOptions,
): Uint8Array[] {
  const { architecture } = device;
  const kind = kindOf(architecture);
  const versions = { driver: device.driverVersion ?? "", vbios: device.vbiosVersion };
  const values = new Map<number, Uint8Array>();
  for (const part of ["driver", "vbios"] as const) {
    for (const index of goldenIndexes[kind][part]) {
      values.set(index, goldenValue(derivation, architecture, part, versions[part], index));
    }
  }
  for (const [index, value] of Object.entries(options.measurements ?? {})) {
    values.set(Number(index), value);
  }
  const count = options.blockCount ?? blockCounts[kind];
  return Array.from({ length: count }, (_, i) => values.get(i) ?? new Uint8Array(48));
}

/** Makes a device: its keys and certificates, under this simulator's root. */
export function createDevice(derivation: Derivation, options: DeviceOptions = {}): Device {
  const architecture = options.architecture ?? "HOPPER";
  const label = `device/${architecture}/${options.label ?? "device"}`;
  const authorities = createDeviceAuthorities(derivation, architecture);
  const chip = CHIPS[architecture];
  const engine = architecture === "LS10" ? "FSP" : "GSP";
  const pdi = derivation.bytes(`pdi/${label}`, 8);
  const serial = concatBytes(Uint8Array.of(architecture === "LS10" ? 0x50 : 0x41), pdi);
  const identity = issue({
    name: encodeName(`${chip} A01 ${engine} BROM`, toHex(serial).slice(2).toUpperCase()),
    serial,
    key: derivation.key(`identity/${label}`),
    issuer: authorities.provisioner,
    validity: DEVICE_VALIDITY,
    kind: "ca",
    edit: options.editIdentity,
  });
  const fwid = derivation.bytes(`fwid/${architecture}`, 48);
  const leafKey = derivation.key(`leaf/${label}`);
  const certificateFwid = options.certificateFwid === undefined ? fwid : options.certificateFwid;
  const leaf = issue({
    name: encodeName(`${chip} A01 ${engine} FMC LF`),
    serial: Uint8Array.of(1, ...keyIdentifier(leafKey).subarray(1)),
    key: leafKey,
    issuer: identity,
    validity: DEVICE_VALIDITY,
    kind: "leaf",
    extensions:
      certificateFwid === null ? [] : [fwidExtension(architecture, certificateFwid, identity.key)],
    edit: options.editLeaf,
  });
  const chain = [leaf, identity, authorities.provisioner, authorities.family, authorities.root];
  const device = {
    architecture,
    serial: toHex(serial),
    pdi,
    fwid,
    driverVersion: architecture === "LS10" ? undefined : (options.driverVersion ?? "550.90.07"),
    vbiosVersion: options.vbiosVersion ?? DEFAULT_VBIOS[architecture],
    chain,
    chainPem: toPemChain(...chain),
  };
  const report = (nonce: Uint8Array, reportOptions: ReportOptions = {}): Uint8Array => {
    const fields = opaqueFields(device);
    for (const [type, data] of Object.entries(reportOptions.opaque ?? {})) {
      if (data === null) fields.delete(Number(type));
      else fields.set(Number(type), data);
    }
    return buildReport({
      nonce,
      responderNonce: derivation.bytes(`responder/${label}/${toHex(nonce)}`, 32),
      signer: leafKey,
      ...reportOptions,
      blocks: blocksOf(derivation, device, reportOptions),
      opaque: [...fields].map(([type, data]) => ({ type, data })),
    });
  };
  return {
    ...device,
    report,
    evidence: (nonce, reportOptions) => ({
      architecture,
      report: report(nonce, reportOptions),
      chain: device.chainPem,
    }),
  };
}
