import assert from "node:assert/strict";
import { tdxErrors } from "../../../../sdk/tdx/index.ts";
import {
  chainErrors,
  contractErrors,
  errorCodeOf,
  onchainErrors,
  tdxAttestationAbi,
} from "../../../../sdk/tdx/onchain/index.ts";

/**
 * Codes of `TdxError` that the contract has no use for: framing, PEM and JSON of collateral are
 * checked before the chain, the rest is of arguments and services.
 */
const OFF_CHAIN_ONLY = [
  "QUOTE_NOT_BYTES",
  "QUOTE_TOO_LARGE",
  "QUOTE_LENGTH_MISMATCH",
  "QUOTE_CERTIFICATION_DATA_UNSUPPORTED",
  "ROOT_MALFORMED",
  "PEM_MALFORMED",
  "CHAIN_LENGTH_UNEXPECTED",
  // The contract knows no other root than its own, so another's evidence has another issuer.
  "ROOT_UNTRUSTED",
  "PCK_CHAIN_MISSING",
  "COLLATERAL_MALFORMED",
  "COLLATERAL_ROOT_MISMATCH",
  // The contract looks collateral up by the platform type, so it never finds another's.
  "TCB_INFO_FMSPC_MISMATCH",
  "TIME_INVALID",
  "POLICY_MALFORMED",
];

const ofContract = tdxAttestationAbi
  .filter((entry) => entry.type === "error")
  .map(({ name }) => errorCodeOf(name));

describe("the tables of errors", () => {
  it("have a code for every error of the contract", () => {
    assert.ok(ofContract.length > 50, `${ofContract.length} errors`);
    const unknown = ofContract.filter((code) => !(code in tdxErrors || code in contractErrors));
    assert.deepEqual(unknown, []);
  });

  it("have no code as the contract's that it does not have", () => {
    const others = Object.keys(contractErrors).filter((code) => !ofContract.includes(code));
    assert.deepEqual(others, []);
  });

  it("say which codes of verify the contract does not have, and no other", () => {
    const missing = Object.keys(tdxErrors).filter(
      (code) => !ofContract.includes(code) && !code.startsWith("PCCS_"),
    );
    assert.deepEqual(missing, OFF_CHAIN_ONLY);
  });

  it("give each code one meaning", () => {
    const twice = Object.keys(chainErrors).filter(
      (code) => code in tdxErrors || code in contractErrors,
    );
    assert.deepEqual(twice, []);
    for (const [code, { summary, remedy }] of Object.entries(onchainErrors)) {
      assert.match(code, /^[A-Z][A-Z0-9_]+$/);
      assert.ok(!summary.endsWith(".") && remedy.endsWith("."), code);
    }
  });

  it("spell a name of the contract as a code", () => {
    assert.equal(errorCodeOf("QuoteSignatureInvalid"), "QUOTE_SIGNATURE_INVALID");
    assert.equal(errorCodeOf("QeIdentityNotTdQe"), "QE_IDENTITY_NOT_TD_QE");
  });
});
