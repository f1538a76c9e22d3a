import { keccak_256 } from "@noble/hashes/sha3.js";
import { BoundedCache } from "../bounded-cache.ts";
import { concatBytes, type Hex, toHex } from "../bytes.ts";
import { type Certificate, KeyUsage } from "../x509/certificate.ts";
import { type DeviceName, readDeviceName } from "./architecture.ts";
import type { CryptoBackend } from "./crypto-backend.ts";
import { GpuError } from "./errors.ts";
import { readCertificateFwid } from "./fwid.ts";
import { certificatePeriod, type Period } from "./period.ts";
import { encodePublicKey } from "./public-key.ts";
import { expectRoot, type TrustedRoot } from "./root.ts";
import { type ChainLink, decodePemChain, type Issuer, readIssuer, verifyIssuedBy } from "./x509.ts";

const NAMES = [
  "leaf certificate",
  "identity certificate",
  "provisioner certificate",
  "family certificate",
  "root",
] as const;

/** Which device it is. The leaf's key and serial (`ueid`) change with firmware; these do not. */
export interface DeviceIdentity {
  /** keccak256 of the identity certificate's SubjectPublicKeyInfo. */
  readonly deviceId: Hex;
  /** Serial number of the identity certificate. */
  readonly serial: Hex;
  /** Per-device identifier, 8 bytes: the serial number without its first byte. */
  readonly pdi: Hex | undefined;
  /** Common name of the identity certificate, such as `GH100 A01 GSP BROM`. */
  readonly model: string;
}

/** A device's chain to the trusted root, whose every signature has been verified. */
export interface DeviceChain {
  readonly crypto: CryptoBackend;
  readonly leaf: Issuer;
  /** Whose revocation is asked for, each with who issued it: all but the leaf and the root. */
  readonly links: readonly ChainLink[];
  readonly periods: readonly Period[];
  readonly device: DeviceName;
  readonly identity: DeviceIdentity;
  readonly fwid: Hex | undefined;
}

/**
 * Verified device chains, by the SHA-256 of their certificates. A device keeps its chain until its
 * firmware changes, so most reports need no chain verification at all.
 */
export class DeviceChainCache extends BoundedCache<DeviceChain> {
  /** @param limit The most chains that are kept; about 10 KB each. */
  constructor(limit = 1024) {
    super(limit);
  }
}

/** First byte of the serial numbers of GPUs and of NVSwitches; the PDI follows it. */
const PDI_PREFIXES = { HOPPER: "41", BLACKWELL: "41", LS10: "50" } as const;

function identityOf({ serial, publicKey, subject }: Certificate, name: DeviceName): DeviceIdentity {
  const hasPdi = serial.length === 18 && serial.startsWith(PDI_PREFIXES[name.architecture]);
  return Object.freeze({
    deviceId: toHex(keccak_256(encodePublicKey(publicKey))),
    serial: `0x${serial}` as const,
    pdi: hasPdi ? (`0x${serial.slice(2)}` as const) : undefined,
    model: subject.commonName,
  });
}

/** The two certificates that the device itself holds must be of one chip, each in its place. */
function readNames(leaf: Certificate, identity: Certificate): DeviceName {
  const name = readDeviceName(identity.subject.commonName, NAMES[1]);
  const other = readDeviceName(leaf.subject.commonName, NAMES[0]);
  if (name.part !== "BROM" || other.part !== "FMC LF" || name.chip !== other.chip) {
    throw new GpuError("CERTIFICATE_SUBJECT_UNEXPECTED", {
      subject: NAMES[0],
      expected: `the firmware of ${identity.subject.commonName}`,
      found: leaf.subject.commonName,
    });
  }
  return name;
}

function verify(ders: readonly Uint8Array[], root: TrustedRoot): DeviceChain {
  const { crypto } = root;
  const read = (index: number): Issuer =>
    readIssuer(ders[index] as Uint8Array, NAMES[index] as string, crypto);
  const [leaf, identity, provisioner, family] = [read(0), read(1), read(2), read(3)] as const;
  const { certificate } = leaf;
  if (certificate.isCa || (certificate.keyUsage & KeyUsage.DIGITAL_SIGNATURE) === 0) {
    throw new GpuError("CERTIFICATE_USAGE_FORBIDDEN", {
      subject: NAMES[0],
      expected: "a certificate for signing data",
      found: certificate.isCa ? "a CA" : "a key usage without digitalSignature",
    });
  }
  verifyIssuedBy(family, root, NAMES[3], crypto);
  verifyIssuedBy(provisioner, family, NAMES[2], crypto);
  verifyIssuedBy(identity, provisioner, NAMES[1], crypto);
  verifyIssuedBy(leaf, identity, NAMES[0], crypto);
  const device = readNames(certificate, identity.certificate);
  return Object.freeze({
    crypto,
    leaf,
    links: Object.freeze([
      Object.freeze({ name: NAMES[1], subject: identity, issuer: provisioner, crypto }),
      Object.freeze({ name: NAMES[2], subject: provisioner, issuer: family, crypto }),
      Object.freeze({ name: NAMES[3], subject: family, issuer: root, crypto }),
    ]),
    periods: Object.freeze(
      [leaf, identity, provisioner, family, root].map((issuer, index) =>
        certificatePeriod(NAMES[index] as string, issuer.certificate),
      ),
    ),
    device,
    identity: identityOf(identity.certificate, device),
    fwid: readCertificateFwid(certificate, NAMES[0]),
  });
}

/**
 * Verifies a device's certificate chain: leaf (the key that signs reports), identity, provisioner,
 * family, root. Validity periods and revocation are the caller's to check, since they depend on the
 * time; everything checked here holds for ever.
 */
export function verifyDeviceChain(
  pem: Uint8Array,
  root: TrustedRoot,
  cache: DeviceChainCache,
): DeviceChain {
  const { crypto, fingerprint } = root;
  const subject = "device chain";
  const ders = decodePemChain(pem, subject);
  const last = ders[ders.length - 1];
  if (last === undefined || ders.length !== NAMES.length) {
    throw new GpuError("CHAIN_LENGTH_UNEXPECTED", {
      subject,
      expected: NAMES.length,
      found: ders.length,
    });
  }
  expectRoot(last, root, subject);
  const key = `${fingerprint}:${toHex(crypto.sha256(concatBytes(...ders)))}`;
  const known = cache.get(key);
  if (known?.crypto === crypto) return known;
  const chain = verify(ders, root);
  cache.set(key, chain);
  return chain;
}
