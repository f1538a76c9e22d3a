import assert from "node:assert/strict";
import {
  createCollateral,
  type QuoteCollateral,
  type TdxErrorCode,
} from "../../../sdk/tdx/index.ts";
import { caseNamed, collateralOf, quoteCases, quoteOf } from "../../support/vectors.ts";
import { fastBackend } from "./support/backends.ts";
import { certificatesOf, toPem } from "./support/pem.ts";
import { pckChainOf, withBitFlipped } from "./support/quote-layout.ts";
import { refusedWith } from "./support/refusal.ts";
import { root, v4, v5 } from "./support/specimen.ts";

const { json, quote } = v4;

type Change = readonly [name: string, changed: Partial<QuoteCollateral>, code: TdxErrorCode];

/** Collateral is refused as such and, the same way, when a quote is verified with it. */
function itRefuses(changes: readonly Change[]): void {
  for (const [name, changed, code] of changes) {
    it(`${name}: ${code}`, () => {
      const collateral = { ...json, ...changed };
      refusedWith(code, () => createCollateral(collateral, { root, crypto: fastBackend }));
      refusedWith(code, () => v4.check(quote, collateral));
    });
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

const [signer] = certificatesOf(json.tcb_info_issuer_chain);
const [ca] = certificatesOf(json.pck_crl_issuer_chain);
const [leaf] = certificatesOf(pckChainOf(quote));
assert.ok(signer !== undefined && ca !== undefined && leaf !== undefined);

describe("revocation lists", () => {
  const lists = ["root_ca_crl", "pck_crl"] as const;
  itRefuses([
    ...lists.flatMap((name): Change[] => {
      const der = bytes(json[name]);
      return [
        [`${name}: empty`, { [name]: "" }, "CRL_MALFORMED"],
        [`${name}: deadbeef`, { [name]: "deadbeef" }, "CRL_MALFORMED"],
        [`${name}: zeros`, { [name]: "00".repeat(1_000) }, "CRL_MALFORMED"],
        [`${name}: not hex`, { [name]: "no list" }, "COLLATERAL_MALFORMED"],
        [`${name}: half a byte`, { [name]: json[name].slice(1) }, "COLLATERAL_MALFORMED"],
        [
          `${name}: base64`,
          { [name]: Buffer.from(der).toString("base64") },
          "COLLATERAL_MALFORMED",
        ],
        [`${name}: a byte after it`, { [name]: `${json[name]}00` }, "CRL_MALFORMED"],
        [`${name}: its last byte cut`, { [name]: json[name].slice(0, -2) }, "CRL_MALFORMED"],
        [`${name}: twice`, { [name]: json[name].repeat(2) }, "CRL_MALFORMED"],
        [
          `${name}: a bit of its signature`,
          { [name]: hex(withBitFlipped(der, der.length - 1, 0)) },
          "CRL_SIGNATURE_INVALID",
        ],
        [`${name}: a certificate`, { [name]: hex(ca) }, "CRL_MALFORMED"],
        [
          `${name}: longer than any list`,
          { [name]: "0".repeat(2_097_154) },
          "COLLATERAL_MALFORMED",
        ],
      ];
    }),
    ["the PCK CRL for the root CRL", { root_ca_crl: json.pck_crl }, "CRL_ISSUER_MISMATCH"],
    ["the root CRL for the PCK CRL", { pck_crl: json.root_ca_crl }, "CRL_ISSUER_MISMATCH"],
    [
      "the two exchanged",
      { pck_crl: json.root_ca_crl, root_ca_crl: json.pck_crl },
      "CRL_ISSUER_MISMATCH",
    ],
  ]);

  it("the root's own list in place of the PCK CRL, with the root as issuer: CERTIFICATE_SUBJECT_UNEXPECTED", () => {
    const collateral = {
      ...json,
      pck_crl: json.root_ca_crl,
      pck_crl_issuer_chain: toPem(root, root),
    };
    refusedWith("CERTIFICATE_SUBJECT_UNEXPECTED", () => v4.check(quote, collateral));
  });

  it("of an earlier time are genuine, and refused as expired", () => {
    const earlier = collateralOf(caseNamed("v4-00806f050000-0b7c5579/collateral-20260211-eval18"));
    for (const name of lists) {
      const collateral = { ...json, [name]: earlier[name] };
      createCollateral(collateral, { root });
      refusedWith("CRL_EXPIRED", () => v4.check(quote, collateral));
    }
  });

  it("of a later time are genuine, and refused as not yet valid", () => {
    for (const name of lists) {
      const collateral = { ...v5.json, [name]: json[name] };
      createCollateral(collateral, { root });
      refusedWith("CRL_NOT_YET_VALID", () => v5.check(v5.quote, collateral));
    }
  });
});

describe("issuer chains of the collateral", () => {
  const chains: readonly [name: keyof QuoteCollateral, own: Uint8Array, wrong: Uint8Array][] = [
    ["pck_crl_issuer_chain", ca, signer],
    ["tcb_info_issuer_chain", signer, ca],
    ["qe_identity_issuer_chain", signer, ca],
  ];
  for (const [name, own, wrong] of chains) {
    const pem = (what: string, certificates: Uint8Array[], code: TdxErrorCode): Change => [
      `${name}: ${what}`,
      { [name]: toPem(...certificates) },
      code,
    ];
    itRefuses([
      pem("empty", [], "CHAIN_LENGTH_UNEXPECTED"),
      pem("no root", [own], "CHAIN_LENGTH_UNEXPECTED"),
      pem("the root alone", [root], "CHAIN_LENGTH_UNEXPECTED"),
      pem("the root twice", [own, root, root], "CHAIN_LENGTH_UNEXPECTED"),
      pem("in reverse order", [root, own], "ROOT_UNTRUSTED"),
      pem("the issuer twice", [own, own], "ROOT_UNTRUSTED"),
      pem("CA and TCB signer exchanged", [wrong, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
      pem("a PCK certificate as issuer", [leaf, root], "CERTIFICATE_SUBJECT_UNEXPECTED"),
      [`${name}: no PEM`, { [name]: "none" }, "PEM_MALFORMED"],
      [`${name}: text before it`, { [name]: `x${json[name]}` }, "PEM_MALFORMED"],
      [
        `${name}: percent-encoded, as in the HTTP header`,
        { [name]: encodeURIComponent(json[name] ?? "") },
        "PEM_MALFORMED",
      ],
      [`${name}: too long`, { [name]: " ".repeat(16_385) }, "COLLATERAL_MALFORMED"],
    ]);
  }
  itRefuses([
    [
      "the root as its own PCK CA",
      { pck_crl_issuer_chain: toPem(root, root) },
      "CERTIFICATE_SUBJECT_UNEXPECTED",
    ],
    ...(["tcb_info_issuer_chain", "qe_identity_issuer_chain"] as const).map(
      (name): Change => [
        `${name}: the root as TCB signer`,
        { [name]: toPem(root, root) },
        "CERTIFICATE_SUBJECT_UNEXPECTED",
      ],
    ),
  ]);
  for (const entry of quoteCases("test-root")) {
    const [, testCa, testRoot] = certificatesOf(pckChainOf(quoteOf(entry)));
    assert.ok(testCa !== undefined && testRoot !== undefined);
    itRefuses([
      [
        `PCK CA and root of ${entry.name}`,
        { pck_crl_issuer_chain: toPem(testCa, testRoot) },
        "ROOT_UNTRUSTED",
      ],
      [
        `the PCK CA of ${entry.name}`,
        { pck_crl_issuer_chain: toPem(testCa, root) },
        "CERTIFICATE_ISSUER_MISMATCH",
      ],
    ]);
  }
});

describe("signed texts", () => {
  const texts = [
    ["tcb_info", "TCB_INFO_SIGNATURE_INVALID"],
    ["qe_identity", "QE_IDENTITY_SIGNATURE_INVALID"],
  ] as const;
  for (const [name, invalid] of texts) {
    const text = json[name];
    const signature = json[`${name}_signature`];
    const parsed: object = JSON.parse(text);
    const edit = (what: string, edited: string): Change => {
      assert.notEqual(edited, text, what);
      return [`${name}: ${what}`, { [name]: edited }, invalid];
    };
    const sign = (what: string, edited: string, code: TdxErrorCode = invalid): Change => [
      `${name}_signature: ${what}`,
      { [`${name}_signature`]: edited },
      code,
    ];
    itRefuses([
      edit("indented", JSON.stringify(parsed, null, 2)),
      edit("a space after it", `${text} `),
      edit("a line feed after it", `${text}\n`),
      edit("a space before it", ` ${text}`),
      edit("a byte order mark before it", `\ufeff${text}`),
      edit("a NUL after it", `${text}\0`),
      edit("its last character cut", text.slice(0, -1)),
      edit("empty", ""),
      edit("an empty object", "{}"),
      edit("null", "null"),
      edit("a member twice", text.replace("{", '{"version":3,')),
      edit("a later next update", text.replace(/"nextUpdate":"20/, '"nextUpdate":"21')),
      edit("another status", text.replace(/"tcbStatus":"\w+"/, '"tcbStatus":"SWHardeningNeeded"')),
      edit(
        "inside the PCS response",
        `{"${name === "tcb_info" ? "tcbInfo" : "enclaveIdentity"}":${text}}`,
      ),
      edit("a space after a colon", text.replace('"version":', '"version": ')),
      sign("r and s exchanged", signature.slice(64) + signature.slice(0, 64)),
      sign("zero", "00".repeat(64)),
      sign("all ff", "ff".repeat(64)),
      sign(
        "of the other text",
        json[name === "tcb_info" ? "qe_identity_signature" : "tcb_info_signature"],
      ),
      sign("63 bytes", signature.slice(2), "COLLATERAL_MALFORMED"),
      sign("65 bytes", `00${signature}`, "COLLATERAL_MALFORMED"),
      sign("empty", "", "COLLATERAL_MALFORMED"),
      sign("not hex", "z".repeat(128), "COLLATERAL_MALFORMED"),
      sign("base64", Buffer.from(signature, "hex").toString("base64"), "COLLATERAL_MALFORMED"),
      [`${name}: longer than any`, { [name]: " ".repeat(262_145) }, "COLLATERAL_MALFORMED"],
    ]);
    it(`${name}: JSON.stringify gives the same text, or else its signature fails`, () => {
      const again = JSON.stringify(parsed);
      if (again === text) createCollateral({ ...json, [name]: again }, { root });
      else refusedWith(invalid, () => createCollateral({ ...json, [name]: again }, { root }));
    });
  }

  const { tcb_info, tcb_info_signature, qe_identity, qe_identity_signature } = json;
  itRefuses([
    // Both are Intel's and under one key: only what they say tells them apart.
    [
      "the QE identity as TCB info",
      { tcb_info: qe_identity, tcb_info_signature: qe_identity_signature },
      "TCB_INFO_NOT_TDX",
    ],
    [
      "the TCB info as QE identity",
      { qe_identity: tcb_info, qe_identity_signature: tcb_info_signature },
      "QE_IDENTITY_NOT_TD_QE",
    ],
  ]);
});

describe("collateral that is genuine, and another's", () => {
  const other = (name: string) => collateralOf(caseNamed(name));

  it("of another platform type at the same time: TCB_INFO_FMSPC_MISMATCH", () => {
    const sameTime = other("v4-90c06f000000-fefa5722/collateral-20260714-eval19");
    refusedWith("TCB_INFO_FMSPC_MISMATCH", () => v4.check(quote, sameTime));
    const { tcb_info, tcb_info_signature, tcb_info_issuer_chain } = sameTime;
    refusedWith("TCB_INFO_FMSPC_MISMATCH", () =>
      v4.check(quote, { ...json, tcb_info, tcb_info_signature, tcb_info_issuer_chain }),
    );
  });

  it("of the same platform type at an earlier time: expired", () => {
    const earlier = other("v4-00806f050000-0b7c5579/collateral-20260211-eval18");
    refusedWith("CRL_EXPIRED", () => v4.check(quote, earlier));
    const { tcb_info, tcb_info_signature } = earlier;
    refusedWith("TCB_INFO_EXPIRED", () =>
      v4.check(quote, { ...json, tcb_info, tcb_info_signature }),
    );
    const { qe_identity, qe_identity_signature } = earlier;
    refusedWith("QE_IDENTITY_EXPIRED", () =>
      v4.check(quote, { ...json, qe_identity, qe_identity_signature }),
    );
  });

  it("of a later time: not yet valid", () => {
    refusedWith("CRL_NOT_YET_VALID", () => v5.check(v5.quote, json));
    const { tcb_info, tcb_info_signature, qe_identity, qe_identity_signature } = json;
    refusedWith("TCB_INFO_NOT_YET_VALID", () =>
      v5.check(v5.quote, { ...v5.json, tcb_info, tcb_info_signature }),
    );
    refusedWith("QE_IDENTITY_NOT_YET_VALID", () =>
      v5.check(v5.quote, { ...v5.json, qe_identity, qe_identity_signature }),
    );
  });
});
