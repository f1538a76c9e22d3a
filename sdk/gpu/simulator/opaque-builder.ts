import { concatBytes, fromHex, toUtf8 } from "../../bytes.ts";
import { SimulatorError } from "../../x509/writer/errors.ts";

/** One field of the opaque data: `type u16 | size u16 | data`. */
export interface OpaqueField {
  readonly type: number;
  readonly data: Uint8Array;
}

export const opaqueTypes = {
  driverVersion: 3,
  vbiosVersion: 6,
  nvdec0Status: 11,
  boardId: 14,
  chipSku: 15,
  project: 17,
  projectSku: 18,
  fwid: 20,
  protectedPcieStatus: 21,
  pdis: 22,
  gpuPdis: 26,
  version: 34,
  chip: 35,
  featureFlag: 36,
} as const;

const GPU_PDIS_LENGTH = 128;

export function encodeOpaqueData(fields: readonly OpaqueField[]): Uint8Array {
  return concatBytes(
    ...fields.flatMap(({ type, data }) => [
      Uint8Array.of(type & 255, type >> 8, data.length & 255, data.length >> 8),
      data,
    ]),
  );
}

/** ASCII with zeros up to `length`, at least one where no length is given. */
export function text(value: string, length = value.length + 1): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(toUtf8(value).subarray(0, length));
  return bytes;
}

function bytesOf(hex: string, option: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new SimulatorError(option, "hex", hex.slice(0, 80));
  return bytes;
}

/** 96.00.9F.00.01 as a GPU reports it: 00 9f 00 96 01 00 00 00. */
export function encodeVbiosVersion(version: string): Uint8Array {
  const parts = bytesOf(version.replaceAll(".", ""), "vbiosVersion");
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = parts;
  if (parts.length !== 5) throw new SimulatorError("vbiosVersion", "five hex numbers", version);
  return Uint8Array.of(d, c, b, a, e, 0, 0, 0);
}

export function status(isOn: boolean): Uint8Array {
  return Uint8Array.of(isOn ? 0xaa : 0x55);
}

/** The NVSwitch behind each of 18 NVLinks, given in turn, bytes reversed. */
export function encodeSwitchPdis(pdis: readonly Uint8Array[]): Uint8Array {
  const links = Array.from({ length: 18 }, (_, i) => pdis[i % pdis.length] ?? new Uint8Array(8));
  return concatBytes(...links.map((pdi) => pdi.slice().reverse()));
}

/** 8 GPUs, then fill. */
export function encodeGpuPdis(pdis: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(GPU_PDIS_LENGTH).fill(0xff);
  bytes.set(concatBytes(...pdis).subarray(0, 64));
  return bytes;
}
