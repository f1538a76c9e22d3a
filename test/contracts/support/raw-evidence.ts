import { decodeEventLog, decodeFunctionResult, type Hex, toHex } from "viem";
import type { QuoteCollateral } from "../../../sdk/tdx/index.ts";
import { type PckLeaf, tdxAttestationAbi } from "../../../sdk/tdx/onchain/index.ts";
import { certificatesOf } from "../../sdk/tdx/support/pem.ts";
import { layoutOf, pckChainOf } from "../../sdk/tdx/support/quote-layout.ts";
import type { AttestationChain, Sent } from "./chain.ts";
import { onchainVerdict, type Verdict } from "./evidence.ts";

/**
 * Evidence cut up without the parsers of `sdk/tdx`, which refuse most of what is to be refused here:
 * everything reaches the contract, and the contract alone judges it.
 */
export interface RawEvidence {
  readonly rootCrl: Hex;
  readonly pckCas: readonly Hex[];
  readonly tcbSigners: readonly Hex[];
  readonly pckCrl: Hex;
  readonly tcbInfo: SignedText;
  readonly qeIdentity: SignedText;
  readonly pckCertificate: Hex;
  /** In the form of `TdxEvidence.quote`. */
  readonly quote: Hex;
}

interface SignedText {
  readonly text: Hex;
  readonly r: Hex;
  readonly s: Hex;
}

function compactQuote(quote: Uint8Array): Uint8Array {
  const at = layoutOf(quote);
  return new Uint8Array([
    ...quote.subarray(0, at.authLength),
    ...quote.subarray(at.signature, at.outerType),
    ...quote.subarray(at.qeReport, at.qeAuthLength),
    ...quote.subarray(at.qeAuth, at.innerType),
  ]);
}

function signedText(text: string, signature: string): SignedText {
  return {
    text: toHex(new TextEncoder().encode(text)),
    r: `0x${signature.slice(0, 64)}`,
    s: `0x${signature.slice(64)}`,
  };
}

function first(pem: string): Hex {
  const [certificate] = certificatesOf(pem);
  return toHex(certificate ?? new Uint8Array());
}

const unique = (list: readonly Hex[]): readonly Hex[] => [...new Set(list)];

export function rawEvidence(quote: Uint8Array, collateral: QuoteCollateral): RawEvidence {
  const [leaf = new Uint8Array(), ca = new Uint8Array()] = certificatesOf(pckChainOf(quote));
  return {
    rootCrl: `0x${collateral.root_ca_crl}`,
    pckCas: unique([first(collateral.pck_crl_issuer_chain), toHex(ca)]),
    tcbSigners: unique([
      first(collateral.tcb_info_issuer_chain),
      first(collateral.qe_identity_issuer_chain),
    ]),
    pckCrl: `0x${collateral.pck_crl}`,
    tcbInfo: signedText(collateral.tcb_info, collateral.tcb_info_signature),
    qeIdentity: signedText(collateral.qe_identity, collateral.qe_identity_signature),
    pckCertificate: toHex(leaf),
    quote: toHex(compactQuote(quote)),
  };
}

/** What the contract said in an event about what was uploaded. */
function eventOf<T>({ logs }: Sent, name: string): T {
  for (const { topics, data } of logs) {
    const event = decodeEventLog({
      abi: tdxAttestationAbi,
      topics: topics as [Hex, ...Hex[]],
      data,
    });
    if (event.eventName === name) return event.args as T;
  }
  throw new Error(`there is no ${name}`);
}

class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The leaf as the contract reads it, once it has cached it. */
async function cacheRaw(
  chain: AttestationChain,
  certificate: Hex,
  issuerId: Hex,
): Promise<PckLeaf | string> {
  const data = chain.encode("cachePckCertificate", [certificate, issuerId]);
  const called = await chain.call(data);
  if ("code" in called) return called.code;
  await chain.send(data);
  return decodeFunctionResult({
    abi: tdxAttestationAbi,
    functionName: "cachePckCertificate",
    data: called.data,
  });
}

/** Everything from nothing, as it is: the verdict, or the code of the first refusal. */
export async function playRaw(
  chain: AttestationChain,
  evidence: RawEvidence,
): Promise<Verdict | string> {
  const send = async (name: string, args: readonly unknown[]): Promise<Sent> => {
    const sent = await chain.sendTo(name, args);
    if (sent.code !== undefined) throw new Refused(sent.code);
    return sent;
  };
  const issuers = async (name: string, certificates: readonly Hex[]): Promise<readonly Hex[]> => {
    const ids: Hex[] = [];
    for (const certificate of certificates) {
      const sent = await send(name, [certificate]);
      ids.push(eventOf<{ issuerId: Hex }>(sent, "IssuerUploaded").issuerId);
    }
    return ids;
  };
  const document = async (name: string, { text, r, s }: SignedText, signer: Hex) =>
    eventOf<{ number: number }>(
      await send(`upload${name}`, [text, r, s, signer]),
      `${name}Uploaded`,
    ).number;
  try {
    await send("uploadCrl", [evidence.rootCrl, await chain.read<Hex>("rootId")]);
    const cas = await issuers("uploadPckCa", evidence.pckCas);
    const signers = await issuers("uploadTcbSigner", evidence.tcbSigners);
    const [ca, signer] = [cas[0] ?? "0x", signers[0] ?? "0x"];
    await send("uploadCrl", [evidence.pckCrl, ca]);
    const tcbInfoNumber = await document("TcbInfo", evidence.tcbInfo, signer);
    const qeIdentityNumber = await document(
      "QeIdentity",
      evidence.qeIdentity,
      signers.at(-1) ?? "0x",
    );
    const leaf = await cacheRaw(chain, evidence.pckCertificate, cas.at(-1) ?? "0x");
    if (typeof leaf === "string") return leaf;
    const { quote } = evidence;
    const answer = await chain.verify({ quote, leaf, tcbInfoNumber, qeIdentityNumber });
    return typeof answer === "string" ? answer : onchainVerdict(answer);
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}
