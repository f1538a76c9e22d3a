import assert from "node:assert/strict";
import { ChainsealError } from "../../../sdk/errors.ts";
import {
  createCollateral,
  intelSgxRootCa,
  MAX_QUOTE_LENGTH,
  parsePolicy,
  parseQuote,
  type QuoteCollateral,
  TdxError,
  type TdxErrorCode,
  tdxErrors,
  verify,
} from "../../../sdk/tdx/index.ts";
import { createPccsClient } from "../../../sdk/tdx/pccs/index.ts";
import {
  basicConstraints,
  defaultTdxModuleIdentities,
  der,
  extensionOids,
  names,
  toPemChain,
  withExtension,
  withoutExtension,
} from "../../../sdk/tdx/simulator/index.ts";
import { quoteCases, quoteOf } from "../../support/vectors.ts";
import {
  collateralWithPckCrl,
  collateralWithRootCrl,
  quoteWithPck,
  quoteWithPckCa,
} from "./support/forge.ts";
import { layoutOf, withU16, withU32 } from "./support/quote-layout.ts";
import { simulator, verifySimulated } from "./support/simulated.ts";

const { at } = simulator;
const platform = simulator.platform();
const genuine = platform.quote();
const genuine5 = platform.quote({ version: 5 });
const layout = layoutOf(genuine);
const FAR = 4_000_000_000;

const unknownCritical = {
  oid: "1.2.3.4",
  critical: true,
  value: der.octetString(new Uint8Array(1)),
};

function withCollateral(changes: Partial<Record<keyof QuoteCollateral, unknown>>): unknown {
  return verifySimulated(genuine, { ...simulator.collateral(), ...changes } as QuoteCollateral);
}

/** Fetches from a source that answers everything in one way. */
function fetchFrom(answer: () => Response | Promise<Response>): Promise<unknown> {
  const client = createPccsClient({
    url: "http://127.0.0.1:1",
    retries: 0,
    timeout: 50,
    maxResponseLength: 100,
    fetch: async (_, init) => {
      // A fetch that never answers ends when it is told to.
      const aborted = new Promise<never>((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
      return Promise.race([answer(), aborted]);
    },
  });
  return client.fetchCollateral({ fmspc: "0x00806f050000", pckCa: "platform" });
}

/** For every code, the evidence that provokes it. A code without an entry does not compile. */
const provoke: Readonly<Record<TdxErrorCode, () => unknown>> = {
  QUOTE_NOT_BYTES: () => verifySimulated({ ...parseQuote(genuine) } as unknown as Uint8Array),
  QUOTE_TOO_LARGE: () => parseQuote(new Uint8Array(MAX_QUOTE_LENGTH + 1)),
  QUOTE_TRUNCATED: () => parseQuote(genuine.subarray(0, 300)),
  QUOTE_LENGTH_MISMATCH: () =>
    parseQuote(withU32(genuine, layout.innerLength, genuine.length - layout.pem - 1)),
  QUOTE_VERSION_UNSUPPORTED: () => parseQuote(withU16(genuine, 0, 6)),
  QUOTE_IS_SGX: () => quoteCases("sgx").map((entry) => parseQuote(quoteOf(entry))),
  QUOTE_TEE_TYPE_UNSUPPORTED: () => parseQuote(withU32(genuine, 4, 0x82)),
  QUOTE_ATTESTATION_KEY_TYPE_UNSUPPORTED: () => parseQuote(withU16(genuine, 2, 3)),
  QUOTE_QE_VENDOR_UNKNOWN: () =>
    parseQuote(platform.quote({ header: { qeVendorId: "00".repeat(16) } })),
  QUOTE_BODY_TYPE_UNSUPPORTED: () => parseQuote(withU16(genuine5, 48, 4)),
  QUOTE_BODY_SIZE_MISMATCH: () => parseQuote(withU32(genuine5, 50, 647)),
  QUOTE_CERTIFICATION_DATA_UNSUPPORTED: () => parseQuote(withU16(genuine, layout.outerType, 5)),

  ROOT_MALFORMED: () => verify(genuine, simulator.collateral(), { at, root: "no root" }),
  PEM_MALFORMED: () => verifySimulated(platform.quote({ pckChainPem: "no chain" })),
  CHAIN_LENGTH_UNEXPECTED: () =>
    verifySimulated(
      platform.quote({
        pckChainPem: toPemChain(platform.pckCertificate, simulator.rootCertificate),
      }),
    ),
  CERTIFICATE_MALFORMED: () => verifySimulated(quoteWithPck({ version: 1, extensions: [] })),
  CERTIFICATE_EXTENSION_MISSING: () =>
    verifySimulated(
      quoteWithPck(({ extensions }) => ({
        extensions: withoutExtension(extensions, extensionOids.keyUsage),
      })),
    ),
  CERTIFICATE_EXTENSION_UNSUPPORTED: () =>
    verifySimulated(
      quoteWithPck(({ extensions }) => ({ extensions: [...extensions, unknownCritical] })),
    ),
  CERTIFICATE_SUBJECT_UNEXPECTED: () => verifySimulated(quoteWithPck({ subject: names.tcbSigner })),
  CERTIFICATE_ISSUER_MISMATCH: () => verifySimulated(quoteWithPck({ issuer: names.processorCa })),
  CERTIFICATE_USAGE_FORBIDDEN: () =>
    verifySimulated(
      quoteWithPckCa(({ extensions }) => ({
        extensions: withExtension(extensions, basicConstraints({ ca: false })),
      })),
    ),
  CERTIFICATE_SIGNATURE_INVALID: () =>
    verifySimulated(quoteWithPck({ signer: simulator.key("mallory") })),
  CERTIFICATE_NOT_YET_VALID: () =>
    verifySimulated(quoteWithPck({ notBefore: at + 1, notAfter: at + 1000 })),
  CERTIFICATE_EXPIRED: () =>
    verifySimulated(quoteWithPck({ notBefore: at - 1000, notAfter: at - 1 })),
  ROOT_UNTRUSTED: () => verify(genuine, null, { at, root: intelSgxRootCa() }),
  ROOT_REVOKED: () =>
    withCollateral({
      root_ca_crl: simulator.collateral({ revokedCa: [simulator.authorities.root.serial] })
        .root_ca_crl,
    }),
  PCK_CA_REVOKED: () =>
    verifySimulated(genuine, simulator.collateral({ revokedCa: [simulator.serials.platformCa] })),
  PCK_REVOKED: () =>
    verifySimulated(genuine, simulator.collateral({ revokedPck: [platform.serial] })),
  TCB_SIGNER_REVOKED: () =>
    verifySimulated(genuine, simulator.collateral({ revokedCa: [simulator.serials.tcbSigner] })),
  PCK_CHAIN_MISSING: () =>
    verifySimulated(platform.quote({ certificationData: { type: 3, bytes: "00".repeat(400) } })),
  PCK_EXTENSION_MALFORMED: () =>
    verifySimulated(simulator.platform({ editSgxFields: (fields) => fields.slice(1) }).quote()),

  CRL_MALFORMED: () => withCollateral({ pck_crl: "" }),
  CRL_EXTENSION_MISSING: () =>
    verifySimulated(
      genuine,
      collateralWithPckCrl(({ extensions }) => ({ extensions: extensions.slice(1) })),
    ),
  CRL_EXTENSION_UNSUPPORTED: () =>
    verifySimulated(
      genuine,
      collateralWithRootCrl(({ extensions }) => ({ extensions: [...extensions, unknownCritical] })),
    ),
  CRL_ISSUER_MISMATCH: () => verifySimulated(genuine, simulator.collateral({ ca: "processor" })),
  CRL_SIGNATURE_INVALID: () =>
    verifySimulated(genuine, collateralWithPckCrl({ signer: simulator.key("mallory") })),
  CRL_NOT_YET_VALID: () =>
    verifySimulated(genuine, simulator.collateral({ pckCrl: { thisUpdate: at + 1 } })),
  CRL_EXPIRED: () =>
    verifySimulated(genuine, simulator.collateral({ rootCrl: { nextUpdate: at - 1 } })),

  COLLATERAL_MISSING: () => verifySimulated(genuine, null),
  COLLATERAL_MALFORMED: () => withCollateral({ tcb_info: 7 }),
  COLLATERAL_ROOT_MISMATCH: () =>
    verify(genuine, createCollateral(simulator.collateral(), { root: simulator.rootCertificate }), {
      at,
      root: intelSgxRootCa(),
    }),
  TCB_INFO_MALFORMED: () => verifySimulated(genuine, simulator.collateral({ tcbInfoJson: "{}" })),
  TCB_INFO_SIGNATURE_INVALID: () =>
    withCollateral({ tcb_info: simulator.collateral().tcb_info.replace("UpToDate", "upToDate") }),
  TCB_INFO_NOT_TDX: () =>
    verifySimulated(genuine, simulator.collateral({ tcbInfo: { id: "SGX" } })),
  TCB_INFO_NOT_YET_VALID: () =>
    verifySimulated(
      genuine,
      simulator.collateral({ tcbInfo: { issueDate: at + 1, nextUpdate: FAR } }),
    ),
  TCB_INFO_EXPIRED: () =>
    verifySimulated(genuine, simulator.collateral({ tcbInfo: { nextUpdate: at - 1 } })),
  TCB_INFO_FMSPC_MISMATCH: () =>
    verifySimulated(genuine, simulator.collateral({ fmspc: "000000000001" })),
  TCB_INFO_PCE_ID_MISMATCH: () => verifySimulated(genuine, simulator.collateral({ pceId: "0001" })),
  TCB_STATUS_UNKNOWN: () =>
    verifySimulated(
      genuine,
      simulator.collateral({ tcbInfoJson: (text) => text.replaceAll("OutOfDate", "Excellent") }),
    ),
  QE_IDENTITY_MALFORMED: () =>
    verifySimulated(genuine, simulator.collateral({ qeIdentity: { version: 1 } })),
  QE_IDENTITY_SIGNATURE_INVALID: () => withCollateral({ qe_identity_signature: "01".repeat(64) }),
  QE_IDENTITY_NOT_TD_QE: () =>
    verifySimulated(genuine, simulator.collateral({ qeIdentity: { id: "QE" } })),
  QE_IDENTITY_NOT_YET_VALID: () =>
    verifySimulated(
      genuine,
      simulator.collateral({ qeIdentity: { issueDate: at + 1, nextUpdate: FAR } }),
    ),
  QE_IDENTITY_EXPIRED: () =>
    verifySimulated(genuine, simulator.collateral({ qeIdentity: { nextUpdate: at - 1 } })),

  TDX_MODULE_IDENTITY_MISSING: () =>
    verifySimulated(genuine, simulator.collateral({ tcbInfo: { tdxModuleIdentities: null } })),
  TDX_MODULE_SIGNER_MISMATCH: () =>
    verifySimulated(platform.quote({ mrSignerSeam: "01".repeat(48) })),
  TDX_MODULE_ATTRIBUTES_MISMATCH: () =>
    verifySimulated(platform.quote({ seamAttributes: "0100000000000000" })),
  QE_REPORT_SIGNATURE_INVALID: () =>
    verifySimulated(platform.quote({ pckKey: simulator.key("mallory") })),
  QE_REPORT_DATA_MISMATCH: () =>
    verifySimulated(platform.quote({ qeReport: { reportDataTail: "01".repeat(32) } })),
  QE_MISCSELECT_MISMATCH: () =>
    verifySimulated(platform.quote({ qeReport: { miscSelect: "01000000" } })),
  QE_ATTRIBUTES_MISMATCH: () =>
    verifySimulated(
      platform.quote({ qeReport: { attributes: "1700000000000000e700000000000000" } }),
    ),
  QE_MRSIGNER_MISMATCH: () =>
    verifySimulated(platform.quote({ qeReport: { mrSigner: "01".repeat(32) } })),
  QE_ISVPRODID_MISMATCH: () => verifySimulated(platform.quote({ qeReport: { isvProdId: 1 } })),
  ATTESTATION_KEY_INVALID: () =>
    verifySimulated(platform.quote({ attestationPublicKey: "01".repeat(64) })),
  QUOTE_SIGNATURE_INVALID: () =>
    verifySimulated(
      platform.quote({
        edit: (quote) => {
          quote[200] = (quote[200] ?? 0) ^ 1;
          return quote;
        },
      }),
    ),
  TCB_LEVEL_NOT_SUPPORTED: () =>
    verifySimulated(simulator.platform({ tcbComponents: Array(16).fill(0) }).quote()),
  TDX_MODULE_TCB_NOT_SUPPORTED: () =>
    verifySimulated(platform.quote({ teeTcbSvn: "01010300000000000000000000000000" })),
  QE_TCB_NOT_SUPPORTED: () => verifySimulated(platform.quote({ qeReport: { isvSvn: 3 } })),

  TIME_INVALID: () => verifySimulated(genuine, simulator.collateral(), Number.NaN),
  POLICY_MALFORMED: () => parsePolicy({ debug: "accept" }),

  PCCS_URL_INVALID: () => createPccsClient({ url: "ftp://127.0.0.1" }),
  PCCS_PARAMETER_INVALID: () => createPccsClient({ url: "http://127.0.0.1:1", timeout: 0 }),
  PCCS_UNREACHABLE: () => fetchFrom(() => Promise.reject(new TypeError("fetch failed"))),
  PCCS_TIMEOUT: () => fetchFrom(() => new Promise<Response>(() => undefined)),
  PCCS_STATUS: () => fetchFrom(() => new Response("", { status: 404 })),
  PCCS_RESPONSE_TOO_LARGE: () => fetchFrom(() => new Response("x".repeat(101))),
  PCCS_RESPONSE_MALFORMED: () => fetchFrom(() => new Response("no collateral")),
};

async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("every error code of sdk/tdx", () => {
  for (const [code, run] of Object.entries(provoke)) {
    it(code, async () => {
      const error = await errorOf(run);
      assert.ok(error instanceof TdxError && error instanceof ChainsealError, String(error));
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.startsWith(tdxErrors[error.code].summary));
    });
  }
});

describe("ChainsealError", () => {
  it("says what was expected, what was found and where", () => {
    const error = new TdxError("QUOTE_VERSION_UNSUPPORTED", {
      subject: "header.version",
      expected: "4 or 5",
      found: 6,
    });
    assert.equal(
      error.message,
      "The quote version is not supported (header.version): expected 4 or 5, found 6",
    );
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      code: "QUOTE_VERSION_UNSUPPORTED",
      message: error.message,
      expected: "4 or 5",
      found: 6,
      subject: "header.version",
    });
  });

  it("clips what an attacker could make long", () => {
    const error = new TdxError("PEM_MALFORMED", { found: "x".repeat(10_000) });
    assert.ok(error.message.length < 400);
  });

  it("walks its causes", () => {
    const inner = new RangeError("inner");
    const middle = new TdxError("PEM_MALFORMED", { cause: inner });
    const outer = new TdxError("ROOT_MALFORMED", { cause: middle });
    assert.equal(outer.walk(), inner);
    assert.equal(
      outer.walk((error) => error instanceof TdxError && error.code === "PEM_MALFORMED"),
      middle,
    );
    assert.equal(
      outer.walk((error) => error instanceof SyntaxError),
      undefined,
    );
  });

  it("does not walk in circles", () => {
    const a = new TdxError("PEM_MALFORMED");
    const b = new TdxError("PEM_MALFORMED", { cause: a });
    Object.defineProperty(a, "cause", { value: b });
    assert.equal(
      b.walk((error) => error instanceof SyntaxError),
      undefined,
    );
  });
});

describe("a module whose identity has a signer of its own", () => {
  it("is compared with that one, not with the TCB info's tdxModule", () => {
    const mrsigner = "01".repeat(48);
    const identities = defaultTdxModuleIdentities.map((identity) => ({ ...identity, mrsigner }));
    const collateral = simulator.collateral({ tcbInfo: { tdxModuleIdentities: identities } });
    assert.equal(
      verifySimulated(platform.quote({ mrSignerSeam: mrsigner }), collateral).status,
      "UpToDate",
    );
  });

  it("is refused for SEAM attributes that the TCB info has but that are not zero", () => {
    const attributes = "0100000000000000";
    const identities = defaultTdxModuleIdentities.map((identity) => ({ ...identity, attributes }));
    const collateral = simulator.collateral({ tcbInfo: { tdxModuleIdentities: identities } });
    for (const seamAttributes of [attributes, "0000000000000000"]) {
      assert.throws(
        () => verifySimulated(platform.quote({ seamAttributes }), collateral),
        (error) => error instanceof TdxError && error.code === "TDX_MODULE_ATTRIBUTES_MISMATCH",
      );
    }
  });
});
