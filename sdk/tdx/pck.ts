import { type Hex, toHex } from "../bytes.ts";
import type { Certificate } from "../x509/certificate.ts";
import { DerError, DerReader, Tag } from "../x509/der.ts";
import { TdxError } from "./errors.ts";
import { SGX_EXTENSION } from "./x509.ts";

/** What a PCK certificate says of its platform. */
export interface PckPlatform {
  /** Platform provisioning id, 16 bytes: the same for every PCK certificate of one machine. */
  readonly ppid: Hex;
  /** Platform type, 6 bytes. */
  readonly fmspc: Hex;
  /** Provisioning certification enclave id, 2 bytes. */
  readonly pceId: Hex;
  /** SVNs of the 16 SGX TCB components. */
  readonly sgxTcbComponents: readonly number[];
  readonly pceSvn: number;
  readonly cpuSvn: Hex;
  readonly sgxType: "Standard" | "Scalable" | "ScalableWithIntegrity";
  /** Present where the Platform CA issued the certificate. */
  readonly platformInstanceId?: Hex;
  readonly dynamicPlatform?: boolean;
  readonly cachedKeys?: boolean;
  readonly smtEnabled?: boolean;
}

/** Every field's identifier begins with the extension's own. */
const SGX = SGX_EXTENSION;
const SGX_TYPES = ["Standard", "Scalable", "ScalableWithIntegrity"] as const;

/** Reads `SEQUENCE { OID, value }` fields by the last arc of their identifier, none twice. */
function readFields(reader: DerReader, prefix: string, limit: number): Map<number, DerReader> {
  const fields = new Map<number, DerReader>();
  while (!reader.done) {
    const field = reader.enter(Tag.SEQUENCE);
    const oid = field.oid();
    const arc = Number.parseInt(oid.slice(prefix.length), 16);
    const known = oid.startsWith(prefix) && oid.length === prefix.length + 2;
    if (!known || arc < 1 || arc > limit) throw new DerError(`an unknown field ${oid}`);
    if (fields.has(arc)) throw new DerError(`field ${arc} occurs twice`);
    fields.set(arc, field);
  }
  return fields;
}

function take(fields: Map<number, DerReader>, arc: number, name: string): DerReader {
  const field = fields.get(arc);
  if (field === undefined) throw new DerError(`no ${name}`);
  return field;
}

function octets(field: DerReader, length: number, name: string): Hex {
  const { content } = field.read(Tag.OCTET_STRING);
  field.end();
  if (content.length !== length) throw new DerError(`a ${name} that is not ${length} bytes long`);
  return toHex(content);
}

function integer(field: DerReader, max: number): number {
  const value = field.number(max);
  field.end();
  return value;
}

function flag(fields: Map<number, DerReader>, arc: number): boolean | undefined {
  const field = fields.get(arc);
  if (field === undefined) return undefined;
  const value = field.boolean();
  field.end();
  return value;
}

function readTcb(field: DerReader): Pick<PckPlatform, "sgxTcbComponents" | "pceSvn" | "cpuSvn"> {
  const fields = readFields(field.enter(Tag.SEQUENCE), `${SGX}02`, 18);
  field.end();
  const sgxTcbComponents = Array.from({ length: 16 }, (_, index) =>
    integer(take(fields, index + 1, `TCB component ${index + 1}`), 255),
  );
  return {
    sgxTcbComponents: Object.freeze(sgxTcbComponents),
    pceSvn: integer(take(fields, 17, "PCE SVN"), 65_535),
    cpuSvn: octets(take(fields, 18, "CPU SVN"), 16, "CPU SVN"),
  };
}

function readConfiguration(field: DerReader) {
  const fields = readFields(field.enter(Tag.SEQUENCE), `${SGX}07`, 3);
  field.end();
  const dynamicPlatform = flag(fields, 1);
  const cachedKeys = flag(fields, 2);
  const smtEnabled = flag(fields, 3);
  return {
    ...(dynamicPlatform === undefined ? {} : { dynamicPlatform }),
    ...(cachedKeys === undefined ? {} : { cachedKeys }),
    ...(smtEnabled === undefined ? {} : { smtEnabled }),
  };
}

function read(extension: Uint8Array): PckPlatform {
  const outer = new DerReader(extension);
  const fields = readFields(outer.enter(Tag.SEQUENCE), SGX, 7);
  outer.end();
  const type = take(fields, 5, "SGX type");
  const sgxType = SGX_TYPES[type.number(2, Tag.ENUMERATED)];
  type.end();
  if (sgxType === undefined) throw new DerError("an unknown SGX type");
  const instance = fields.get(6);
  const configuration = fields.get(7);
  return Object.freeze({
    ppid: octets(take(fields, 1, "PPID"), 16, "PPID"),
    ...readTcb(take(fields, 2, "TCB")),
    pceId: octets(take(fields, 3, "PCE id"), 2, "PCE id"),
    fmspc: octets(take(fields, 4, "FMSPC"), 6, "FMSPC"),
    sgxType,
    ...(instance === undefined
      ? {}
      : { platformInstanceId: octets(instance, 16, "platform instance id") }),
    ...(configuration === undefined ? {} : readConfiguration(configuration)),
  });
}

/**
 * Reads the SGX extension of a PCK certificate (Intel SGX PCK Certificate and CRL Profile
 * Specification, section 2.3.5): every required field once, nothing unknown, exact lengths.
 *
 * Errors: `PCK_EXTENSION_MALFORMED`.
 */
export function readPckPlatform(certificate: Certificate, subject: string): PckPlatform {
  const extension = certificate.extensions.get(SGX_EXTENSION);
  try {
    if (extension === undefined) throw new DerError("no SGX extension");
    return read(extension.value);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new TdxError("PCK_EXTENSION_MALFORMED", { subject, found: error.message });
  }
}
