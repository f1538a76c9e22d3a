import { network } from "hardhat";
import {
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  getContract,
  type Hex,
  hexToBytes,
  keccak256,
  stringToHex,
  toHex,
  zeroAddress,
  zeroHash,
} from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { workerRegistryAbi } from "../../../../sdk/client/abi.ts";
import { tdxAttestationAbi } from "../../../../sdk/tdx/onchain/abi.ts";
import {
  type BuiltEvidence,
  buildEvidence,
  collateralUploads,
  uploadCalldata,
} from "../../../../sdk/tdx/onchain/index.ts";
import {
  createSimulator,
  type Platform,
  type QuoteOptions,
  type Simulator,
} from "../../../../sdk/tdx/simulator/index.ts";
import { authorityAbi } from "./abis.ts";

export const ATTESTATION_LIBRARIES = [
  "P256Fallback",
  "Certificate",
  "CrlReader",
  "QeIdentityReader",
  "TcbInfoReader",
] as const;

export const REGISTRY_LIBRARIES = ["MeasurementsDigest", "ProgramPolicies"] as const;

export const Admission = { NONE: 0, LIST: 1, COSIGN: 2, OPEN: 3 } as const;

export const WorkerStatus = [
  "VALID",
  "PROGRAM_UNKNOWN",
  "WORKER_UNKNOWN",
  "REVOKED",
  "COLLATERAL_EXPIRED",
  "ATTESTATION_TOO_OLD",
  "TCB_STATUS_NOT_ACCEPTED",
  "TCB_GRACE_PERIOD_OVER",
  "TCB_EVALUATION_NUMBER_TOO_LOW",
  "SEPT_VE_DISABLE_REQUIRED",
  "REEVALUATION_NEEDED",
  "APPROVAL_WITHDRAWN",
  "PLATFORM_REVOKED",
  "PLATFORM_NOT_ADMITTED",
  "GPU_REQUIRED",
] as const;

const DOMAIN = keccak256(stringToHex("Chainseal TDX report data, version 1"));

export type Policy = {
  acceptedStatuses: number;
  graceStatuses: number;
  gracePeriod: number;
  maxAge: number;
  minTcbEvaluationDataNumber: number;
  requireSeptVeDisable: boolean;
  requireGpu: boolean;
  notice: number;
  admission: number;
  deriveUnderOpen: boolean;
  endorser: Address;
};

export const policyDefaults: Policy = {
  // UpToDate and SWHardeningNeeded.
  acceptedStatuses: (1 << 1) | (1 << 2),
  graceStatuses: 0,
  gracePeriod: 0,
  maxAge: 24 * 3600,
  minTcbEvaluationDataNumber: 0,
  requireSeptVeDisable: true,
  requireGpu: false,
  notice: 3600,
  admission: Admission.LIST,
  deriveUnderOpen: false,
  endorser: zeroAddress,
};

export const SALT = keccak256(stringToHex("salt"));

/** Measurements as an approval names them, of the simulator's default TD with this RTMR3. */
export function measurementsOf(quote: Uint8Array, overrides: object = {}) {
  const at = (offset: number, length = 48): Hex =>
    toHex(quote.subarray(48 + offset, 48 + offset + length));
  return {
    tdAttributes: at(120, 8),
    xfam: at(128, 8),
    mrTd: at(136),
    rtmr0: at(328),
    rtmr1: at(376),
    rtmr2: at(424),
    mrSeam: "0x" as Hex,
    mrServiceTd: "0x" as Hex,
    applicationRegister: 1,
    application: at(472),
    osEnforcesMrConfigId: false,
    allowMigratable: false,
    ...overrides,
  };
}

export interface RegistrationOptions {
  readonly platform?: Platform;
  readonly programId?: Hex;
  readonly identity?: PrivateKeyAccount;
  readonly challengeBlock?: bigint;
  readonly approvalId?: number;
  readonly role?: number;
  readonly evidenceRoot?: Hex;
  readonly chainId?: bigint;
  readonly registry?: Address;
  readonly session?: Hex;
  readonly transportKeyHash?: Hex;
  readonly quote?: Omit<QuoteOptions, "reportData">;
  readonly signer?: PrivateKeyAccount | null;
  readonly numbers?: { readonly tcbInfo: number; readonly qeIdentity: number };
  /** Whether the PCK certificate is brought along. */
  readonly withCertificate?: boolean;
}

/** A chain under the simulator's root with both contracts, a program and its collateral. */
export async function createWorld(options: { readonly policy?: Partial<Policy> } = {}) {
  const simulator: Simulator = createSimulator({ seed: "registry" });
  const connection = await network.create({
    override: {
      allowBlocksWithSameTimestamp: true,
      initialDate: new Date((simulator.at - 100) * 1000).toISOString(),
    },
  });
  const { viem, provider } = connection;
  const client = await viem.getPublicClient();
  const [owner, guardian, stranger] = await viem.getWalletClients();
  if (!owner || !guardian || !stranger) throw new Error("too few accounts");

  const link = async (names: readonly string[]) => {
    const addresses: Record<string, Address> = {};
    for (const name of names) {
      addresses[name] = (await viem.deployContract(name as "P256Fallback")).address;
    }
    return addresses;
  };
  const clients = { public: client, wallet: owner };
  const { address: authorityAddress } = await viem.deployContract("AccessManager", [
    owner.account.address,
  ]);
  const authority = getContract({
    address: authorityAddress,
    abi: authorityAbi,
    client: clients,
  });
  const { address: attestationAddress } = await viem.deployContract(
    "TdxAttestation",
    [toHex(simulator.rootCertificate), authority.address],
    { libraries: await link(ATTESTATION_LIBRARIES) },
  );
  const attestation = getContract({
    address: attestationAddress,
    abi: tdxAttestationAbi,
    client: clients,
  });
  const { address: registryAddress } = await viem.deployContract(
    "WorkerRegistry",
    [attestation.address, authority.address, 256n],
    { libraries: await link(REGISTRY_LIBRARIES) },
  );
  const registry = getContract({
    address: registryAddress,
    abi: workerRegistryAbi,
    client: clients,
  });
  await provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(simulator.at)] });
  await provider.request({ method: "evm_mine", params: [] });

  const platform = simulator.platform();
  const template = platform.quote({ reportData: new Uint8Array(64) });
  const collateral = simulator.collateral();
  const chainId = BigInt(await client.getChainId());

  const send = async (to: Address, data: Hex, from = owner) => {
    const hash = await from.sendTransaction({ to, data, gas: 16_777_216n });
    return await client.waitForTransactionReceipt({ hash });
  };
  for (const upload of collateralUploads(collateral)) {
    await send(attestation.address, uploadCalldata(upload));
  }
  const programId = keccak256(
    encodeAbiParameters(
      [{ type: "uint256" }, { type: "address" }, { type: "bytes32" }],
      [chainId, owner.account.address, SALT],
    ),
  );
  const built0 = buildEvidence(template, { collateral });
  await registry.write.createProgram([
    SALT,
    { ...policyDefaults, ...options.policy },
    [measurementsOf(template)],
    [built0.evidence.leaf.platformId],
  ]);

  /** All that `register` takes, made as a TD would. */
  const registration = async (o: RegistrationOptions = {}) => {
    const identity = o.identity ?? privateKeyToAccount(generatePrivateKey());
    const challengeBlock = o.challengeBlock ?? (await client.getBlockNumber());
    const { hash } = await client.getBlock({ blockNumber: challengeBlock });
    const commitment = keccak256(
      encodeAbiParameters(
        [
          { type: "bytes32" },
          { type: "uint8" },
          { type: "uint256" },
          { type: "address" },
          { type: "bytes32" },
          { type: "address" },
          { type: "bytes32" },
          { type: "bytes32" },
          { type: "uint256" },
          { type: "bytes32" },
        ],
        [
          DOMAIN,
          o.role ?? 1,
          o.chainId ?? chainId,
          o.registry ?? registry.address,
          o.programId ?? programId,
          identity.address,
          o.transportKeyHash ?? zeroHash,
          o.session ?? zeroHash,
          challengeBlock,
          hash,
        ],
      ),
    );
    const reportData = hexToBytes(`${commitment}${(o.evidenceRoot ?? zeroHash).slice(2)}`);
    const quote = (o.platform ?? platform).quote({ ...o.quote, reportData });
    const built: BuiltEvidence = buildEvidence(
      quote,
      o.numbers === undefined ? { collateral } : { numbers: o.numbers },
    );
    const signer = o.signer === undefined ? identity : o.signer;
    const identitySignature =
      signer === null
        ? ("0x" as const)
        : await signer.signTypedData({
            domain: {
              name: "Chainseal WorkerRegistry",
              version: "1",
              chainId: Number(chainId),
              verifyingContract: o.registry ?? registry.address,
            },
            types: { Registration: [{ name: "commitment", type: "bytes32" }] },
            primaryType: "Registration",
            message: { commitment },
          });
    const request = {
      programId: o.programId ?? programId,
      identity: identity.address,
      challengeBlock,
      approvalId: o.approvalId ?? 1,
      identitySignature,
      ownerSignature: "0x" as Hex,
    };
    const certificate: Hex = o.withCertificate ? built.pckCertificate : "0x";
    return { identity, request, evidence: built.evidence, built, certificate, commitment };
  };
  type Registration = Awaited<ReturnType<typeof registration>>;

  const registerData = ({ request, evidence, certificate }: Registration): Hex =>
    encodeFunctionData({
      abi: registry.abi,
      functionName: "register",
      args: [request, evidence, certificate],
    });
  const register = async (o: RegistrationOptions = {}) => {
    const made = await registration(o);
    const receipt = await send(registry.address, registerData(made), stranger);
    return { ...made, receipt };
  };
  const statusOf = async (identity: Address, program: Hex = programId) =>
    WorkerStatus[await registry.read.statusOf([program, identity])];

  return {
    simulator,
    provider,
    viem,
    client,
    owner,
    guardian,
    stranger,
    authority,
    attestation,
    registry,
    platform,
    collateral,
    programId,
    chainId,
    template,
    send,
    registration,
    registerData,
    register,
    statusOf,
    async mine() {
      await provider.request({ method: "evm_mine", params: [] });
    },
    async at(seconds: number) {
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [toHex(seconds)] });
      await provider.request({ method: "evm_mine", params: [] });
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
