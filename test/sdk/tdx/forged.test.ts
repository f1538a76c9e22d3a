import assert from "node:assert/strict";
import {
  createCollateral,
  PckChainCache,
  type TdxErrorCode,
  verify,
} from "../../../sdk/tdx/index.ts";
import {
  authorityKeyIdentifier,
  basicConstraints,
  createSimulator,
  deltaCrlIndicator,
  der,
  extensionOids,
  issueCertificate,
  keyIdentifier,
  keyUsage,
  type PlatformOptions,
  type QuoteOptions,
  reasonCode,
  sgxFieldOids,
  subjectKeyIdentifier,
  tcbComponentOid,
  toPemChain,
  withExtension,
  withoutExtension,
} from "../../../sdk/tdx/simulator/index.ts";
import {
  collateralWithPckCa,
  collateralWithPckCrl,
  collateralWithRootCrl,
  collateralWithTcbSigner,
  quoteWithPck,
  quoteWithPckCa,
} from "./support/forge.ts";
import { outcomeOf, simulator, verifySimulated } from "./support/simulated.ts";

const { at, authorities } = simulator;
const platform = simulator.platform();
const genuine = platform.quote();
const mallory = simulator.key("mallory");

type Outcome = TdxErrorCode | "UpToDate";
type Attack = readonly [name: string, expected: Outcome, run: () => unknown];

function attacks(title: string, list: readonly Attack[]): void {
  describe(title, () => {
    for (const [name, expected, run] of list) {
      it(`${name}: ${expected}`, () => assert.equal(outcomeOf(run), expected));
    }
  });
}

function withFields(changes: PlatformOptions): () => unknown {
  return () => verifySimulated(simulator.platform(changes).quote());
}

function forgedChain(): unknown {
  // Every name, serial and key identifier is the genuine one; only the key behind is not.
  const pckKey = simulator.key("mallory's PCK");
  const ca = issueCertificate({
    ...authorities.platformCa.template,
    publicKey: mallory.publicKey,
    signer: mallory,
  });
  const leaf = issueCertificate({
    ...platform.template,
    publicKey: pckKey.publicKey,
    signer: mallory,
  });
  return verifySimulated(
    platform.quote({ pckKey, pckChainPem: toPemChain(leaf, ca, simulator.rootCertificate) }),
  );
}

function leafAsCa(): unknown {
  // A genuine PCK key signs a certificate for another machine.
  const pckKey = simulator.key("mallory's PCK");
  const leaf = issueCertificate({
    ...platform.template,
    issuer: platform.template.subject,
    publicKey: pckKey.publicKey,
    signer: platform.pckKey,
    extensions: withExtension(
      platform.template.extensions,
      authorityKeyIdentifier(keyIdentifier(platform.pckKey)),
    ),
  });
  const chain = toPemChain(leaf, platform.pckCertificate, simulator.rootCertificate);
  return verifySimulated(platform.quote({ pckKey, pckChainPem: chain }));
}

attacks("forged PCK chains", [
  [
    "an intermediate with matching names and key ids, not signed by the root",
    "CERTIFICATE_SIGNATURE_INVALID",
    forgedChain,
  ],
  ["a PCK certificate used as a CA", "CERTIFICATE_SUBJECT_UNEXPECTED", leafAsCa],
  [
    "an intermediate without cA",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        quoteWithPckCa(({ extensions }) => ({
          extensions: withExtension(extensions, basicConstraints({ ca: false })),
        })),
      ),
  ],
  [
    "an intermediate that may not sign certificates",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        quoteWithPckCa(({ extensions }) => ({
          extensions: withExtension(extensions, keyUsage("crlSign")),
        })),
      ),
  ],
  [
    "a PCK certificate that is a CA",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: withExtension(extensions, basicConstraints({ ca: true })),
        })),
      ),
  ],
  [
    "the TCB signing certificate used as a PCK certificate",
    "CERTIFICATE_SUBJECT_UNEXPECTED",
    () =>
      verifySimulated(
        platform.quote({
          pckKey: authorities.tcbSigner.key,
          pckChainPem: toPemChain(
            authorities.tcbSigner.certificate,
            authorities.platformCa.certificate,
            simulator.rootCertificate,
          ),
        }),
      ),
  ],
  [
    "another authority key identifier",
    "CERTIFICATE_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: withExtension(extensions, authorityKeyIdentifier(new Uint8Array(20))),
        })),
      ),
  ],
  [
    "another root with the same names",
    "ROOT_UNTRUSTED",
    () => verifySimulated(createSimulator({ seed: "another" }).platform().quote()),
  ],
  [
    "the root's own key in another certificate",
    "ROOT_UNTRUSTED",
    () => {
      const twin = issueCertificate({ ...authorities.root.template, serial: Uint8Array.of(1) });
      const chain = toPemChain(platform.pckCertificate, authorities.platformCa.certificate, twin);
      return verifySimulated(platform.quote({ pckChainPem: chain }));
    },
  ],
  [
    "an extension twice",
    "CERTIFICATE_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: [...extensions, subjectKeyIdentifier(new Uint8Array(20))],
        })),
      ),
  ],
  [
    "an encoded default value of critical",
    "CERTIFICATE_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: [
            ...extensions,
            der.sequence(
              der.objectIdentifier("1.2.3.4"),
              der.boolean(false),
              der.octetString(new Uint8Array(1)),
            ),
          ],
        })),
      ),
  ],
  [
    "bytes after the certificate",
    "CERTIFICATE_MALFORMED",
    () => verifySimulated(quoteWithPck({ edit: (bytes) => Uint8Array.of(...bytes, 0) })),
  ],
  [
    "a length that is not in its shortest form",
    "CERTIFICATE_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck({
          // SEQUENCE with a length of two bytes, written with three.
          edit: (bytes) => Uint8Array.of(0x30, 0x83, 0, ...bytes.subarray(2)),
        }),
      ),
  ],
]);

attacks("the SGX extension of the PCK certificate", [
  [
    "a PPID of 15 bytes",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editSgxFields: (f) =>
        f.map((x) =>
          x.oid === sgxFieldOids.ppid ? { ...x, value: der.octetString(new Uint8Array(15)) } : x,
        ),
    }),
  ],
  [
    "no FMSPC",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editSgxFields: (f) => f.filter((x) => x.oid !== sgxFieldOids.fmspc) }),
  ],
  [
    "the FMSPC twice",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editSgxFields: (f) => [...f, ...f.filter((x) => x.oid === sgxFieldOids.fmspc)] }),
  ],
  [
    "an unknown field",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editSgxFields: (f) => [...f, { oid: `${extensionOids.sgx}.8`, value: der.boolean(true) }],
    }),
  ],
  [
    "no PCE id",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editSgxFields: (f) => f.filter((x) => x.oid !== sgxFieldOids.pceId) }),
  ],
  [
    "no component 16",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editTcbFields: (f) => f.filter((x) => x.oid !== tcbComponentOid(16)) }),
  ],
  [
    "component 16 twice",
    "PCK_EXTENSION_MALFORMED",
    withFields({ editTcbFields: (f) => [...f, ...f.filter((x) => x.oid === tcbComponentOid(16))] }),
  ],
  [
    "a component of 256",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) => (x.oid === tcbComponentOid(1) ? { ...x, value: der.integer(256) } : x)),
    }),
  ],
  [
    "a negative component",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) =>
          x.oid === tcbComponentOid(1) ? { ...x, value: der.element(2, Uint8Array.of(0xff)) } : x,
        ),
    }),
  ],
  [
    "a component with a leading zero byte",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) =>
          x.oid === tcbComponentOid(1) ? { ...x, value: der.element(2, Uint8Array.of(0, 3)) } : x,
        ),
    }),
  ],
  [
    "a PCE SVN of 65,536",
    "PCK_EXTENSION_MALFORMED",
    withFields({
      editTcbFields: (f) =>
        f.map((x) => (x.oid === sgxFieldOids.pceSvn ? { ...x, value: der.integer(65_536) } : x)),
    }),
  ],
  ["an unknown SGX type", "PCK_EXTENSION_MALFORMED", withFields({ sgxType: 3 })],
  [
    "the fields in another order",
    "UpToDate",
    withFields({ editSgxFields: (f) => f.toReversed(), editTcbFields: (f) => f.toReversed() }),
  ],
  [
    "a Processor CA leaf, which has fewer fields",
    "UpToDate",
    () =>
      verifySimulated(
        simulator.platform({ ca: "processor" }).quote(),
        simulator.collateral({ ca: "processor" }),
      ),
  ],
  [
    "no SGX extension at all",
    "PCK_EXTENSION_MALFORMED",
    () =>
      verifySimulated(
        quoteWithPck(({ extensions }) => ({
          extensions: withoutExtension(extensions, extensionOids.sgx),
        })),
      ),
  ],
]);

const bySerial = (serial: Uint8Array, reason = 1) => ({
  serial,
  revocationDate: at - 100,
  reasonCode: reason,
});

attacks("revocation lists", [
  [
    "a CRL of 129 entries that has the leaf in its midst",
    "PCK_REVOKED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({ revokedPck: [platform.serial], pckCrl: { size: 129 } }),
      ),
  ],
  [
    "a CRL of 129 other entries",
    "UpToDate",
    () => verifySimulated(genuine, simulator.collateral({ pckCrl: { size: 129 } })),
  ],
  [
    "the reason removeFromCRL, which means nothing in a full list",
    "PCK_REVOKED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({ revokedPck: [bySerial(platform.serial, 8)] }),
      ),
  ],
  [
    "no reason",
    "PCK_REVOKED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({ revokedPck: [platform.serial], pckCrl: { reasonCode: null } }),
      ),
  ],
  [
    "a delta CRL",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: [...extensions, deltaCrlIndicator(1)],
        })),
      ),
  ],
  [
    "a delta CRL that does not call itself critical",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: [...extensions, { ...deltaCrlIndicator(1), critical: false }],
        })),
      ),
  ],
  [
    "a list for some certificates only",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: [...extensions, { oid: "2.5.29.28", critical: true, value: der.sequence() }],
        })),
      ),
  ],
  [
    "an entry of another issuer",
    "CRL_EXTENSION_UNSUPPORTED",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl({
          entries: [
            {
              ...bySerial(Uint8Array.of(1)),
              extensions: [{ oid: "2.5.29.29", critical: true, value: der.sequence() }],
            },
          ],
        }),
      ),
  ],
  [
    "a critical reason",
    "UpToDate",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl({
          entries: [
            {
              ...bySerial(Uint8Array.of(1)),
              reasonCode: null,
              extensions: [{ ...reasonCode(1), critical: true }],
            },
          ],
        }),
      ),
  ],
  [
    "no CRL number",
    "CRL_EXTENSION_MISSING",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: withoutExtension(extensions, extensionOids.crlNumber),
        })),
      ),
  ],
  [
    "no authority key identifier",
    "CRL_EXTENSION_MISSING",
    () =>
      verifySimulated(
        genuine,
        collateralWithRootCrl(({ extensions }) => ({
          extensions: withoutExtension(extensions, extensionOids.authorityKeyIdentifier),
        })),
      ),
  ],
  [
    "no next update",
    "CRL_MALFORMED",
    () => verifySimulated(genuine, collateralWithPckCrl({ nextUpdate: null })),
  ],
  [
    "version 1",
    "CRL_MALFORMED",
    () => verifySimulated(genuine, collateralWithPckCrl({ version: 1, extensions: [] })),
  ],
  [
    "signed by the other CA under the right name",
    "CRL_SIGNATURE_INVALID",
    () => verifySimulated(genuine, collateralWithPckCrl({ signer: authorities.processorCa.key })),
  ],
  [
    "the other CA's name",
    "CRL_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl({ issuer: authorities.processorCa.template.subject }),
      ),
  ],
  [
    "another key identifier",
    "CRL_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCrl(({ extensions }) => ({
          extensions: withExtension(extensions, authorityKeyIdentifier(new Uint8Array(20))),
        })),
      ),
  ],
  [
    "an issuer that may not sign lists",
    "CRL_ISSUER_MISMATCH",
    () =>
      verifySimulated(
        genuine,
        collateralWithPckCa(({ extensions }) => ({
          extensions: withExtension(extensions, keyUsage("keyCertSign")),
        })),
      ),
  ],
  [
    "the Processor CA's list for a Platform CA leaf",
    "CRL_ISSUER_MISMATCH",
    () => verifySimulated(genuine, simulator.collateral({ ca: "processor" })),
  ],
  [
    "a list of a second CA with the same name and another key",
    "CRL_ISSUER_MISMATCH",
    () => {
      const { template } = authorities.platformCa;
      const second = { ...template, publicKey: mallory.publicKey };
      const issuer = collateralWithPckCa(second).pck_crl_issuer_chain;
      const { pck_crl } = collateralWithPckCrl({ signer: mallory });
      return verifySimulated(genuine, {
        ...simulator.collateral(),
        pck_crl,
        pck_crl_issuer_chain: issuer,
      });
    },
  ],
]);

attacks("signers of collateral", [
  [
    "a TCB signer that is a CA",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        genuine,
        collateralWithTcbSigner(({ extensions }) => ({
          extensions: withExtension(extensions, basicConstraints({ ca: true })),
        })),
      ),
  ],
  [
    "a TCB signer that may not sign data",
    "CERTIFICATE_USAGE_FORBIDDEN",
    () =>
      verifySimulated(
        genuine,
        collateralWithTcbSigner(({ extensions }) => ({
          extensions: withExtension(extensions, keyUsage("crlSign")),
        })),
      ),
  ],
  [
    "a TCB signer not signed by the root",
    "CERTIFICATE_SIGNATURE_INVALID",
    () => verifySimulated(genuine, collateralWithTcbSigner({ signer: mallory })),
  ],
  [
    "a PCK CA in the place of the TCB signer",
    "CERTIFICATE_SUBJECT_UNEXPECTED",
    () =>
      verifySimulated(genuine, {
        ...simulator.collateral(),
        tcb_info_issuer_chain: simulator.collateral().pck_crl_issuer_chain,
      }),
  ],
  [
    "the TCB signer in the place of the PCK CA",
    "CERTIFICATE_SUBJECT_UNEXPECTED",
    () =>
      verifySimulated(genuine, {
        ...simulator.collateral(),
        pck_crl_issuer_chain: simulator.collateral().tcb_info_issuer_chain,
      }),
  ],
  [
    "a TCB signer that has expired",
    "CERTIFICATE_EXPIRED",
    () => verifySimulated(genuine, collateralWithTcbSigner({ notAfter: at - 1 })),
  ],
  [
    "TCB info and QE identity with each other's signatures",
    "TCB_INFO_SIGNATURE_INVALID",
    () => {
      const c = simulator.collateral();
      return verifySimulated(genuine, {
        ...c,
        tcb_info_signature: c.qe_identity_signature,
        qe_identity_signature: c.tcb_info_signature,
      });
    },
  ],
]);

const tcbInfoJson = (edit: (text: string) => string) => () =>
  verifySimulated(genuine, simulator.collateral({ tcbInfoJson: edit }));
const qeIdentityJson = (edit: (text: string) => string) => () =>
  verifySimulated(genuine, simulator.collateral({ qeIdentityJson: edit }));

attacks("a properly signed TCB info", [
  ["spaces", "UpToDate", tcbInfoJson((text) => text.replaceAll(",", " ,\n"))],
  [
    "a member twice",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace("{", '{"fmspc":"000000000000",')),
  ],
  [
    "a member twice, once escaped",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace("{", '{"fmsp\\u0063":"000000000000",')),
  ],
  [
    "__proto__ as a member",
    "UpToDate",
    tcbInfoJson((text) => text.replace("{", '{"__proto__":{"tcbType":7},')),
  ],
  [
    "members of a prototype in the place of its own",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace('"tcbType":0', '"__proto__":{"tcbType":0}')),
  ],
  [
    "nesting of 33 levels",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace("{", `{"x":${"[".repeat(33)}${"]".repeat(33)},`)),
  ],
  [
    "no levels",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace(/"tcbLevels":\[\{"tcb":\{"sgx.*\]/, '"tcbLevels":[]')),
  ],
  [
    "a level twice",
    "TCB_INFO_MALFORMED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({
          tcbInfoJson: (text) => {
            const info = JSON.parse(text);
            info.tcbLevels.push({ ...info.tcbLevels[0], tcbStatus: "Revoked" });
            return JSON.stringify(info);
          },
        }),
      ),
  ],
  [
    "15 components",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => {
      const info = JSON.parse(text);
      info.tcbLevels[0].tcb.sgxtcbcomponents.pop();
      return JSON.stringify(info);
    }),
  ],
  [
    "17 components",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => {
      const info = JSON.parse(text);
      info.tcbLevels[0].tcb.tdxtcbcomponents.push({ svn: 0 });
      return JSON.stringify(info);
    }),
  ],
  [
    "an SVN of 256",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace('"svn":3', '"svn":256')),
  ],
  [
    "an SVN of 2.5",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace('"svn":3', '"svn":2.5')),
  ],
  [
    "an SVN as text",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace('"svn":3', '"svn":"3"')),
  ],
  [
    "a TCB type of 1",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace('"tcbType":0', '"tcbType":1')),
  ],
  [
    "version 2, which is SGX's",
    "TCB_INFO_NOT_TDX",
    () => verifySimulated(genuine, simulator.collateral({ tcbInfo: { version: 2 } })),
  ],
  [
    "version 4",
    "TCB_INFO_MALFORMED",
    () => verifySimulated(genuine, simulator.collateral({ tcbInfo: { version: 4 } })),
  ],
  [
    "no tdxModule",
    "TCB_INFO_MALFORMED",
    () => verifySimulated(genuine, simulator.collateral({ tcbInfo: { tdxModule: null } })),
  ],
  [
    "an empty list of modules",
    "TCB_INFO_MALFORMED",
    () => verifySimulated(genuine, simulator.collateral({ tcbInfo: { tdxModuleIdentities: [] } })),
  ],
  [
    "a date that does not exist",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace(/"tcbDate":"[^"]*"/, '"tcbDate":"2025-02-30T00:00:00Z"')),
  ],
  [
    "a date with an offset",
    "TCB_INFO_MALFORMED",
    tcbInfoJson((text) => text.replace(/"issueDate":"([^"]*)Z"/, '"issueDate":"$1+00:00"')),
  ],
  [
    "a short FMSPC",
    "TCB_INFO_MALFORMED",
    () => verifySimulated(genuine, simulator.collateral({ fmspc: "0000" })),
  ],
  ["not an object", "TCB_INFO_MALFORMED", tcbInfoJson(() => "[]")],
  ["not JSON", "TCB_INFO_MALFORMED", tcbInfoJson((text) => `${text}}`)],
]);

attacks("a properly signed QE identity", [
  [
    "a member twice",
    "QE_IDENTITY_MALFORMED",
    qeIdentityJson((text) => text.replace("{", '{"isvprodid":1,')),
  ],
  [
    "version 3",
    "QE_IDENTITY_MALFORMED",
    () => verifySimulated(genuine, simulator.collateral({ qeIdentity: { version: 3 } })),
  ],
  [
    "no levels",
    "QE_IDENTITY_MALFORMED",
    () => verifySimulated(genuine, simulator.collateral({ qeIdentity: { tcbLevels: [] } })),
  ],
  [
    "a level twice",
    "QE_IDENTITY_MALFORMED",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({
          qeIdentity: {
            tcbLevels: [
              { isvSvn: 4, tcbDate: at, status: "UpToDate" },
              { isvSvn: 4, tcbDate: at, status: "Revoked" },
            ],
          },
        }),
      ),
  ],
  [
    "a mask of all zero, under which nothing can match",
    "QE_ATTRIBUTES_MISMATCH",
    () =>
      verifySimulated(
        genuine,
        simulator.collateral({ qeIdentity: { attributesMask: "00".repeat(16) } }),
      ),
  ],
  [
    "a mask of all zero for MISCSELECT zero",
    "UpToDate",
    () =>
      verifySimulated(
        platform.quote({ qeReport: { miscSelect: "01000000" } }),
        simulator.collateral({ qeIdentity: { miscselectMask: "00000000" } }),
      ),
  ],
]);

describe("the cache of PCK chains", () => {
  const quoteOf = (label: string) => simulator.platform({ label }).quote();
  const root = simulator.rootCertificate;

  it("never lets a chain in that does not verify", () => {
    const pckChainCache = new PckChainCache(4);
    const options: QuoteOptions = {
      pckChainPem: toPemChain(
        issueCertificate({ ...platform.template, signer: mallory }),
        authorities.platformCa.certificate,
        root,
      ),
    };
    for (let i = 0; i < 2; i++) {
      assert.equal(
        outcomeOf(() =>
          verify(platform.quote(options), simulator.collateral(), { at, root, pckChainCache }),
        ),
        "CERTIFICATE_SIGNATURE_INVALID",
      );
    }
    assert.equal(pckChainCache.size, 0);
  });

  it("keeps the most recently used, up to its limit", () => {
    const pckChainCache = new PckChainCache(2);
    const collateral = createCollateral(simulator.collateral(), { root });
    for (const label of ["a", "b", "a", "c"]) {
      verify(quoteOf(label), collateral, { at, root, pckChainCache });
    }
    assert.equal(pckChainCache.size, 2);
  });

  it("does not carry a chain from one root to another", () => {
    const pckChainCache = new PckChainCache();
    const other = createSimulator({ seed: "another" });
    verify(genuine, simulator.collateral(), { at, root, pckChainCache });
    assert.equal(
      outcomeOf(() =>
        verify(genuine, other.collateral(), { at, root: other.rootCertificate, pckChainCache }),
      ),
      "ROOT_UNTRUSTED",
    );
  });

  it("still sees a revocation and an expiry", () => {
    const pckChainCache = new PckChainCache();
    const verifyWith = (collateral: ReturnType<typeof simulator.collateral>, time: number) =>
      outcomeOf(() => verify(genuine, collateral, { at: time, root, pckChainCache }));
    assert.equal(verifyWith(simulator.collateral(), at), "UpToDate");
    assert.equal(
      verifyWith(simulator.collateral({ revokedPck: [platform.serial] }), at),
      "PCK_REVOKED",
    );
    assert.equal(
      verifyWith(simulator.collateral({ revokedCa: [simulator.serials.platformCa] }), at),
      "PCK_CA_REVOKED",
    );
    assert.equal(verifyWith(simulator.collateral(), at + 40 * 86_400), "CRL_EXPIRED");
  });
});

describe("a quote that does not carry its chain", () => {
  const bare = platform.quote({ certificationData: { type: 3, bytes: "00".repeat(404) } });
  const supplied = (pem: string) => ({ ...simulator.collateral(), pck_certificate_chain: pem });

  it("is verified with the chain that comes with the collateral", () => {
    assert.equal(verifySimulated(bare, supplied(platform.pckChainPem)).status, "UpToDate");
  });

  it("is refused with another machine's chain", () => {
    const other = simulator.platform({ label: "other" }).pckChainPem;
    assert.equal(
      outcomeOf(() => verifySimulated(bare, supplied(other))),
      "QE_REPORT_SIGNATURE_INVALID",
    );
  });

  it("does not override the chain that a quote carries", () => {
    const other = simulator.platform({ label: "other" }).pckChainPem;
    assert.equal(verifySimulated(genuine, supplied(other)).status, "UpToDate");
  });
});
