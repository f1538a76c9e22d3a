import { type Hex, readU16, readU32, toHex } from "../bytes.ts";
import { GpuError } from "./errors.ts";

/** A status byte: on, off, or something that neither is. */
export type Status = "on" | "off" | "invalid";

/**
 * What a device says of itself in the signed part of its report. PDIs (per-device identifiers, 8
 * bytes) are all in the order of bytes in which certificates have them.
 */
export interface OpaqueData {
  readonly driverVersion?: string;
  /** Of a GPU, such as 96.00.9F.00.01, or of an NVSwitch's BIOS. */
  readonly vbiosVersion?: string;
  readonly nvdec0Status?: Status;
  readonly boardId?: number;
  readonly chipSku?: string;
  readonly project?: string;
  readonly projectSku?: string;
  /** Digest of the firmware, 48 bytes; drivers before 550 do not give it. */
  readonly fwid?: Hex;
  readonly protectedPcieStatus?: Status;
  /** Of a GPU: the NVSwitch at the other end of each of 18 NVLinks. */
  readonly switchPdis?: readonly Hex[];
  /** Of an NVSwitch: its own. */
  readonly devicePdi?: Hex;
  /** Of an NVSwitch: those of the 8 GPUs that it connects. */
  readonly gpuPdis?: readonly Hex[];
  readonly version?: number;
  /** Such as GB100; the driver RIM's id has it. */
  readonly chip?: string;
  /** 0 single GPU, 1 several GPUs over encrypted NVLink, 2 protected PCIe. */
  readonly featureFlag?: number;
}

const SUPPORTED_VERSION = 1;
const PDI_LENGTH = 8;
const SWITCH_PDIS_LENGTH = 18 * PDI_LENGTH;
const GPU_PDIS_LENGTH = 128;
const GPU_PDI_COUNT = 8;

type Fields = { -readonly [Name in keyof OpaqueData]: OpaqueData[Name] };
type Read = (value: Uint8Array, subject: string) => Fields;

function malformed(subject: string, expected: string, found: string): GpuError {
  return new GpuError("REPORT_OPAQUE_MALFORMED", { subject, expected, found });
}

function expectLength(value: Uint8Array, length: number, subject: string): void {
  if (value.length !== length) throw malformed(subject, `${length} bytes`, `${value.length} bytes`);
}

/** Printable ASCII, then nothing but NUL. */
function readText(value: Uint8Array, subject: string): string {
  let text = "";
  let end = value.length;
  while (end > 0 && value[end - 1] === 0) end--;
  for (const byte of value.subarray(0, end)) {
    if (byte < 0x20 || byte > 0x7e) throw malformed(subject, "printable ASCII", "other bytes");
    text += String.fromCharCode(byte);
  }
  return text;
}

function readStatus(value: Uint8Array, subject: string): Status {
  expectLength(value, 1, subject);
  if (value[0] === 0xaa) return "on";
  return value[0] === 0x55 ? "off" : "invalid";
}

const reversed = (bytes: Uint8Array): Uint8Array => bytes.slice().reverse();

/**
 * Of a GPU 8 bytes, most significant last, of which the second half and the byte before it make
 * five numbers: 00 9f 00 96 01 00 00 00 is 96.00.9F.00.01. Of an NVSwitch the text itself.
 */
function readVbiosVersion(value: Uint8Array, subject: string): string {
  if (value.length !== 8) return readText(value, subject).toUpperCase();
  const hex = toHex(reversed(value)).slice(2).toUpperCase();
  const digits = hex.slice(8) + hex.slice(6, 8);
  return (digits.match(/../g) ?? []).join(".");
}

function split(value: Uint8Array, read: (bytes: Uint8Array) => Hex): readonly Hex[] {
  const count = value.length / PDI_LENGTH;
  return Object.freeze(
    Array.from({ length: count }, (_, i) =>
      read(value.subarray(i * PDI_LENGTH, (i + 1) * PDI_LENGTH)),
    ),
  );
}

/** Type 22: 18 PDIs, bytes reversed, in a GPU's report; one, as it is, in an NVSwitch's. */
function readPdis(value: Uint8Array, subject: string): Fields {
  if (value.length === PDI_LENGTH) return { devicePdi: toHex(value) };
  expectLength(value, SWITCH_PDIS_LENGTH, subject);
  return { switchPdis: split(value, (bytes) => toHex(reversed(bytes))) };
}

/** Type 26: the PDIs of 8 GPUs, then a map of ports that is not looked at. */
function readGpuPdis(value: Uint8Array, subject: string): Fields {
  expectLength(value, GPU_PDIS_LENGTH, subject);
  return { gpuPdis: split(value.subarray(0, GPU_PDI_COUNT * PDI_LENGTH), toHex) };
}

function readVersion(value: Uint8Array, subject: string): Fields {
  expectLength(value, 2, subject);
  const version = readU16(value, 0);
  if (version > SUPPORTED_VERSION) {
    throw new GpuError("REPORT_OPAQUE_VERSION_UNSUPPORTED", {
      subject,
      expected: `at most ${SUPPORTED_VERSION}`,
      found: version,
    });
  }
  return { version };
}

const shown: Read = () => ({});

/** Every type that NVIDIA's SDK defines but 255 (invalid); an unknown one could mean anything. */
const TYPES: ReadonlyMap<number, readonly [name: string, read: Read]> = new Map([
  [1, ["issuer", shown]],
  [2, ["authority key identifier", shown]],
  [3, ["driver version", (value, subject) => ({ driverVersion: readText(value, subject) })]],
  [4, ["GPU info", shown]],
  [5, ["SKU", shown]],
  [6, ["VBIOS version", (value, subject) => ({ vbiosVersion: readVbiosVersion(value, subject) })]],
  [7, ["manufacturer", shown]],
  [8, ["tamper detection", shown]],
  [9, ["SMC", shown]],
  [10, ["VPR", shown]],
  [11, ["NVDEC0 status", (value, subject) => ({ nvdec0Status: readStatus(value, subject) })]],
  [12, ["measurement counts", shown]],
  [13, ["CPR info", shown]],
  [
    14,
    [
      "board id",
      (value, subject) => {
        expectLength(value, 4, subject);
        return { boardId: readU32(value, 0) };
      },
    ],
  ],
  [15, ["chip SKU", (value, subject) => ({ chipSku: readText(value, subject) })]],
  [16, ["chip SKU modifier", shown]],
  [17, ["project", (value, subject) => ({ project: readText(value, subject) })]],
  [18, ["project SKU", (value, subject) => ({ projectSku: readText(value, subject) })]],
  [19, ["project SKU modifier", shown]],
  [
    20,
    [
      "FWID",
      (value, subject) => {
        expectLength(value, 48, subject);
        return { fwid: toHex(value) };
      },
    ],
  ],
  [
    21,
    [
      "protected PCIe status",
      (value, subject) => ({ protectedPcieStatus: readStatus(value, subject) }),
    ],
  ],
  [22, ["PDIs of NVSwitches", readPdis]],
  [23, ["floorswept ports", shown]],
  [24, ["position", shown]],
  [25, ["lock status", shown]],
  [26, ["PDIs of GPUs", readGpuPdis]],
  [27, ["switch ports", shown]],
  [32, ["GPU link connections", shown]],
  [33, ["system enable status", shown]],
  [34, ["opaque data version", readVersion]],
  [35, ["chip info", (value, subject) => ({ chip: readText(value, subject) })]],
  [
    36,
    [
      "feature flag",
      (value, subject) => {
        expectLength(value, 2, subject);
        return { featureFlag: readU16(value, 0) };
      },
    ],
  ],
]);

/**
 * Reads the opaque data of a report: `type u16 | size u16 | data`, repeated, little-endian.
 *
 * Errors: `REPORT_OPAQUE_MALFORMED`, `REPORT_OPAQUE_TYPE_UNKNOWN`,
 * `REPORT_OPAQUE_VERSION_UNSUPPORTED`.
 */
export function readOpaqueData(bytes: Uint8Array): OpaqueData {
  const fields: Fields = {};
  const seen = new Set<number>();
  for (let offset = 0; offset < bytes.length; ) {
    if (offset + 4 > bytes.length) throw malformed("opaque data", "type and size", "its end");
    const type = readU16(bytes, offset);
    const size = readU16(bytes, offset + 2);
    const [name, read] = TYPES.get(type) ?? [];
    if (name === undefined || read === undefined) {
      throw new GpuError("REPORT_OPAQUE_TYPE_UNKNOWN", { subject: "opaque data", found: type });
    }
    const subject = `${name}, type ${type}`;
    offset += 4;
    if (offset + size > bytes.length) {
      throw malformed(subject, `${size} bytes`, `${bytes.length - offset} bytes`);
    }
    if (seen.has(type)) throw malformed(subject, "one", "a second");
    seen.add(type);
    Object.assign(fields, read(bytes.subarray(offset, offset + size), subject));
    offset += size;
  }
  return Object.freeze(fields);
}
