import { encodeEventTopics, type Hex, hexToBytes, hexToString, keccak256, type Log } from "viem";
import type { QuoteCollateral } from "../../tdx/collateral.ts";
import { tdxAttestationAbi as abi } from "../../tdx/onchain/abi.ts";
import type { ChainClient } from "../../tdx/onchain/contract.ts";
import type { EvaluationNumbers, PckLeaf } from "../../tdx/onchain/evidence.ts";
import { issuerIdOf } from "../../tdx/onchain/issuer-id.ts";
import { pemChain } from "../../tdx/onchain/rebuild-quote.ts";
import { parseQeIdentity } from "../../tdx/qe-identity.ts";
import { parseTcbInfo } from "../../tdx/tcb-info.ts";
import { parseCertificate, parseCrl } from "../../tdx/x509.ts";
import { workerRegistryAbi } from "../abi.ts";
import { RegistryError } from "../errors.ts";
import { findCall, unreadable } from "./find-call.ts";
import { findLastLog, type LogPlace } from "./find-log.ts";

/** A part of collateral and the transaction that brought it. */
export interface CollateralSource {
  readonly part: string;
  readonly blockNumber: bigint;
  readonly transactionHash: Hex;
}

export interface CollateralAt {
  readonly collateral: QuoteCollateral;
  /** DER: PCK certificate, PCK CA, root. */
  readonly pckChain: readonly Uint8Array[];
  readonly sources: readonly CollateralSource[];
}

export interface CollateralAtParameters {
  readonly registry: Hex;
  readonly attestation: Hex;
  readonly rootId: Hex;
  /** DER. */
  readonly root: Uint8Array;
  readonly leaf: PckLeaf;
  readonly numbers: EvaluationNumbers;
  readonly place: LogPlace;
  readonly fromBlock: bigint;
}

/** A word of an event's data: what was uploaded is then the call's that says the same of itself. */
function wordOf(data: Hex, index: number): bigint {
  return BigInt(`0x${data.slice(2 + 64 * index, 66 + 64 * index)}`);
}

/** Reads collateral back from the calldata of its uploads, as it was in force at a place. */
class Uploads {
  readonly #client: ChainClient;
  readonly #parameters: CollateralAtParameters;
  readonly sources: CollateralSource[] = [];

  constructor(client: ChainClient, parameters: CollateralAtParameters) {
    this.#client = client;
    this.#parameters = parameters;
  }

  async #last(
    part: string,
    topics: readonly (Hex | null)[],
  ): Promise<Log & { transactionHash: Hex }> {
    const { attestation: address, place: before, fromBlock } = this.#parameters;
    const log = await findLastLog(this.#client, { address, topics, fromBlock, before });
    if (log === undefined || log.transactionHash === null || log.blockNumber === null) {
      throw new RegistryError("AUDIT_EVENT_MISSING", {
        subject: part,
        expected: `its upload in blocks ${fromBlock} to ${before.blockNumber}`,
        found: "no such event",
      });
    }
    const { blockNumber, transactionHash } = log;
    this.sources.push({ part, blockNumber, transactionHash });
    return { ...log, transactionHash };
  }

  async issuer(part: string, issuerId: Hex): Promise<Uint8Array> {
    const topics = encodeEventTopics({ abi, eventName: "IssuerUploaded", args: { issuerId } });
    const { transactionHash, data } = await this.#last(part, topics as Hex[]);
    const serial = wordOf(data, 1);
    const accept = ([der]: readonly [Hex]) => {
      const certificate = parseCertificate(hexToBytes(der), part);
      return issuerIdOf(certificate) === issuerId && BigInt(`0x${certificate.serial}`) === serial;
    };
    const contract = this.#parameters.attestation;
    for (const functionName of ["uploadPckCa", "uploadTcbSigner"] as const) {
      const wanted = { abi, functionName, contract, accept };
      const call = await findCall(this.#client, transactionHash, wanted);
      if (call !== undefined) return hexToBytes(call.args[0]);
    }
    throw unreadable(part, transactionHash, null);
  }

  async crl(part: string, issuerId: Hex): Promise<Hex> {
    const topics = encodeEventTopics({ abi, eventName: "CrlUploaded", args: { issuerId } });
    const { transactionHash, data } = await this.#last(part, topics as Hex[]);
    const thisUpdate = wordOf(data, 0);
    const call = await findCall(this.#client, transactionHash, {
      abi,
      functionName: "uploadCrl",
      contract: this.#parameters.attestation,
      accept: ([crl, id]) =>
        id === issuerId && BigInt(parseCrl(hexToBytes(crl), part).thisUpdate) === thisUpdate,
    });
    if (call === undefined) throw unreadable(part, transactionHash, null);
    return call.args[0];
  }

  async tcbInfo() {
    const part = "TCB info";
    const { leaf, numbers, attestation: contract } = this.#parameters;
    const args = { fmspc: leaf.fmspc, number: numbers.tcbInfo };
    const topics = encodeEventTopics({ abi, eventName: "TcbInfoUploaded", args });
    const { transactionHash, data } = await this.#last(part, topics as Hex[]);
    const issueDate = wordOf(data, 0);
    const call = await findCall(this.#client, transactionHash, {
      abi,
      functionName: "uploadTcbInfo",
      contract,
      accept: ([text]) => {
        const info = parseTcbInfo(hexToString(text));
        const isIt = info.fmspc === leaf.fmspc && info.tcbEvaluationDataNumber === numbers.tcbInfo;
        return isIt && BigInt(info.issueDate) === issueDate;
      },
    });
    if (call === undefined) throw unreadable(part, transactionHash, null);
    return call.args;
  }

  async qeIdentity() {
    const part = "QE identity";
    const { numbers, attestation: contract } = this.#parameters;
    const args = { number: numbers.qeIdentity };
    const topics = encodeEventTopics({ abi, eventName: "QeIdentityUploaded", args });
    const { transactionHash, data } = await this.#last(part, topics as Hex[]);
    const issueDate = wordOf(data, 0);
    const call = await findCall(this.#client, transactionHash, {
      abi,
      functionName: "uploadQeIdentity",
      contract,
      accept: ([text]) => {
        const identity = parseQeIdentity(hexToString(text));
        const isIt = identity.tcbEvaluationDataNumber === numbers.qeIdentity;
        return isIt && BigInt(identity.issueDate) === issueDate;
      },
    });
    if (call === undefined) throw unreadable(part, transactionHash, null);
    return call.args;
  }

  async pckCertificate(): Promise<Uint8Array> {
    const part = "PCK certificate";
    const { leaf, registry, attestation } = this.#parameters;
    const args = { tbsHash: leaf.tbsHash };
    const topics = encodeEventTopics({ abi, eventName: "PckCertificateCached", args });
    const { transactionHash } = await this.#last(part, topics as Hex[]);
    const isIt = (der: Hex): boolean =>
      der.length > 2 && keccak256(parseCertificate(hexToBytes(der), part).tbs) === leaf.tbsHash;
    const cached = await findCall(this.#client, transactionHash, {
      abi,
      functionName: "cachePckCertificate",
      contract: attestation,
      accept: ([der]) => isIt(der),
    });
    if (cached !== undefined) return hexToBytes(cached.args[0]);
    // A registration may bring it along.
    const brought = await findCall(this.#client, transactionHash, {
      abi: workerRegistryAbi,
      functionName: "register",
      contract: registry,
      accept: ([, , der]) => isIt(der),
    });
    if (brought === undefined) throw unreadable(part, transactionHash, null);
    return hexToBytes(brought.args[2]);
  }
}

const digits = (hex: Hex): string => hex.slice(2);

/** Errors: `AUDIT_EVENT_MISSING`, `AUDIT_CALLDATA_UNREADABLE`, `CHAIN_…`. */
export async function collateralAt(
  client: ChainClient,
  parameters: CollateralAtParameters,
): Promise<CollateralAt> {
  const { leaf, root, rootId } = parameters;
  const uploads = new Uploads(client, parameters);
  const [tcbInfo, tcbR, tcbS, tcbSignerId] = await uploads.tcbInfo();
  const [qeIdentity, qeR, qeS, qeSignerId] = await uploads.qeIdentity();
  const tcbSigner = await uploads.issuer("signer of the TCB info", tcbSignerId);
  const qeSigner =
    qeSignerId === tcbSignerId
      ? tcbSigner
      : await uploads.issuer("signer of the QE identity", qeSignerId);
  const pckCa = await uploads.issuer("PCK CA", leaf.issuerId);
  const rootCrl = await uploads.crl("root CRL", rootId);
  const pckCrl = await uploads.crl("PCK CRL", leaf.issuerId);
  const pck = await uploads.pckCertificate();
  const pckChain = [pck, pckCa, root];
  return {
    collateral: {
      pck_crl_issuer_chain: pemChain([pckCa, root]),
      root_ca_crl: digits(rootCrl),
      pck_crl: digits(pckCrl),
      tcb_info_issuer_chain: pemChain([tcbSigner, root]),
      tcb_info: hexToString(tcbInfo),
      tcb_info_signature: digits(tcbR) + digits(tcbS),
      qe_identity_issuer_chain: pemChain([qeSigner, root]),
      qe_identity: hexToString(qeIdentity),
      qe_identity_signature: digits(qeR) + digits(qeS),
      pck_certificate_chain: pemChain(pckChain),
    },
    pckChain,
    sources: uploads.sources,
  };
}
