interface Entry {
  /** One sentence: what is wrong. */
  readonly summary: string;
  /** What the person who sees it can do. */
  readonly remedy: string;
}

/** What the registry refuses, under the codes of its errors' names. */
export const registryErrors = {
  PROGRAM_UNKNOWN: {
    summary: "There is no program of this id on this registry",
    remedy: "Check the id, the registry's address and the chain; or create it.",
  },
  PROGRAM_EXISTS: {
    summary: "This account has created a program with this salt already",
    remedy: "Choose another salt, or use the program that is there.",
  },
  NOT_PROGRAM_OWNER: {
    summary: "Only the program's owner may do this",
    remedy: "Send it with the owner's account.",
  },
  NOT_PENDING_OWNER: {
    summary: "Another account was proposed as the program's owner",
    remedy: "Accept with the account that was proposed.",
  },
  POLICY_INVALID: {
    summary: "No program may have such a policy",
    remedy: "Correct the field that is named; docs/programs.md has the limits.",
  },
  NOTICE_NOT_OVER: {
    summary: "The notice is not over",
    remedy: "Wait until the time that was expected.",
  },
  NOTHING_PENDING: {
    summary: "Nothing waits to be put in force",
    remedy: "Propose it first; or it was applied or dropped already.",
  },
  APPROVAL_UNKNOWN: {
    summary: "The program has no approval of this number",
    remedy: "`chainseal program status` lists them; they are numbered from 1.",
  },
  APPROVAL_NOT_YET_IN_FORCE: {
    summary: "The approval waits for the program's notice",
    remedy: "Wait until the time that was expected.",
  },
  APPROVAL_IS_WITHDRAWN: {
    summary: "The approval was withdrawn, which is for ever",
    remedy: "Approve the measurements again; that waits for the notice again.",
  },
  MEASUREMENTS_INVALID: {
    summary: "The measurements cannot be approved",
    remedy: "Correct the field that is named; each register has 48 bytes.",
  },
  APPLICATION_NOT_MEASURED: {
    summary: "The measurements name no application",
    remedy: "Measure it into RTMR3, or name it in MRCONFIGID under an OS that enforces that.",
  },
  MR_CONFIG_ID_NOT_ENFORCED: {
    summary: "MRCONFIGID is the host's word unless the measured OS enforces it",
    remedy: "Use RTMR3; or say that the OS enforces MRCONFIGID, if its source shows it.",
  },
  MEASUREMENTS_NOT_APPROVED: {
    summary: "The quote's measurements are not those of the approval",
    remedy: "Approve this image, start the approved one, or name the approval that fits.",
  },
  PLATFORM_IS_REVOKED: {
    summary: "The machine is revoked, which is for ever",
    remedy: "Use another machine.",
  },
  PLATFORM_NOT_ADMITTED: {
    summary: "The program does not admit this machine",
    remedy: "Its owner can list it: `chainseal program platforms add`. That waits for the notice.",
  },
  OWNER_SIGNATURE_INVALID: {
    summary: "The program's owner has not signed for this worker",
    remedy: "Under COSIGN the owner signs program, identity, platform and challenge block.",
  },
  CHALLENGE_BLOCK_UNKNOWN: {
    summary: "The challenge block is too old, or not there yet",
    remedy: "Take a recent block's hash and make a new quote.",
  },
  CHALLENGE_NOT_NEWER: {
    summary: "The worker has attested with this challenge block or a newer one",
    remedy: "Nothing is to be done if it is registered; else make a quote over a newer block.",
  },
  REPORT_DATA_MISMATCH: {
    summary: "The quote was made for something else",
    remedy: "Chain, registry, program, identity and challenge block must be those in the quote.",
  },
  IDENTITY_SIGNATURE_INVALID: {
    summary: "The identity has not signed its registration",
    remedy: "Sign the commitment with the identity's key (EIP-712 `Registration`).",
  },
  WORKER_IS_REVOKED: {
    summary: "The worker is revoked, which is for ever",
    remedy: "Start it again with a new identity.",
  },
  WORKER_UNKNOWN: {
    summary: "There is no such worker in this program",
    remedy: "Check program, address and chain; the worker may not have registered yet.",
  },
  WORKER_NOT_ACCEPTED: {
    summary: "The program's policy does not accept the worker",
    remedy: "docs/programs.md says what each status means.",
  },
  DEBUG_TD: {
    summary: "The TD can be looked into by its host",
    remedy: "Start it without DEBUG and the other attributes that lift its protection.",
  },
  ADVISORY_NOT_ACCEPTED: {
    summary: "A security advisory that the program refuses concerns this machine",
    remedy: "Update the machine's firmware.",
  },
  EVIDENCE_MISMATCH: {
    summary: "The evidence is not what the worker was registered by",
    remedy: "Give the PCK certificate and claims of its last registration.",
  },
  REEVALUATION_NOT_NEWER: {
    summary: "The worker was judged by newer collateral already, or its own still counts",
    remedy: "Judge it by a higher evaluation number under which it passes.",
  },
  WORKER_NOT_VALID: {
    summary: "The worker is not valid now",
    remedy: "docs/programs.md says what each status means.",
  },
  REGISTRATIONS_PAUSED: {
    summary: "The guardian has paused first registrations",
    remedy: "Wait until the time that is named. Workers that are registered are not concerned.",
  },
  PAUSE_USED: {
    summary: "The pause can be used once in 30 days",
    remedy: "Wait until the time that is named.",
  },
  ALREADY_SET: {
    summary: "This was set, once and for all",
    remedy: "Nothing is to be done: that is meant.",
  },
  NOT_AUTHORIZED: {
    summary: "Only the contract of GPU verdicts may do this",
    remedy: "Nothing is to be done: that is meant.",
  },
  INVALID_SHORT_STRING: {
    summary: "A name of the contract cannot be read",
    remedy: "Report it: the registry's names are short.",
  },
  STRING_TOO_LONG: {
    summary: "A name of the contract is too long",
    remedy: "Report it: the registry's names are short.",
  },
} as const satisfies Record<string, Entry>;

/** What `WorkerGate` refuses when it carries a worker's call. */
export const gateErrors = {
  WORKER_CALL_EXPIRED: {
    summary: "The worker's signed call came too late",
    remedy: "Have the worker sign it again, with a later deadline.",
  },
  WORKER_CALL_SIGNATURE_INVALID: {
    summary: "The worker has not signed this call",
    remedy: "Sign for the contract's own EIP-712 domain, chain and address.",
  },
  WORKER_CALL_NESTED: {
    summary: "A signed call carries another",
    remedy: "Carry one call a transaction, or one after another.",
  },
  INVALID_ACCOUNT_NONCE: {
    summary: "The signed call's nonce is not the next one",
    remedy: "Calls are carried in order and once; sign with the nonce that the contract names.",
  },
} as const satisfies Record<string, Entry>;

/** What goes wrong on this side. */
export const clientErrors = {
  CLIENT_PARAMETER_INVALID: {
    summary: "An argument cannot be used",
    remedy: "Compare the argument with the documentation of the function or command.",
  },
  STALE_BLOCK: {
    summary: "The newest block that the endpoint gives is too old",
    remedy: "Use an endpoint that follows the chain, or allow more with `maxStaleness`.",
  },
  BLOCK_UNKNOWN: {
    summary: "The endpoint does not know the block",
    remedy: "Check the number and the endpoint; it may lag, or keep no old state.",
  },
  RPCS_DISAGREE: {
    summary: "Too few RPC endpoints give the same answer",
    remedy: "Ask again; if it stays so, one of them is wrong or out of date.",
  },
  TRANSACTION_LOGS_MISSING: {
    summary: "The transaction was included, but has not left the event that says what it made",
    remedy: "Check that the address is of Chainseal's registry.",
  },
} as const satisfies Record<string, Entry>;

/** Why an audit cannot be made; what it finds wrong is in its answer. */
export const auditErrors = {
  AUDIT_EVENT_MISSING: {
    summary: "The event that the audit needs was not found",
    remedy: "Use an endpoint that keeps all events; `--from-block` must not be too late.",
  },
  AUDIT_CALLDATA_UNREADABLE: {
    summary: "The transaction does not carry its evidence in a form that can be read back",
    remedy: "It came through another contract that made the call itself; trace the transaction.",
  },
} as const satisfies Record<string, Entry>;
