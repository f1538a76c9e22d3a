/**
 * What other people's contracts take for the same job: Automata's DCAP attestation and on-chain
 * PCCS, main branch. Measured with their own code as whole transactions on anvil 1.7.1 under Osaka's
 * rules, P-256 by precompile, November 2026. They are stated here alone, and not measured again.
 */
export const peers = {
  name: "Automata",
  /** Collateral of a first quote, from nothing: eight transactions. */
  collateralGas: 18_300_000,
  /** Its own test quote. */
  verificationGas: 4_270_000,
  /** A quote of 5,006 bytes. */
  otherVerificationGas: 3_970_000,
} as const;

/** Flashtestations on Automata v1.0, registering a machine; measured in the same way. */
export const registrationPeer = {
  name: "Flashtestations",
  gas: 7_890_000,
  note: "on Automata v1.0, November 2026",
} as const;
