import { network } from "hardhat";
import { encodeAbiParameters, keccak256, toHex, type Hex, concat } from "viem";
import { parseQuote, intelSgxRootCa } from "/work/main/sdk/tdx/index.ts";
import { decodePemChain } from "/work/main/sdk/tdx/x509/pem.ts";
import { parseCertificate } from "/work/main/sdk/tdx/x509/certificate.ts";
import { readPckPlatform } from "/work/main/sdk/tdx/pck.ts";
import { collateralCases, collateralOf, quoteOf } from "/work/main/test/support/vectors.ts";
const utf = (t: string) => new TextEncoder().encode(t);
function issuerId(c: any): Hex { return keccak256(concat([toHex(c.subject.der), toHex(c.publicKey)])); }
const h = (s: string): Hex => `0x${s.replace(/^0x/, "")}`;
const statuses = ["Unknown","UpToDate","SWHardeningNeeded","ConfigurationNeeded","ConfigurationAndSWHardeningNeeded","OutOfDate","OutOfDateConfigurationNeeded","Revoked","TDRelaunchAdvised","TDRelaunchAdvisedConfigurationNeeded"];
const libs = async (viem: any) => {
  const l: any = {};
  l.P256Fallback = (await viem.deployContract("P256Fallback")).address;
  for (const n of ["Certificate","CrlReader","QeIdentityReader","TcbInfoReader"]) l[n] = (await viem.deployContract(n)).address;
  return l;
};
let agree = 0; 
const only = process.env.ONLY;
for (const c of collateralCases) {
  if (only && !c.name.includes(only)) continue;
  const { viem, provider } = await network.create({ override: { allowBlocksWithSameTimestamp: true, initialDate: new Date((c.verify_at-1) * 1000).toISOString() } as any });
  const client = await viem.getPublicClient();
  const l = await libs(viem);
  await provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(c.verify_at)] }).catch((e:any)=>console.log(e.message));
  const dep = await viem.deployContract("TdxAttestation", [toHex(intelSgxRootCa()), "0x0000000000000000000000000000000000000001"], { libraries: l });
  const gas: any = {}; let lastHash: any;
  const send = async (name: string, fn: string, args: any[]) => {
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(c.verify_at)] }).catch((e:any)=>console.log(e.message));
    const hash = await (dep.write as any)[fn](args, { gas: 16_777_216n });
    const r = await client.getTransactionReceipt({ hash });
    gas[name] = Number(r.gasUsed); if ((process.env.TX ?? "PCK certificate") === name) lastHash = hash;
  };
  const col = collateralOf(c);
  const quote = parseQuote(quoteOf(c));
  const [ca, root] = decodePemChain(utf(col.pck_crl_issuer_chain), "x");
  const caC = parseCertificate(ca!, "ca");
  const rootC = parseCertificate(root!, "root");
  const [signer] = decodePemChain(utf(col.tcb_info_issuer_chain), "x");
  const [qsigner] = decodePemChain(utf(col.qe_identity_issuer_chain), "x");
  const sC = parseCertificate(signer!, "s");
  const [leaf, leafCa] = decodePemChain(quote.certificationData.data, "leaf");
  const leafC = parseCertificate(leaf!, "leaf");
  const p = readPckPlatform(leafC, "leaf");
  let found: string;
  try {
    await send("root CRL", "uploadCrl", [h(col.root_ca_crl), issuerId(rootC)]);
    await send("PCK CA", "uploadPckCa", [toHex(ca!)]);
    await send("TCB signer", "uploadTcbSigner", [toHex(signer!)]);
    await send("PCK CRL", "uploadCrl", [h(col.pck_crl), issuerId(caC)]);
    await send("TCB info", "uploadTcbInfo", [toHex(utf(col.tcb_info)), h(col.tcb_info_signature.slice(0,64)), h(col.tcb_info_signature.slice(64)), issuerId(sC)]);
    await send("QE identity", "uploadQeIdentity", [toHex(utf(col.qe_identity)), h(col.qe_identity_signature.slice(0,64)), h(col.qe_identity_signature.slice(64)), issuerId(sC)]);
    await send("PCK certificate", "cachePckCertificate", [toHex(leaf!), issuerId(caC)]);
    const leafS = { tbsHash: keccak256(leafC.tbs), issuerId: issuerId(caC), x: toHex(leafC.publicKey.subarray(0,32)), y: toHex(leafC.publicKey.subarray(32)), platformId: keccak256(p.ppid), sgxTcbComponents: toHex(Uint8Array.from(p.sgxTcbComponents)), pceSvn: p.pceSvn, fmspc: p.fmspc, pceId: p.pceId, serial: BigInt("0x"+leafC.serial), notAfter: leafC.notAfter };
    const q = concat([toHex(quote.signedRegion), toHex(quote.signature), toHex(quote.attestationKey), toHex(quote.qeReport.bytes), toHex(quote.qeReportSignature), toHex(quote.qeAuthData)]);
    const ev = { quote: q, leaf: leafS, tcbInfoNumber: c.tcb_evaluation_data_number.tcb_info, qeIdentityNumber: c.tcb_evaluation_data_number.qe_identity };
    const [wallet] = await viem.getWalletClients();
    const { encodeFunctionData } = await import("viem");
    const data = encodeFunctionData({ abi: dep.abi, functionName: "verifyQuote", args: [ev] } as any);
    const v: any = await (dep.read as any).verifyQuote([ev]);
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(c.verify_at)] });
    const hash = await wallet!.sendTransaction({ to: dep.address, data, gas: 16_000_000n });
    gas.verify = Number((await client.getTransactionReceipt({ hash })).gasUsed);
    if (process.env.TRACE) { const t: any = await provider.request({ method: "debug_traceTransaction", params: [process.env.TRACE === "leaf" ? lastHash : hash, {disableMemory: true, disableStorage: true}] });
      (await import("node:fs")).writeFileSync("/tmp/trace.json", JSON.stringify(t)); }
    found = statuses[v.status]!;
    if (only) console.log(v);
  } catch (e: any) { found = "REFUSED " + (e.shortMessage ?? e.message).slice(0,200) + (e.metaMessages??"") + (only ? e.stack : ""); }
  const exp = c.expected.tcb_status ?? "REFUSED";
  const ok = found.startsWith(exp); if (ok) agree++;
  console.log(ok ? "ok" : "DIFF", c.name, exp, found, JSON.stringify(gas));
}
console.log(agree, collateralCases.length);
