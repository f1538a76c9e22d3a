interface Entry {
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** What the person who sees it can do. */
  readonly remedy: string;
}

/** What only the contract refuses, or says in its own way; all else is in `tdxErrors`. */
export const contractErrors = {
  COLLATERAL_MISSING: {
    summary: "The chain lacks a part that this needs",
    remedy: "Upload it (`chainseal collateral push`); the parts go in order, the root CRL first.",
  },
  PCK_CERTIFICATE_NOT_CACHED: {
    summary:
      "The chain has not verified this platform's PCK certificate, or another leaf was given",
    remedy: "Send `cachePckCertificate` first; it is needed once for each PCK certificate.",
  },
  COLLATERAL_NOT_NEWER: {
    summary: "The chain has this collateral already, or newer",
    remedy: "Nothing is to be done: the newer state stays.",
  },
  TCB_EVALUATION_NUMBER_SUPERSEDED: {
    summary: "A higher TCB evaluation number is the minimum on this chain by now",
    remedy: "Fetch collateral of the newer evaluation number, upload it, and verify by that.",
  },
  TCB_EVALUATION_NUMBER_UNKNOWN: {
    summary: "The chain has no collateral of this TCB evaluation number",
    remedy: "Upload the TCB info and QE identity of that number: `chainseal collateral push`.",
  },
  CLOCK_NOT_SHORTENED: {
    summary: "The guardian may have an evaluation number become the minimum sooner, never later",
    remedy: "Name a time before the one in force.",
  },
  ACCESS_MANAGED_UNAUTHORIZED: {
    summary: "The account has no role that may do this",
    remedy:
      "Roles are the guardian's and the administrator's; what they need not do is open to anyone.",
  },
  ACCESS_MANAGED_REQUIRED_DELAY: {
    summary: "The role acts with a delay",
    remedy: "Schedule the call with the AccessManager first.",
  },
  ACCESS_MANAGED_INVALID_AUTHORITY: {
    summary: "The authority is not an AccessManager",
    remedy: "Deploy with the address of an AccessManager.",
  },
  AUTHORITY_IS_FIXED: {
    summary: "The authority was chosen at deployment and never changes",
    remedy: "Nothing is to be done: that is meant.",
  },
  FAILED_DEPLOYMENT: {
    summary: "What was decoded could not be stored as code",
    remedy: "Give the transaction more gas.",
  },
  CREATE2_EMPTY_BYTECODE: {
    summary: "There was nothing to store",
    remedy: "Report it: the contract never stores nothing.",
  },
  INSUFFICIENT_BALANCE: {
    summary: "The contract lacks the balance to store something",
    remedy: "Report it: storing takes none.",
  },
} as const satisfies Record<string, Entry>;

/** What goes wrong on the way to the contract. */
export const chainErrors = {
  ONCHAIN_PARAMETER_INVALID: {
    summary: "An argument cannot be used",
    remedy: "Compare the argument with the documentation of the function or command.",
  },
  CHAIN_UNREACHABLE: {
    summary: "The chain's RPC endpoint cannot be reached",
    remedy: "Check the address, the network and the key of the service.",
  },
  CHAIN_TIMEOUT: {
    summary: "The chain's RPC endpoint did not answer in time",
    remedy: "Try again, or use another endpoint.",
  },
  CHAIN_REQUEST_FAILED: {
    summary: "The chain's RPC endpoint refused a request",
    remedy: "Read its reason; it may lack a method, or the account may lack funds.",
  },
  CONTRACT_MISSING: {
    summary: "There is no contract of Chainseal at the address",
    remedy: "Check the address and that the endpoint is of the right chain.",
  },
  CALL_REVERTED: {
    summary: "The contract refused for a reason that this version does not know",
    remedy: "Check that the address is of the contract that was meant; update Chainseal.",
  },
  TRANSACTION_TOO_LARGE: {
    summary: "A transaction would need more gas than one may have",
    remedy: "Report it: collateral of Intel's usual size fits.",
  },
  TRANSACTION_NOT_INCLUDED: {
    summary: "A transaction was sent, but was not included in time",
    remedy: "Run the same again: what has arrived by then is not sent twice.",
  },
} as const satisfies Record<string, Entry>;
