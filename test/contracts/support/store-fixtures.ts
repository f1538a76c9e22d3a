/**
 * What the Solidity tests of the store play with, signed and forged: `node
 * test/contracts/support/store-fixtures.ts` writes it; a test compares.
 */
import { writeFileSync } from "node:fs";
import { concat, type Hex, keccak256, toHex } from "viem";
import { buildEvidence, issuerIdOf, verifyQuoteCalldata } from "../../../sdk/tdx/onchain/index.ts";
import {
  type CollateralOptions,
  createSimulator,
  issueCertificate,
  issueCrl,
  type Simulator,
} from "../../../sdk/tdx/simulator/index.ts";
import { parseCertificate } from "../../../sdk/tdx/x509.ts";

/** In the order of `Kind` in `StoreHandler.sol`. */
const KINDS = ["rootCrl", "pckCa", "tcbSigner", "pckCrl", "tcbInfo", "qeIdentity", "pck"] as const;
const DAY = 86_400;
const ZERO: Hex = `0x${"00".repeat(32)}`;

const good = createSimulator({ seed: "store" });
/** Another root, all of whose signatures are worth nothing here. */
const other = createSimulator({ seed: "another store" });
const { at } = good;
const mallory = good.key("mallory");

interface Item {
  readonly kind: (typeof KINDS)[number];
  readonly payload: Hex;
  readonly r?: Hex;
  readonly s?: Hex;
  readonly issuerId?: Hex;
  readonly isGenuine: boolean;
  /** Of documents: the evaluation number. Of lists: whether they revoke what quotes stand on. */
  readonly number?: number;
}

const idOf = (der: Uint8Array): Hex => issuerIdOf(parseCertificate(der, "an issuer"));
const rootId = idOf(good.rootCertificate);
const caId = idOf(good.authorities.platformCa.certificate);
const signerId = idOf(good.authorities.tcbSigner.certificate);

/** The shortest TCB info: the calls are many. */
const plainLevel = (text: string) => text.replaceAll(/,"(category|type)":"[^"]*"/g, "");

function documents(of: Simulator, isGenuine: boolean, options: CollateralOptions): readonly Item[] {
  const collateral = of.collateral({ ...options, tcbInfoJson: plainLevel });
  const number = options.tcbEvaluationDataNumber ?? 20;
  const item = (kind: "tcbInfo" | "qeIdentity", text: string, signature: string): Item => ({
    kind,
    payload: toHex(new TextEncoder().encode(text)),
    r: `0x${signature.slice(0, 64)}`,
    s: `0x${signature.slice(64)}`,
    issuerId: isGenuine ? signerId : idOf(of.authorities.tcbSigner.certificate),
    isGenuine,
    number,
  });
  return [
    item("tcbInfo", collateral.tcb_info, collateral.tcb_info_signature),
    item("qeIdentity", collateral.qe_identity, collateral.qe_identity_signature),
  ];
}

function crls(): readonly Item[] {
  const list = (
    issuer: "root" | "platform",
    thisUpdate: number,
    revoked: readonly Uint8Array[],
    of = good,
  ): Item => ({
    kind: issuer === "root" ? "rootCrl" : "pckCrl",
    payload: toHex(issueCrl(of.crlTemplate(issuer, revoked, { thisUpdate }))),
    issuerId: issuer === "root" ? rootId : caId,
    isGenuine: of === good,
    number: revoked.length,
  });
  return [
    list("root", at - DAY, []),
    list("root", at + 12 * DAY, []),
    list("root", at + 50 * DAY, [good.serials.tcbSigner]),
    list("root", at + DAY, [], other),
    list("platform", at - DAY, []),
    list("platform", at + 12 * DAY, []),
    list("platform", at + 25 * DAY, []),
    list("platform", at + 40 * DAY, [good.platform().serial]),
    list("platform", at + DAY, [], other),
  ];
}

function certificates(): readonly Item[] {
  const { platformCa, tcbSigner } = good.authorities;
  const renewed = { notBefore: at + 5 * DAY };
  const forged = { signer: mallory };
  const item = (kind: Item["kind"], der: Uint8Array, isGenuine: boolean): Item => ({
    kind,
    payload: toHex(der),
    issuerId: caId,
    isGenuine,
  });
  return [
    item("pckCa", platformCa.certificate, true),
    item("pckCa", issueCertificate({ ...platformCa.template, ...renewed }), true),
    item("pckCa", issueCertificate({ ...platformCa.template, ...forged }), false),
    item("pckCa", other.authorities.platformCa.certificate, false),
    item("tcbSigner", tcbSigner.certificate, true),
    item("tcbSigner", issueCertificate({ ...tcbSigner.template, ...renewed }), true),
    item("tcbSigner", issueCertificate({ ...tcbSigner.template, ...forged }), false),
    item("tcbSigner", other.authorities.tcbSigner.certificate, false),
    item("pck", good.platform().pckCertificate, true),
    item("pck", issueCertificate({ ...good.platform().template, ...forged }), false),
    item("pck", other.platform().pckCertificate, false),
  ];
}

function allDocuments(): readonly Item[] {
  const dated = (issueDate: number, number: number) => ({
    tcbEvaluationDataNumber: number,
    tcbInfo: { issueDate },
    qeIdentity: { issueDate },
  });
  const genuine = [
    dated(at - DAY, 20),
    dated(at + 10 * DAY, 20),
    dated(at + 30 * DAY, 20),
    dated(at - DAY, 19),
    dated(at + 15 * DAY, 21),
    dated(at + 40 * DAY, 21),
  ];
  return [
    ...genuine.flatMap((options) => documents(good, true, options)),
    ...documents(other, false, dated(at, 20)),
    ...documents(other, false, dated(at, 30)),
    // The signature of one document under another.
    ...documents(good, false, dated(at + DAY, 25)).map((item) => ({
      ...item,
      issuerId: signerId,
      r: toHex(1n, { size: 32 }),
    })),
  ];
}

/** Columns of one table: the cheatcodes read arrays of one type. */
export function storeFixtures() {
  const items = [...crls(), ...certificates(), ...allDocuments()];
  const quote = good.platform().quote();
  const numbers = [19, 20, 21];
  return {
    madeBy: "test/contracts/support/store-fixtures.ts",
    start: at,
    root: toHex(good.rootCertificate),
    rootId,
    caId,
    signerId,
    otherCaId: idOf(other.authorities.platformCa.certificate),
    otherSignerId: idOf(other.authorities.tcbSigner.certificate),
    leafId: keccak256(concat([toHex(parseCertificate(good.platform().pckCertificate, "").tbs)])),
    fmspc: toHex(good.platform().pck.fmspc),
    kinds: items.map(({ kind }) => KINDS.indexOf(kind)),
    payloads: items.map(({ payload }) => payload),
    r: items.map(({ r }) => r ?? ZERO),
    s: items.map(({ s }) => s ?? ZERO),
    issuerIds: items.map(({ issuerId }) => issuerId ?? ZERO),
    genuine: items.map(({ isGenuine }) => isGenuine),
    numbers: items.map(({ number }) => number ?? 0),
    calls: numbers.map((number) =>
      verifyQuoteCalldata(
        buildEvidence(quote, { numbers: { tcbInfo: number, qeIdentity: number } }).evidence,
      ),
    ),
  };
}

export const STORE_FIXTURES = new URL("../fixtures/store.json", import.meta.url);

if (import.meta.main) {
  writeFileSync(STORE_FIXTURES, `${JSON.stringify(storeFixtures(), null, 2)}\n`);
}
