import { type Hex, isHex, zeroAddress } from "viem";
import { tdxAttestationAbi } from "../../tdx/onchain/abi.ts";
import { workerRegistryAbi } from "../abi.ts";
import { checkAddress, type PinnedBlock, pinnedBlock } from "../contract.ts";
import { invalidArgument } from "../errors.ts";
import type { Snapshot } from "../snapshot.ts";

/** A TCB info or QE identity; times in Unix seconds. */
export interface DocumentStatus {
  readonly issueDate: number;
  /** The first of its own next update and the end of its signer. */
  readonly validUntil: number;
  readonly isValid: boolean;
}

/** What a chain has of one TCB evaluation number. */
export interface EvaluationStatus {
  readonly number: number;
  /** When no lower number counts any more; `null` for those that began no clock. */
  readonly minimumFrom: number | null;
  /** With `since`: from when grace periods count. */
  readonly tcbInfo: (DocumentStatus & { readonly since: number }) | null;
  readonly qeIdentity: DocumentStatus | null;
}

export interface CollateralStatus extends PinnedBlock {
  readonly attestation: Hex;
  /** Whether its quotes come from real machines; else from a simulator. */
  readonly isIntelRoot: boolean;
  readonly rootFingerprint: Hex;
  /** The lowest TCB evaluation number that counts. */
  readonly minimumNumber: number;
  readonly rootCrl: { readonly thisUpdate: number; readonly validUntil: number } | null;
  /** Those of the number asked for, or all that the chain knows, in its order. */
  readonly evaluations: readonly EvaluationStatus[];
}

interface RawDocument {
  readonly data: Hex;
  readonly issueDate: number;
  readonly validUntil: number;
  readonly since: number;
}

/** Where the registry's attestation contract is. */
export function readAttestation(snapshot: Snapshot, registry: Hex): Promise<Hex> {
  const address = checkAddress(registry);
  return snapshot.read({
    abi: workerRegistryAbi,
    address,
    functionName: "ATTESTATION",
    args: [],
  });
}

async function readEvaluation(
  snapshot: Snapshot,
  address: Hex,
  fmspc: Hex,
  number: number,
): Promise<EvaluationStatus> {
  const abi = tdxAttestationAbi;
  const [minimumFrom, tcbInfo, qeIdentity] = await Promise.all([
    snapshot.read({ abi, address, functionName: "minimumFromOf", args: [number] }),
    snapshot.read({ abi, address, functionName: "tcbInfoOf", args: [fmspc, number] }),
    snapshot.read({ abi, address, functionName: "qeIdentityOf", args: [number] }),
  ]);
  const status = ({ data, issueDate, validUntil }: RawDocument): DocumentStatus | null =>
    data === zeroAddress
      ? null
      : { issueDate, validUntil, isValid: snapshot.timestamp <= validUntil };
  const info = status(tcbInfo);
  return Object.freeze({
    number,
    minimumFrom: minimumFrom === 0 ? null : minimumFrom,
    tcbInfo: info === null ? null : { ...info, since: tcbInfo.since },
    qeIdentity: status(qeIdentity),
  });
}

export async function readCollateral(
  snapshot: Snapshot,
  registry: Hex,
  { fmspc, number }: { readonly fmspc: Hex; readonly number?: number | undefined },
): Promise<CollateralStatus> {
  if (!isHex(fmspc) || fmspc.length !== 14) {
    throw invalidArgument("fmspc", "6 bytes in hex", String(fmspc));
  }
  if (number !== undefined && !(Number.isInteger(number) && number >= 0 && number <= 0xffff)) {
    throw invalidArgument("number", "a whole number of 16 bits", number);
  }
  const address = await readAttestation(snapshot, registry);
  const contract = { abi: tdxAttestationAbi, address, args: [] } as const;
  const [isIntelRoot, rootFingerprint, minimumNumber, known, rootId] = await Promise.all([
    snapshot.read({ ...contract, functionName: "isIntelRoot" }),
    snapshot.read({ ...contract, functionName: "rootFingerprint" }),
    snapshot.read({ ...contract, functionName: "minimumEvaluationNumber" }),
    snapshot.read({ ...contract, functionName: "evaluationNumbers" }),
    snapshot.read({ ...contract, functionName: "rootId" }),
  ]);
  const crl = await snapshot.read({ ...contract, functionName: "crlOf", args: [rootId] });
  const numbers = number === undefined ? known : [number];
  const evaluations = await Promise.all(
    numbers.map((one) => readEvaluation(snapshot, address, fmspc, one)),
  );
  return Object.freeze({
    attestation: address,
    isIntelRoot,
    rootFingerprint,
    minimumNumber,
    rootCrl:
      crl.validUntil === 0 ? null : { thisUpdate: crl.thisUpdate, validUntil: crl.validUntil },
    evaluations: Object.freeze(evaluations),
    ...pinnedBlock(snapshot),
  });
}
