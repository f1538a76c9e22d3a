import assert from "node:assert/strict";
import { verify } from "node:crypto";
import {
  authorityKeyIdentifier,
  createSimulator,
  crlNumber,
  deltaCrlIndicator,
  der,
  extensionOids,
  issueCrl,
  type Name,
  names,
  withoutExtension,
} from "../../../../sdk/tdx/simulator/index.ts";
import { at, hex, readAll } from "./der-reader.ts";
import { intelRootCrl } from "./intel-samples.ts";
import { nodeKey } from "./quote-reader.ts";

const simulator = createSimulator({ seed: "crl" });
const { root, platformCa, processorCa } = simulator.authorities;
const platform = simulator.platform();

/** TBSCertList of version 2 with entries: version, algorithm, issuer, two times, entries, [0]. */
const ISSUER = 2;
const ENTRIES = 5;

function entriesOf(crl: Uint8Array): string[] {
  return readAll(at(crl, 0, ENTRIES).contents).map(({ raw }) => hex(at(raw, 0).raw));
}

function isSignedBy(
  crl: Uint8Array,
  authority: { readonly key: { readonly publicKey: Uint8Array } },
) {
  const signature = at(crl, 2).contents.subarray(1);
  return verify("sha256", at(crl, 0).raw, nodeKey(authority.key.publicKey), signature);
}

describe("simulated CRLs", () => {
  it("have the form of Intel's, byte for byte", () => {
    const issuer: Name = {
      commonName: "Intel SGX Root CA",
      organization: "Intel Corporation",
      locality: "Santa Clara",
      state: "CA",
      country: "US",
    };
    const crl = issueCrl({
      issuer,
      signer: simulator.key("anyone"),
      thisUpdate: Date.parse("2023-04-03T10:22:51Z") / 1000,
      nextUpdate: Date.parse("2024-04-02T10:22:51Z") / 1000,
      entries: [],
      extensions: [
        crlNumber(1),
        authorityKeyIdentifier(Buffer.from("22650cd65a9d3489f383b49552bf501b392706ac", "hex")),
      ],
    });
    assert.equal(hex(at(crl, 0).raw), hex(at(Buffer.from(intelRootCrl, "hex"), 0).raw));
  });

  it("are signed by their issuer", () => {
    assert.ok(isSignedBy(issueCrl(simulator.crlTemplate("root")), root));
    assert.ok(isSignedBy(issueCrl(simulator.crlTemplate("platform")), platformCa));
    assert.ok(isSignedBy(issueCrl(simulator.crlTemplate("processor")), processorCa));
  });

  it("are those of the collateral", () => {
    const collateral = simulator.collateral({ ca: "processor", revokedPck: [platform.serial] });
    const template = simulator.crlTemplate("processor", [platform.serial]);
    assert.equal(collateral.pck_crl, hex(issueCrl(template)));
    assert.equal(collateral.root_ca_crl, hex(issueCrl(simulator.crlTemplate("root"))));
  });

  it("write an entry as Intel does: serial, date, key compromise", () => {
    const crl = issueCrl(simulator.crlTemplate("platform", [Uint8Array.of(0x9b, 1)]));
    const date = hex(der.time(simulator.at - 86_400));
    assert.equal(
      hex(at(crl, 0, ENTRIES).raw),
      `30243022${"0203009b01"}${date}300c300a0603551d1504030a0101`,
    );
  });

  it("fill up to 129 entries, each another serial, the revoked one in the middle", () => {
    const crl = issueCrl(simulator.crlTemplate("platform", [platform.serial], { size: 129 }));
    const entries = entriesOf(crl);
    assert.equal(entries.length, 129);
    assert.equal(new Set(entries).size, 129);
    assert.equal(entries.indexOf(hex(der.integer(platform.serial))), 64);
    assert.ok(isSignedBy(crl, platformCa));
    assert.throws(() => simulator.crlTemplate("platform", [platform.serial], { size: 0 }), {
      option: "size",
      expected: "at least 1",
      found: 0,
    });
  });

  it("take dates, number and reason", () => {
    const template = simulator.crlTemplate("root", [simulator.serials.tcbSigner], {
      thisUpdate: 1_700_000_000,
      nextUpdate: 1_700_086_400,
      number: 2n ** 70n,
      reasonCode: 4,
    });
    const written = hex(issueCrl(template));
    assert.ok(written.includes(hex(der.time(1_700_000_000)) + hex(der.time(1_700_086_400))));
    assert.ok(written.includes("0603551d14040b020940"));
    assert.ok(written.includes("04030a0104"));
    const silent = simulator.crlTemplate("root", [simulator.serials.tcbSigner], {
      reasonCode: null,
    });
    assert.ok(!hex(issueCrl(silent)).includes("0603551d15"));
  });

  it("take entries with a date, reason and extensions of their own", () => {
    const crl = issueCrl(
      simulator.crlTemplate("platform", [
        {
          serial: Uint8Array.of(5),
          revocationDate: 1_600_000_000,
          reasonCode: 8,
          extensions: [{ oid: "1.2.3", critical: true, value: der.integer(0) }],
        },
      ]),
    );
    const entry = hex(at(crl, 0, ENTRIES, 0).raw);
    assert.ok(entry.includes(hex(der.time(1_600_000_000))));
    assert.ok(entry.includes("04030a0108"));
    assert.ok(entry.endsWith("06022a030101ff0403020100"));
  });

  it("can be false: other issuer, other signer, no extensions, a delta, no next update", () => {
    const template = simulator.crlTemplate("platform");
    const other = issueCrl({ ...template, issuer: names.processorCa });
    assert.notDeepEqual(at(other, 0, ISSUER).raw, at(issueCrl(template), 0, ISSUER).raw);
    assert.ok(!isSignedBy(issueCrl({ ...template, signer: simulator.key("mallory") }), platformCa));

    const bare = issueCrl({ ...template, extensions: [], nextUpdate: null, version: 1 });
    assert.equal(readAll(at(bare, 0).contents).length, 3);
    const anonymous = withoutExtension(template.extensions, extensionOids.authorityKeyIdentifier);
    assert.ok(!hex(issueCrl({ ...template, extensions: anonymous })).includes("0603551d23"));
    const delta = issueCrl({
      ...template,
      extensions: [...template.extensions, deltaCrlIndicator(1)],
    });
    assert.ok(hex(delta).includes("300d0603551d1b0101ff0403020101"));
    assert.ok(isSignedBy(delta, platformCa));
  });

  it("can be edited before and after signing", () => {
    const template = simulator.crlTemplate("platform");
    const edited = issueCrl({
      ...template,
      editTbs: (tbs) =>
        der.sequence(...readAll(at(tbs).contents).map(({ raw }) => raw), der.integer(1)),
    });
    assert.ok(hex(at(edited, 0).raw).endsWith("020101"));
    assert.ok(isSignedBy(edited, platformCa));
    assert.deepEqual(issueCrl({ ...template, edit: () => Uint8Array.of(1) }), Uint8Array.of(1));
  });
});
