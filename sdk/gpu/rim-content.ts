import { fromHex, type Hex, toHex } from "../bytes.ts";
import { GpuError } from "./errors.ts";
import { attributeOf, childElements, type XmlElement } from "./xml/node.ts";

/** ISO/IEC 19770-2:2015, software identification tags. */
const SWID = "http://standards.iso.org/iso/19770/-2/2015/schema.xsd";
/** The namespace of the hash attributes, as TCG's RIM information model names it. */
const SHA384 = "http://www.w3.org/2001/04/xmlenc#sha384";
const HASH_LENGTH = 48;
const MAX_INDEX = 255;
/** NVIDIA's have up to 4. */
const MAX_ALTERNATIVES = 32;

/** A golden measurement: what the device may report for one index. */
export interface GoldenMeasurement {
  readonly index: number;
  /** Bytes. */
  readonly size: number;
  readonly alternatives: readonly Hex[];
  readonly name: string;
}

/** What a RIM says, of its active measurements only. */
export interface RimContent {
  /** The driver's or the VBIOS' version, as the tag spells it. */
  readonly version: string;
  /** Such as GH100; empty where the tag does not say. */
  readonly product: string;
  readonly tagId: string;
  readonly measurements: ReadonlyMap<number, GoldenMeasurement>;
}

function malformed(subject: string, expected: string, found: string | undefined): GpuError {
  return new GpuError("RIM_MALFORMED", { subject, expected, found: found ?? "none" });
}

function only(parent: XmlElement, local: string): XmlElement {
  const found = childElements(parent).filter((one) => one.local === local && one.uri === SWID);
  const [element] = found;
  if (element === undefined || found.length > 1) {
    throw malformed(local, "one", String(found.length));
  }
  return element;
}

function text(element: XmlElement, name: string): string {
  const value = attributeOf(element, name);
  if (value === undefined || value === "") {
    throw malformed(`${element.local}: ${name}`, "a value", value);
  }
  return value;
}

function number(element: XmlElement, name: string, max: number): number {
  const value = attributeOf(element, name);
  if (value === undefined || !/^\d{1,5}$/.test(value) || Number(value) > max) {
    throw malformed(`Resource: ${name}`, `a whole number up to ${max}`, value);
  }
  return Number(value);
}

function readHash(resource: XmlElement, name: string): Hex {
  const value = attributeOf(resource, name, SHA384);
  const bytes = value !== undefined && !value.startsWith("0x") ? fromHex(value) : undefined;
  if (bytes?.length !== HASH_LENGTH) {
    throw malformed(`Resource: ${name}`, `${HASH_LENGTH} bytes in hex`, value);
  }
  return toHex(bytes);
}

/** Reads a measurement whole, active or not: half-read ones would hide mistakes. */
function readResource(resource: XmlElement): { measurement: GoldenMeasurement; isActive: boolean } {
  const index = number(resource, "index", MAX_INDEX);
  const count = number(resource, "alternatives", MAX_ALTERNATIVES);
  if (count === 0) throw malformed("Resource: alternatives", "at least 1", "0");
  const size = number(resource, "size", 65_535);
  const active = text(resource, "active");
  if (active !== "True" && active !== "False") {
    throw malformed("Resource: active", "True or False", active);
  }
  const alternatives = Array.from({ length: count }, (_, i) => readHash(resource, `Hash${i}`));
  const name = attributeOf(resource, "name") ?? "";
  const measurement = { index, size, alternatives: Object.freeze(alternatives), name };
  return { measurement: Object.freeze(measurement), isActive: active === "True" };
}

function readPayload(payload: XmlElement): ReadonlyMap<number, GoldenMeasurement> {
  const active = new Map<number, GoldenMeasurement>();
  const seen = new Set<number>();
  for (const resource of childElements(payload)) {
    if (resource.local !== "Resource" || resource.uri !== SWID) {
      throw malformed("Payload", "Resource", resource.local);
    }
    if (attributeOf(resource, "type") !== "Measurement") continue;
    const { measurement, isActive } = readResource(resource);
    const { index } = measurement;
    if (seen.has(index)) throw new GpuError("RIM_INDEX_DUPLICATE", { found: index });
    seen.add(index);
    if (isActive) active.set(index, measurement);
  }
  if (active.size === 0) throw new GpuError("RIM_EMPTY");
  return active;
}

/**
 * Reads a software identification tag (ISO/IEC 19770-2) with TCG's reference integrity
 * measurements: one Meta with a version, one Payload of measurements. A measurement counts where
 * `active` is "True"; an index may occur once, also among those that do not count.
 *
 * Errors: `RIM_MALFORMED`, `RIM_INDEX_DUPLICATE`, `RIM_EMPTY`.
 */
export function readRimContent(root: XmlElement): RimContent {
  if (root.local !== "SoftwareIdentity" || root.uri !== SWID) {
    throw malformed("root element", "SoftwareIdentity", root.local);
  }
  const meta = only(root, "Meta");
  return Object.freeze({
    version: text(meta, "colloquialVersion"),
    product: attributeOf(meta, "product") ?? "",
    tagId: attributeOf(root, "tagId") ?? "",
    measurements: readPayload(only(root, "Payload")),
  });
}
