import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateTemplate,
  createSimulator,
  crlDistributionPoint,
  der,
  type Extension,
  encodeName,
  encodeSgxFields,
  extensionOids,
  issueCertificate,
  keyUsage,
  type Name,
  names,
  sgxExtension,
  sgxFieldOids,
  sgxFields,
  subjectKeyIdentifier,
  tcbComponentOid,
  toPemChain,
  withExtension,
  withoutExtension,
} from "../../../../sdk/tdx/simulator/index.ts";
import { at, hex, readAll } from "./der-reader.ts";
import { intelPckPem, intelPlatformCaPem, intelRootPem } from "./intel-samples.ts";

const simulator = createSimulator({ seed: "certificates" });
const platform = simulator.platform();
const { root, platformCa, processorCa, tcbSigner } = simulator.authorities;

function parse(certificate: Uint8Array): X509Certificate {
  return new X509Certificate(certificate);
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}

/** The signed part that a template gives, whoever signs it. */
function tbsOf(template: CertificateTemplate): string {
  return hex(at(issueCertificate(template), 0).raw);
}

function intelName(commonName: string): Name {
  return {
    commonName,
    organization: "Intel Corporation",
    locality: "Santa Clara",
    state: "CA",
    country: "US",
  };
}

describe("simulated certificates", () => {
  describe("have the form of Intel's, byte for byte", () => {
    const rootId = Buffer.from("22650cd65a9d3489f383b49552bf501b392706ac", "hex");
    const caId = Buffer.from("956f5dcdbd1be1e94049c9d4f433ce01570bde54", "hex");
    const rootCrlUri = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
    const point = (pem: string) => parse(Buffer.from(pem)).raw;

    function intelTemplate(
      pem: string,
      fields: Pick<CertificateTemplate, "serial" | "notBefore" | "notAfter" | "extensions">,
      issuer: string,
      subject: string,
    ): CertificateTemplate {
      const publicKeyInfo = at(point(pem), 0, 6);
      return {
        ...fields,
        issuer: intelName(issuer),
        subject: intelName(subject),
        publicKey: at(publicKeyInfo.raw, 1).contents.subarray(1),
        signer: simulator.key("anyone"),
      };
    }

    it("the root", () => {
      const template = intelTemplate(
        intelRootPem,
        {
          serial: rootId,
          notBefore: seconds("2018-05-21T10:45:10Z"),
          notAfter: seconds("2049-12-31T23:59:59Z"),
          extensions: [
            authorityKeyIdentifier(rootId),
            crlDistributionPoint(rootCrlUri),
            subjectKeyIdentifier(rootId),
            keyUsage("keyCertSign", "crlSign"),
            basicConstraints({ ca: true, pathLength: 1 }),
          ],
        },
        "Intel SGX Root CA",
        "Intel SGX Root CA",
      );
      assert.equal(tbsOf(template), hex(at(point(intelRootPem), 0).raw));
    });

    it("the platform CA", () => {
      const template = intelTemplate(
        intelPlatformCaPem,
        {
          serial: caId,
          notBefore: seconds("2018-05-21T10:50:10Z"),
          notAfter: seconds("2033-05-21T10:50:10Z"),
          extensions: [
            authorityKeyIdentifier(rootId),
            crlDistributionPoint(rootCrlUri),
            subjectKeyIdentifier(caId),
            keyUsage("keyCertSign", "crlSign"),
            basicConstraints({ ca: true, pathLength: 0 }),
          ],
        },
        "Intel SGX Root CA",
        "Intel SGX PCK Platform CA",
      );
      assert.equal(tbsOf(template), hex(at(point(intelPlatformCaPem), 0).raw));
    });

    it("a PCK certificate with its SGX extension", () => {
      const pck = {
        ppid: Buffer.from("089ddfdb9c0359c82a3bc7719239574e", "hex"),
        tcbComponents: [3, 3, 2, 2, 2, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0],
        pceSvn: 11,
        cpuSvn: Buffer.from("03030202020100020000000000000000", "hex"),
        pceId: Buffer.from("0000", "hex"),
        fmspc: Buffer.from("50806f000000", "hex"),
        sgxType: 1,
        platformInstanceId: Buffer.from("8c314d17d205dfafcbecbb00fc87eff7", "hex"),
        configuration: { dynamicPlatform: true, cachedKeys: false, smtEnabled: true },
      };
      const template = intelTemplate(
        intelPckPem,
        {
          serial: Buffer.from("bba6c175d838b8df3900cc3411f24f512d104102", "hex"),
          notBefore: seconds("2022-09-20T13:20:31Z"),
          notAfter: seconds("2029-09-20T13:20:31Z"),
          extensions: [
            authorityKeyIdentifier(caId),
            crlDistributionPoint(
              "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
            ),
            subjectKeyIdentifier(Buffer.from("cd5067cacfa14dbac38100eb48969377f87400ad", "hex")),
            keyUsage("digitalSignature", "nonRepudiation"),
            basicConstraints({ ca: false }),
            sgxExtension(sgxFields(pck)),
          ],
        },
        "Intel SGX PCK Platform CA",
        "Intel SGX PCK Certificate",
      );
      assert.equal(tbsOf(template), hex(at(point(intelPckPem), 0).raw));
    });
  });

  describe("make chains that Node's X.509 code accepts", () => {
    const links: readonly [string, Uint8Array, Uint8Array][] = [
      ["root", root.certificate, root.certificate],
      ["platform CA", platformCa.certificate, root.certificate],
      ["processor CA", processorCa.certificate, root.certificate],
      ["TCB signer", tcbSigner.certificate, root.certificate],
      ["PCK of the platform CA", platform.pckCertificate, platformCa.certificate],
      [
        "PCK of the processor CA",
        simulator.platform({ ca: "processor" }).pckCertificate,
        processorCa.certificate,
      ],
    ];
    for (const [title, subject, issuer] of links) {
      it(title, () => {
        const [certificate, parent] = [parse(subject), parse(issuer)];
        assert.ok(certificate.checkIssued(parent));
        assert.ok(certificate.verify(parent.publicKey));
        const opened = seconds(certificate.validFrom) <= simulator.at;
        assert.ok(opened && simulator.at <= seconds(certificate.validTo));
      });
    }

    it("CAs are CAs, and end entities are not", () => {
      const cas = [root, platformCa, processorCa].map(({ certificate }) => parse(certificate).ca);
      const ends = [tcbSigner.certificate, platform.pckCertificate].map((one) => parse(one).ca);
      assert.deepEqual(
        [cas, ends],
        [
          [true, true, true],
          [false, false],
        ],
      );
    });

    it("serials have 20 bytes and, for what the root signs, are the key's identifier", () => {
      for (const { serial, keyIdentifier, certificate } of [root, platformCa, tcbSigner]) {
        assert.deepEqual(serial, keyIdentifier);
        assert.equal(parse(certificate).serialNumber.toLowerCase(), hex(serial));
        assert.equal(serial.length, 20);
      }
      assert.equal(parse(platform.pckCertificate).serialNumber.toLowerCase(), hex(platform.serial));
      assert.equal(platform.serial.length, 20);
    });

    it("names follow Intel's pattern and are nobody else's", () => {
      assert.match(parse(root.certificate).subject, /^CN=Chainseal SGX Root CA$/m);
      assert.match(parse(root.certificate).subject, /^O=Chainseal Development$/m);
      assert.match(parse(platform.pckCertificate).subject, /^CN=.*SGX PCK Certificate$/m);
      assert.match(parse(platform.pckCertificate).issuer, /^CN=.*SGX PCK Platform CA$/m);
      for (const { certificate } of [root, platformCa, processorCa, tcbSigner]) {
        assert.doesNotMatch(Buffer.from(certificate).toString("latin1"), /intel/i);
      }
    });

    it("PEM is what Node writes", () => {
      assert.equal(simulator.rootCertificatePem, parse(root.certificate).toString());
      assert.equal(
        platform.pckChainPem,
        platform.pckChain.map((certificate) => parse(certificate).toString()).join(""),
      );
    });
  });

  describe("say of a platform", () => {
    /** Object identifiers of the SGX extension's fields, as DER in hex. */
    function fieldsOf(certificate: Uint8Array): string[] {
      const extensions = readAll(at(certificate, 0, 7, 0).contents);
      const sgx = extensions.at(-1);
      assert.ok(sgx);
      const value = at(sgx.raw, 1).contents;
      return readAll(at(value).contents).map((field) => hex(at(field.raw, 0).raw));
    }
    const oid = (dotted: string) => hex(der.objectIdentifier(dotted));

    it("seven things under the platform CA, five under the processor CA", () => {
      const seven = Object.values({ ...sgxFieldOids, pceSvn: "", cpuSvn: "" }).filter(Boolean);
      assert.deepEqual(fieldsOf(platform.pckCertificate), seven.map(oid));
      const processor = simulator.platform({ ca: "processor" });
      assert.deepEqual(fieldsOf(processor.pckCertificate), seven.slice(0, 5).map(oid));
      assert.equal(processor.pck.sgxType, 0);
    });

    it("what its options say", () => {
      const { pck, pckCertificate, serial, fmspc, pceId } = simulator.platform({
        fmspc: "0x00806F050000",
        pceId: "0a0b",
        ppid: "11".repeat(16),
        tcbComponents: [255, 128, ...Array<number>(14).fill(1)],
        pceSvn: 300,
        cpuSvn: "22".repeat(16),
        sgxType: 2,
        platformInstanceId: "33".repeat(16),
        configuration: { dynamicPlatform: false, cachedKeys: true, smtEnabled: false },
        serial: "7f01",
        validity: { notBefore: seconds("2025-01-01T00:00:00Z"), notAfter: 2_600_000_000 },
      });
      assert.deepEqual([fmspc, pceId, hex(serial)], ["00806f050000", "0a0b", "7f01"]);
      assert.equal(pck.pceSvn, 300);
      const written = hex(pckCertificate);
      for (const field of [
        `${oid(sgxFieldOids.fmspc)}040600806f050000`,
        `${oid(sgxFieldOids.pceId)}04020a0b`,
        `${oid(sgxFieldOids.ppid)}0410${"11".repeat(16)}`,
        `${oid(tcbComponentOid(1))}020200ff`,
        `${oid(tcbComponentOid(2))}02020080`,
        `${oid(tcbComponentOid(16))}020101`,
        `${oid(sgxFieldOids.pceSvn)}0202012c`,
        `${oid(sgxFieldOids.cpuSvn)}0410${"22".repeat(16)}`,
        `${oid(sgxFieldOids.sgxType)}0a0102`,
        `${oid(sgxFieldOids.platformInstanceId)}0410${"33".repeat(16)}`,
        `${oid(`${sgxFieldOids.configuration}.2`)}0101ff`,
      ]) {
        assert.ok(written.includes(field), field);
      }
      assert.equal(parse(pckCertificate).validFrom, "Jan  1 00:00:00 2025 GMT");
      assert.equal(at(pckCertificate, 0, 4, 1).tag, 0x18, "GeneralizedTime from 2050");
    });

    it("nothing that a test takes out, and twice what it doubles", () => {
      const withoutFmspc = simulator.platform({
        editSgxFields: (fields) => fields.filter((field) => field.oid !== sgxFieldOids.fmspc),
      });
      assert.ok(!hex(withoutFmspc.pckCertificate).includes(oid(sgxFieldOids.fmspc)));

      const doubled = simulator.platform({
        editTcbFields: (fields) => [...fields, ...fields.slice(0, 1)],
      });
      const component = oid(tcbComponentOid(1));
      assert.equal(hex(doubled.pckCertificate).split(component).length, 3);
      assert.ok(parse(doubled.pckCertificate).verify(parse(platformCa.certificate).publicKey));
    });

    it("refuses a field of the wrong size by its name", () => {
      assert.throws(() => simulator.platform({ fmspc: "00" }), {
        name: "SimulatorError",
        option: "fmspc",
        expected: "6 bytes",
        found: 1,
      });
      assert.throws(() => simulator.platform({ ppid: "xy" }), { option: "ppid" });
      assert.throws(() => simulator.platform({ tcbComponents: [1] }), { option: "tcbComponents" });
    });
  });

  describe("can be false", () => {
    const rootKey = parse(root.certificate).publicKey;

    it("an intermediate of the right names and key identifiers, signed by another key", () => {
      const forged = parse(
        issueCertificate({ ...platformCa.template, signer: simulator.key("mallory") }),
      );
      assert.ok(forged.checkIssued(parse(root.certificate)));
      assert.ok(!forged.verify(rootKey));
    });

    it("an intermediate that is no CA", () => {
      const certificate = issueCertificate({
        ...platformCa.template,
        extensions: withExtension(platformCa.template.extensions, basicConstraints({ ca: false })),
      });
      assert.equal(parse(certificate).ca, false);
      assert.ok(parse(certificate).verify(rootKey));
    });

    it("a leaf used as a CA", () => {
      const leaf = issueCertificate({
        ...platform.template,
        issuer: names.pck,
        signer: platform.pckKey,
      });
      assert.ok(parse(leaf).verify(parse(platform.pckCertificate).publicKey));
    });

    it("an unknown critical extension", () => {
      const unknown: Extension = { oid: "1.2.3.4", critical: true, value: der.integer(1) };
      const certificate = issueCertificate({
        ...platform.template,
        extensions: [...platform.template.extensions, unknown],
      });
      assert.ok(hex(certificate).includes("300d06032a0304"));
      assert.ok(hex(certificate).includes("0101ff0403020101"));
    });

    it("an extension left out, given as bytes, or none at all", () => {
      const { template } = tcbSigner;
      const bare = withoutExtension(template.extensions, extensionOids.keyUsage);
      assert.equal(bare.length, template.extensions.length - 1);
      const raw = der.sequence(der.integer(7));
      const certificate = issueCertificate({ ...template, extensions: [...bare, raw] });
      assert.ok(hex(certificate).includes(hex(raw)));
      const none = issueCertificate({ ...template, extensions: [], version: 1 });
      assert.ok(parse(none).verify(rootKey));
      assert.equal(readAll(at(none, 0).contents).length, 6);
      const version2 = issueCertificate({ ...template, version: 2 });
      assert.equal(hex(at(version2, 0, 0).raw), "a003020101");
    });

    it("DER that is not canonical, with a signature that holds", () => {
      const { template } = tcbSigner;
      // The version's length in two octets where one is enough.
      const editTbs = (tbs: Uint8Array) => {
        const [version, ...rest] = readAll(at(tbs).contents);
        assert.ok(version);
        const long = Uint8Array.of(0xa0, 0x81, ...version.raw.subarray(1));
        return der.sequence(long, ...rest.map(({ raw }) => raw));
      };
      const certificate = issueCertificate({ ...template, editTbs });
      assert.ok(hex(certificate).includes("a08103020102"));
      assert.ok(parse(certificate).verify(rootKey));
    });

    it("bytes changed after signing", () => {
      const certificate = issueCertificate({
        ...tcbSigner.template,
        edit: (bytes) => Uint8Array.of(...bytes, 0),
      });
      assert.equal(certificate.length, tcbSigner.certificate.length + 1);
    });

    it("a name given as DER, or a PCK certificate of another name", () => {
      const name = { ...names.pck, commonName: "Someone" };
      const issued = issueCertificate({ ...platform.template, subject: encodeName(name) });
      assert.match(parse(issued).subject, /^CN=Someone$/m);
      const other = simulator.platform({
        editCertificate: (template) => ({ ...template, subject: name }),
      });
      assert.deepEqual(other.pckCertificate, issued);
      assert.ok(other.pckChainPem.startsWith(toPemChain(issued)));
    });

    it("an SGX extension of fields in any order", () => {
      const fields = [...sgxFields(platform.pck)].reverse();
      assert.equal(hex(sgxExtension(fields).value), hex(encodeSgxFields(fields)));
      assert.notEqual(hex(encodeSgxFields(fields)), hex(encodeSgxFields(sgxFields(platform.pck))));
    });
  });

  it("take other validity windows", () => {
    const validity = { notBefore: 1_700_000_000, notAfter: 1_700_000_001 };
    const short = createSimulator({
      seed: "certificates",
      validity: { platformCa: validity, root: validity },
    });
    for (const name of ["platformCa", "root"] as const) {
      const certificate = parse(short.authorities[name].certificate);
      assert.equal(seconds(certificate.validFrom), validity.notBefore);
      assert.equal(seconds(certificate.validTo), validity.notAfter);
    }
    assert.deepEqual(short.authorities.tcbSigner.certificate, tcbSigner.certificate);
  });
});
