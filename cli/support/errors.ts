import { ChainsealError, type ErrorDetails } from "../../sdk/errors.ts";

/** What can be wrong with the words of a command or with the files it names. */
export const cliErrors = {
  USAGE: {
    summary: "The command was not understood",
    remedy: "Run it with --help.",
  },
  FILE_UNREADABLE: {
    summary: "A file cannot be read",
    remedy: "Check the path and its permissions.",
  },
  FILE_UNWRITABLE: {
    summary: "A file cannot be written",
    remedy: "Check the path and its permissions.",
  },
  FILE_TOO_LARGE: {
    summary: "A file is larger than anything of its kind",
    remedy: "Check that it is the file you meant.",
  },
  INPUT_NOT_A_QUOTE: {
    summary: "The file is not a quote in binary, hex or base64",
    remedy: "Give one quote and nothing else, as it left the quoting service.",
  },
  INPUT_NOT_GPU_EVIDENCE: {
    summary: "A file is nothing that GPU evidence is made of",
    remedy:
      "Give reports, PEM chains, evidence JSON, RIMs and OCSP responses as their sources gave them.",
  },
  INPUT_NOT_JSON: {
    summary: "A file is not JSON",
    remedy: "Check that it is the file you meant.",
  },
  TIME_UNREADABLE: {
    summary: "The time was not understood",
    remedy: "Give ISO 8601 with a zone, such as 2026-07-14T00:00:00Z, or Unix seconds.",
  },
  MANIFEST_MALFORMED: {
    summary: "The manifest is not of the form of those in test/vectors",
    remedy: "Compare it with one of those.",
  },
  CHAIN_NOT_INSTALLED: {
    summary: "The local chain is not installed",
    remedy: "Install it beside Chainseal: npm install --save-dev @foundry-rs/anvil",
  },
  CHAIN_NOT_STARTED: {
    summary: "The local chain did not start",
    remedy: "Try again; if it fails again, report it with what it said.",
  },
  KEY_UNREADABLE: {
    summary: "The environment variable holds no private key",
    remedy: "Set it to 32 bytes in hex. A key is never given as an argument.",
  },
  RPC_URL_INVALID: {
    summary: "The RPC address is not an http or https URL",
    remedy: "Give the endpoint's address, such as http://127.0.0.1:8545.",
  },
  UNEXPECTED: {
    summary: "Something failed that should not",
    remedy: "This is a fault of Chainseal. Please report it with what follows.",
  },
} as const;

export type CliErrorCode = keyof typeof cliErrors;

/** Unreadable input or usage: exit code 2. */
export class CliError extends ChainsealError {
  override readonly name: string = "CliError";
  declare readonly code: CliErrorCode;

  constructor(code: CliErrorCode, details: ErrorDetails = {}) {
    super(code, cliErrors[code].summary, details);
  }
}
