import { type Hex, toHex } from "../bytes.ts";
import type { Certificate } from "../x509/certificate.ts";
import { DerError, DerReader, Tag } from "../x509/der.ts";
import { GpuError } from "./errors.ts";

/** 2.23.133.5.4.1, which Hopper and LS10 have: the composite device id of early DICE profiles. */
const COMPOSITE_DEVICE_ID = "678105050401";
/** 2.23.133.5.4.1.1, which Blackwell has: DiceTcbInfo. */
const TCB_INFO = "67810505040101";
const SHA384 = "608648016503040202";
const FWID_LENGTH = 48;
/** `fwids [6] IMPLICIT SEQUENCE OF FWID` of DiceTcbInfo. */
const FWIDS = 0xa6;

/** FWID ::= SEQUENCE { hashAlg OBJECT IDENTIFIER, digest OCTET STRING }, with SHA-384. */
function readFwid(reader: DerReader): Hex {
  const fwid = reader.enter(Tag.SEQUENCE);
  if (fwid.oid() !== SHA384) throw new DerError("a digest other than SHA-384");
  const { content } = fwid.read(Tag.OCTET_STRING);
  fwid.end();
  if (content.length !== FWID_LENGTH) throw new DerError("a digest of another length");
  return toHex(content);
}

/** SEQUENCE { version INTEGER (1), deviceID SubjectPublicKeyInfo, fwid FWID }. */
function readCompositeDeviceId(value: Uint8Array): Hex {
  const outer = new DerReader(value);
  const fields = outer.enter(Tag.SEQUENCE);
  outer.end();
  if (fields.number(255) !== 1) throw new DerError("a version other than 1");
  fields.read(Tag.SEQUENCE);
  const fwid = readFwid(fields);
  fields.end();
  return fwid;
}

/** The first of the FWIDs: the second may be all zero. Fields ascend by their tags. */
function readTcbInfo(value: Uint8Array): Hex {
  const outer = new DerReader(value);
  const fields = outer.enter(Tag.SEQUENCE);
  outer.end();
  let fwid: Hex | undefined;
  let last = -1;
  while (!fields.done) {
    const field = fields.read();
    const number = field.tag & 0x1f;
    if (field.tag < 0x80 || number <= last) throw new DerError("fields out of order");
    last = number;
    if (field.tag !== FWIDS) continue;
    const list = new DerReader(field.content);
    fwid = readFwid(list);
    while (!list.done) readFwid(list);
  }
  if (fwid === undefined) throw new DerError("no FWID");
  return fwid;
}

/**
 * The FWID that a leaf certificate carries (TCG DICE Attestation Architecture, 6.1.1): the digest
 * of the firmware to which its key was given. `undefined` when it carries none; when it carries it
 * in both forms, they must agree.
 *
 * Errors: `FWID_MALFORMED`.
 */
export function readCertificateFwid(leaf: Certificate, subject: string): Hex | undefined {
  const composite = leaf.extensions.get(COMPOSITE_DEVICE_ID);
  const tcbInfo = leaf.extensions.get(TCB_INFO);
  try {
    const one = composite && readCompositeDeviceId(composite.value);
    const other = tcbInfo && readTcbInfo(tcbInfo.value);
    if (one !== undefined && other !== undefined && one !== other) {
      throw new DerError("two FWIDs that differ");
    }
    return one ?? other;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new GpuError("FWID_MALFORMED", { subject, found: error.message });
  }
}
