import { basicConstraints, keyUsage, withExtension } from "../../../sdk/tdx/simulator/index.ts";
import { attacks } from "./support/attacks.ts";
import { collateralWithTcbSigner } from "./support/forge.ts";
import { simulator, verifySimulated } from "./support/simulated.ts";

const { at } = simulator;
const platform = simulator.platform();
const genuine = platform.quote();
const mallory = simulator.key("mallory");

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
