// Made by `npm run docs`; do not edit.

/**
 * Gas that the contract's execution takes, beside what every transaction pays: medians over the
 * recorded quotes on a chain of Osaka's rules, with P-256 by precompile and all that is read
 * untouched before in the transaction (EIP-2929). A TCB that is not up to date has its level further
 * down, and advisories to name.
 */
export const executionGas = {
  verifyQuote: 48_020,
  verifyQuoteOutOfDate: 55_926,
  cachePckCertificate: 136_800,
} as const;
