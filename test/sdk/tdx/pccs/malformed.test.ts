import { caseNamed, collateralOf } from "../../../support/vectors.ts";
import { certificatesOf, toPem } from "../support/pem.ts";
import { type Reply, signedBody } from "./collateral-server.ts";
import { clientOf, collateral, parameters, refused, useServer } from "./support.ts";

const { tcb_info: tcbInfo, tcb_info_signature: signature, qe_identity: qeIdentity } = collateral;
const html = "<!doctype html><title>Sign in</title>";
const [issuer, root] = certificatesOf(collateral.tcb_info_issuer_chain);
if (issuer === undefined || root === undefined) throw new Error("the vectors have chains of two");

const documents: Readonly<Record<string, string | Uint8Array>> = {
  "an empty body": "",
  "a page": html,
  "a text": '"tcbInfo"',
  "an array": `[${signedBody("tcbInfo", tcbInfo, signature)}]`,
  "the document alone": tcbInfo,
  "the other document": signedBody("enclaveIdentity", qeIdentity, signature),
  "no signature": `{"tcbInfo":${tcbInfo}}`,
  "a signature that is null": `{"tcbInfo":${tcbInfo},"signature":null}`,
  "a short signature": signedBody("tcbInfo", tcbInfo, signature.slice(2)),
  "a signature that is not hex": signedBody("tcbInfo", tcbInfo, `${signature.slice(1)}g`),
  "a document as text": `{"tcbInfo":${JSON.stringify(tcbInfo)},"signature":"${signature}"}`,
  "a document as an array": signedBody("tcbInfo", `[${tcbInfo}]`, signature),
  "two documents": `{"tcbInfo":${tcbInfo},${signedBody("tcbInfo", tcbInfo, signature).slice(1)}`,
  "two documents, one with an escaped name": `{"tcbInf\\u006f":${tcbInfo},${signedBody("tcbInfo", tcbInfo, signature).slice(1)}`,
  "two signatures": `{"signature":"${signature}",${signedBody("tcbInfo", tcbInfo, signature).slice(1)}`,
  "a repeated member within": signedBody(
    "tcbInfo",
    tcbInfo.replace("{", '{"id":"SGX",'),
    signature,
  ),
  "another member": `{"more":1,${signedBody("tcbInfo", tcbInfo, signature).slice(1)}`,
  "a member named __proto__": `{"__proto__":{},${signedBody("tcbInfo", tcbInfo, signature).slice(1)}`,
  "text after the end": `${signedBody("tcbInfo", tcbInfo, signature)}x`,
  "two bodies": signedBody("tcbInfo", tcbInfo, signature).repeat(2),
  "a body cut short": signedBody("tcbInfo", tcbInfo, signature).slice(0, -1),
  "a comma too many": signedBody("tcbInfo", tcbInfo.replace("{", "{,"), signature),
  "deep nesting": signedBody("tcbInfo", `{"a":${"[".repeat(40)}${"]".repeat(40)}}`, signature),
  "deepest nesting": "[".repeat(500_000),
  "a byte order mark": `\ufeff${signedBody("tcbInfo", tcbInfo, signature)}`,
  "bytes that are not UTF-8": Buffer.from(
    signedBody("tcbInfo", tcbInfo.replace("TDX", "TD\xff"), signature),
    "latin1",
  ),
  "UTF-16": Buffer.from(signedBody("tcbInfo", tcbInfo, signature), "utf16le"),
  "another FMSPC": signedBody(
    "tcbInfo",
    tcbInfo.replace(/"00806f050000"/i, '"00806f050001"'),
    signature,
  ),
  "an FMSPC that is not one": signedBody(
    "tcbInfo",
    tcbInfo.replace(/"00806f050000"/i, "7"),
    signature,
  ),
};

const chains: Readonly<Record<string, string | undefined>> = {
  "no header": undefined,
  "an empty header": "",
  "a header that is not PEM": "x",
  "a header that is not URL-encoded": "%zz",
  "a header that is not UTF-8": "%ff",
  "PEM with other text": encodeURIComponent(`${toPem(issuer)}x${toPem(root)}`),
  "PEM without base64": encodeURIComponent(toPem(issuer).replace("MII", "M*I")),
  "one certificate": encodeURIComponent(toPem(issuer)),
  "three certificates": encodeURIComponent(toPem(issuer, issuer, root)),
  "twice the chain": encodeURIComponent(toPem(issuer, root).repeat(2)),
  "spaces as plus signs": encodeURIComponent(toPem(issuer, root)).replaceAll("%20", "+"),
};

const crls: Readonly<Record<string, string | Uint8Array>> = {
  "an empty body": "",
  "white space": " \n",
  "a page": html,
  PEM: "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
  "half a digit": collateral.pck_crl.slice(1),
  "hex of something else": "deadbeef",
  "hex with its prefix": `0x${collateral.pck_crl}`,
  "hex cut short": collateral.pck_crl.slice(0, -2),
  "hex with more": `${collateral.pck_crl}00`,
  "DER cut short": Buffer.from(collateral.pck_crl, "hex").subarray(0, -1),
  "DER with more": Buffer.from(`${collateral.pck_crl}00`, "hex"),
  "a JSON text": JSON.stringify(collateral.pck_crl),
};

describe("a TCB info that is malformed", () => {
  const used = useServer();

  for (const [what, body] of Object.entries(documents)) {
    it(`is refused: ${what}`, async () => {
      const { server } = used;
      server.on("TCB info", ({ reply }) => ({ ...reply, body }));
      const client = clientOf(server, { retries: 3 });
      await refused("PCCS_RESPONSE_MALFORMED", client.fetchCollateral(parameters), {
        subject: "TCB info",
      });
    });
  }

  it("is refused when it is of another number than asked for", async () => {
    // A PCCS does not know the parameter, and answers with its newest.
    await refused(
      "PCCS_RESPONSE_MALFORMED",
      clientOf(used.server).fetchCollateral({ ...parameters, tcbEvaluationDataNumber: 18 }),
      { subject: /^(?:TCB info|QE identity)$/, expected: /Number 18$/, found: 19 },
    );
  });
});

describe("a QE identity that is malformed", () => {
  const used = useServer();

  it("is refused when it is the TCB info", async () => {
    const { server } = used;
    const body = signedBody("tcbInfo", tcbInfo, signature);
    server.on("QE identity", ({ reply }) => ({ ...reply, body }));
    await refused("PCCS_RESPONSE_MALFORMED", clientOf(server).fetchCollateral(parameters), {
      subject: "QE identity",
    });
  });

  it("is refused when it is of another number than asked for", async () => {
    const { server } = used;
    const mixed = caseNamed("v4-b0c06f000000-e1f54b3d/collateral-20260828-eval20");
    server.reset(collateralOf(mixed));
    await refused(
      "PCCS_RESPONSE_MALFORMED",
      clientOf(server).fetchCollateral({
        fmspc: "0xb0c06f000000",
        pckCa: "platform",
        tcbEvaluationDataNumber: mixed.tcb_evaluation_data_number.tcb_info,
      }),
      { subject: "QE identity", expected: "tcbEvaluationDataNumber 20", found: 19 },
    );
  });
});

for (const [item, header] of [
  ["PCK CRL", "SGX-PCK-CRL-Issuer-Chain"],
  ["TCB info", "TCB-Info-Issuer-Chain"],
  ["QE identity", "SGX-Enclave-Identity-Issuer-Chain"],
] as const) {
  describe(`an issuer chain of the ${item} that is malformed`, () => {
    const used = useServer();

    for (const [what, value] of Object.entries(chains)) {
      it(`is refused: ${what}`, async () => {
        const { server } = used;
        server.on(
          item,
          ({ reply }): Reply => ({
            ...reply,
            headers: value === undefined ? {} : { [header]: value },
          }),
        );
        await refused("PCCS_RESPONSE_MALFORMED", clientOf(server).fetchCollateral(parameters), {
          subject: `issuer chain of the ${item}`,
        });
      });
    }
  });
}

for (const item of ["PCK CRL", "root CRL"] as const) {
  describe(`a ${item} that is malformed`, () => {
    const used = useServer();

    for (const [what, body] of Object.entries(crls)) {
      it(`is refused: ${what}`, async () => {
        const { server } = used;
        server.on(item, ({ reply }) => ({ ...reply, body }));
        await refused("PCCS_RESPONSE_MALFORMED", clientOf(server).fetchCollateral(parameters), {
          subject: item,
        });
      });
    }
  });
}
