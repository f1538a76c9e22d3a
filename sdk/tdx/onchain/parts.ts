/** `Part` of `contracts/attestation/TdxTypes.sol`, by value, in the words of `sdk/tdx`. */
export const parts = [
  "root",
  "PCK CA",
  "TCB signer",
  "PCK certificate",
  "root CRL",
  "PCK CRL",
  "TCB info",
  "QE identity",
] as const;

export type Part = (typeof parts)[number];

/** `DerFault` of `contracts/interfaces/ITdxAttestationErrors.sol`, by value. */
export const derFaults = [
  "it ends too early",
  "an unexpected tag",
  "a length that is not in its shortest form",
  "data left over",
  "an integer that is not in its shortest form",
  "an integer that is too large",
  "a boolean that is not canonical",
  "a malformed object identifier",
  "a malformed bit string",
  "a malformed time",
  "an encoded default value",
  "it is too long",
  "an unsupported version",
  "an unsupported algorithm",
  "an unsupported key",
  "a malformed name",
  "an extension that occurs twice",
  "too many extensions",
  "an unknown field",
  "a field that occurs twice",
  "a field is missing",
  "a field of the wrong length",
] as const;

/** `JsonFault` of the same file, by value. */
export const jsonFaults = [
  "it is not JSON",
  "it is too long",
  "it is nested too deeply",
  "an unsupported text",
  "an unsupported number",
  "a number that is too large",
  "malformed hex",
  "a malformed time",
  "a member that occurs twice",
  "a member is missing",
  "an unexpected value",
  "an empty list",
  "a list of the wrong length",
  "a level that occurs twice",
] as const;
