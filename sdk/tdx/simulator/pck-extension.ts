import {
  boolean,
  enumerated,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from "../../x509/writer/der-writer.ts";
import { type Extension, extensionOids } from "../../x509/writer/extensions.ts";

/** What a PCK certificate says about its platform, each field at its full size. */
export interface PckFields {
  /** 16 bytes, unique to the processor package or platform. */
  readonly ppid: Uint8Array;
  /** 16 SVNs, 0 to 255: SGX TCB components 1 to 16. */
  readonly tcbComponents: readonly number[];
  readonly pceSvn: number;
  /** 16 bytes, the raw CPUSVN. */
  readonly cpuSvn: Uint8Array;
  /** 2 bytes. */
  readonly pceId: Uint8Array;
  /** 6 bytes: family, model, stepping, platform type and custom SKU. */
  readonly fmspc: Uint8Array;
  /** 0 standard, 1 scalable, 2 scalable with integrity. */
  readonly sgxType: number;
  /** 16 bytes; only under the Platform CA. */
  readonly platformInstanceId?: Uint8Array;
  /** Only under the Platform CA. */
  readonly configuration?: PckConfiguration;
}

export interface PckConfiguration {
  readonly dynamicPlatform: boolean;
  readonly cachedKeys: boolean;
  readonly smtEnabled: boolean;
}

/** One `SEQUENCE { OID, value }` of the SGX extension. */
export interface SgxField {
  readonly oid: string;
  /** DER of the value. */
  readonly value: Uint8Array;
}

const ROOT = extensionOids.sgx;

/**
 * Object identifiers below 1.2.840.113741.1.13.1 (Intel SGX PCK Certificate and CRL Profile, SGX
 * extensions):
 *
 * | arc  | field                | type                |
 * |------|----------------------|---------------------|
 * | 1    | PPID                 | OCTET STRING (16)   |
 * | 2    | TCB                  | SEQUENCE of fields  |
 * | 2.n  | component n, 1 to 16 | INTEGER             |
 * | 2.17 | PCESVN               | INTEGER             |
 * | 2.18 | CPUSVN               | OCTET STRING (16)   |
 * | 3    | PCE-ID               | OCTET STRING (2)    |
 * | 4    | FMSPC                | OCTET STRING (6)    |
 * | 5    | SGX type             | ENUMERATED          |
 * | 6    | platform instance id | OCTET STRING (16)   |
 * | 7    | configuration        | SEQUENCE of fields  |
 * | 7.1  | dynamic platform     | BOOLEAN             |
 * | 7.2  | cached keys          | BOOLEAN             |
 * | 7.3  | SMT enabled          | BOOLEAN             |
 */
export const sgxFieldOids = {
  ppid: `${ROOT}.1`,
  tcb: `${ROOT}.2`,
  pceSvn: `${ROOT}.2.17`,
  cpuSvn: `${ROOT}.2.18`,
  pceId: `${ROOT}.3`,
  fmspc: `${ROOT}.4`,
  sgxType: `${ROOT}.5`,
  platformInstanceId: `${ROOT}.6`,
  configuration: `${ROOT}.7`,
} as const;

/** The identifier of TCB component `number`, 1 to 16. */
export function tcbComponentOid(number: number): string {
  return `${sgxFieldOids.tcb}.${number}`;
}

/** The fields inside TCB, in Intel's order: 18, given 16 components. */
export function tcbFields(pck: PckFields): SgxField[] {
  return [
    ...pck.tcbComponents.map((svn, index) => ({
      oid: tcbComponentOid(index + 1),
      value: integer(svn),
    })),
    { oid: sgxFieldOids.pceSvn, value: integer(pck.pceSvn) },
    { oid: sgxFieldOids.cpuSvn, value: octetString(pck.cpuSvn) },
  ];
}

/** The fields of the extension, in Intel's order, with `tcb` as the fields inside TCB. */
export function sgxFields(pck: PckFields, tcb: readonly SgxField[] = tcbFields(pck)): SgxField[] {
  const fields: SgxField[] = [
    { oid: sgxFieldOids.ppid, value: octetString(pck.ppid) },
    { oid: sgxFieldOids.tcb, value: encodeSgxFields(tcb) },
    { oid: sgxFieldOids.pceId, value: octetString(pck.pceId) },
    { oid: sgxFieldOids.fmspc, value: octetString(pck.fmspc) },
    { oid: sgxFieldOids.sgxType, value: enumerated(pck.sgxType) },
  ];
  if (pck.platformInstanceId !== undefined) {
    fields.push({
      oid: sgxFieldOids.platformInstanceId,
      value: octetString(pck.platformInstanceId),
    });
  }
  if (pck.configuration !== undefined) {
    fields.push({
      oid: sgxFieldOids.configuration,
      value: encodeConfiguration(pck.configuration),
    });
  }
  return fields;
}

/** `SEQUENCE OF SEQUENCE { OID, value }`. */
export function encodeSgxFields(fields: readonly SgxField[]): Uint8Array {
  return sequence(...fields.map(({ oid, value }) => sequence(objectIdentifier(oid), value)));
}

/** The SGX extension, not critical, as in Intel's leaves. */
export function sgxExtension(fields: readonly SgxField[]): Extension {
  return { oid: extensionOids.sgx, critical: false, value: encodeSgxFields(fields) };
}

function encodeConfiguration(configuration: PckConfiguration): Uint8Array {
  const { dynamicPlatform, cachedKeys, smtEnabled } = configuration;
  return encodeSgxFields(
    [dynamicPlatform, cachedKeys, smtEnabled].map((flag, index) => ({
      oid: `${sgxFieldOids.configuration}.${index + 1}`,
      value: boolean(flag),
    })),
  );
}
