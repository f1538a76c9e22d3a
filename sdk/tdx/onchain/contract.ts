import type { Account, Chain, Client, Transport } from "viem";
import { isAddress } from "viem";
import type { Hex } from "../../bytes.ts";
import { decodeAttestationError } from "./decode-error.ts";
import { invalidParameter } from "./errors.ts";

/** Any client of viem. Reads need no account; what sends needs one. */
export type ChainClient = Client<Transport, Chain | undefined, Account | undefined>;

/** Where the attestation contract is. */
export interface ContractParameters {
  /** Of `TdxAttestation`, 20 bytes. */
  readonly address: Hex;
}

/** Errors: `ONCHAIN_PARAMETER_INVALID`. */
export function checkAddress(address: Hex): Hex {
  if (isAddress(address, { strict: false })) return address;
  throw invalidParameter("address", "20 bytes in hex", String(address));
}

/** Waits for a viem action, with whatever it throws decoded. */
export function decodingBy(decode: (error: unknown) => Error) {
  return async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (error) {
      throw decode(error);
    }
  };
}

export const decoding = decodingBy(decodeAttestationError);
