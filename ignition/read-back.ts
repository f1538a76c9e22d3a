/**
 * Reads a deployment back from the chain and compares it with what it was to be: roots, roles, delays,
 * links between the contracts. `npm run deployment:check -- --rpc URL --deployment FILE` ends with exit
 * code 1 on any difference.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  type Address,
  createPublicClient,
  http,
  type PublicClient,
  sha256,
  toFunctionSelector,
} from "viem";
import { workerRegistryAbi } from "../sdk/client/abi.ts";
import { tdxAttestationAbi } from "../sdk/tdx/onchain/abi.ts";
import { managedAbi, managerAbi } from "./manager-abi.ts";
import { guardianFunctions, roles } from "./modules/Chainseal.ts";
import type { DeploymentParameters } from "./parameters.ts";
import { printRows } from "./rows.ts";

export interface DeployedAddresses {
  readonly authority: Address;
  readonly attestation: Address;
  readonly registry: Address;
}

export interface ReadBackRow {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly agrees: boolean;
}

const ADMIN = 0n;
/** OpenZeppelin's `minSetback`: a new grant or admin delay takes effect this much later. Seconds. */
const SETBACK = 5 * 86_400;

/** The members a role has now, of all who were ever granted it. */
async function membersOf(
  client: PublicClient,
  authority: Address,
  role: bigint,
  fromBlock: bigint,
): Promise<readonly { readonly account: Address; readonly delay: number }[]> {
  const events = await client.getContractEvents({
    address: authority,
    abi: managerAbi,
    eventName: "RoleGranted",
    args: { roleId: role },
    fromBlock,
  });
  const accounts = [...new Set(events.map(({ args }) => args.account as Address))];
  const members = [];
  for (const account of accounts) {
    const [isMember, delay] = await client.readContract({
      address: authority,
      abi: managerAbi,
      functionName: "hasRole",
      args: [role, account],
    });
    if (isMember) members.push({ account, delay });
  }
  return members;
}

/** Compares a deployment with its parameters, one row a fact. */
export async function readBack(
  client: PublicClient,
  addresses: DeployedAddresses,
  parameters: DeploymentParameters,
  options: { readonly fromBlock?: bigint } = {},
): Promise<readonly ReadBackRow[]> {
  const rows: ReadBackRow[] = [];
  const compare = (what: string, expected: unknown, found: unknown) => {
    const [wanted, given] = [String(expected).toLowerCase(), String(found).toLowerCase()];
    rows.push({ what, expected: wanted, found: given, agrees: wanted === given });
  };
  const { authority, attestation, registry } = addresses;
  const readAttestation = { address: attestation, abi: tdxAttestationAbi } as const;
  const readRegistry = { address: registry, abi: workerRegistryAbi } as const;
  const readManager = { address: authority, abi: managerAbi } as const;

  compare(
    "attestation: SHA-256 of the root certificate",
    sha256(parameters.rootCertificate),
    await client.readContract({ ...readAttestation, functionName: "rootFingerprint" }),
  );
  const isIntelRoot = await client.readContract({
    ...readAttestation,
    functionName: "isIntelRoot",
  });
  compare(
    "registry: says that it is a development deployment",
    !isIntelRoot,
    await client.readContract({ ...readRegistry, functionName: "isDevelopment" }),
  );
  compare(
    "registry: attestation contract",
    attestation,
    await client.readContract({ ...readRegistry, functionName: "ATTESTATION" }),
  );
  compare(
    "registry: oldest challenge, in blocks",
    parameters.maxChallengeAge,
    await client.readContract({ ...readRegistry, functionName: "MAX_CHALLENGE_AGE" }),
  );
  const contracts = { attestation: readAttestation, registry: readRegistry } as const;
  for (const [name, contract] of Object.entries(contracts)) {
    const found = await client.readContract({
      address: contract.address,
      abi: managedAbi,
      functionName: "authority",
    });
    compare(`${name}: authority`, authority, found);
    const closed = await client.readContract({
      ...readManager,
      functionName: "isTargetClosed",
      args: [contract.address],
    });
    compare(`${name}: closed`, false, closed);
    for (const signature of guardianFunctions[name as keyof typeof contracts]) {
      const role = await client.readContract({
        ...readManager,
        functionName: "getTargetFunctionRole",
        args: [contract.address, toFunctionSelector(signature)],
      });
      compare(`${name}: role of ${signature}`, roles.guardian, role);
    }
  }

  const members = [
    ["ADMIN", ADMIN, [[parameters.admin, parameters.adminDelay]]],
    ["GOVERNANCE", roles.governance, [[parameters.governance, 0]]],
    ["GUARDIAN", roles.guardian, [[parameters.guardian, 0]]],
  ] as const;
  for (const [name, role, expected] of members) {
    const found = await membersOf(client, authority, role, options.fromBlock ?? 0n);
    compare(
      `members of ${name}, and how many seconds their acts wait`,
      expected.map(([account, delay]) => `${account} ${delay}`).join(", "),
      found.map(({ account, delay }) => `${account} ${delay}`).join(", "),
    );
  }
  compare(
    "who appoints guardians",
    roles.governance,
    await client.readContract({
      ...readManager,
      functionName: "getRoleAdmin",
      args: [roles.guardian],
    }),
  );
  await compareDelays(client, addresses, parameters, compare);
  return rows;
}

/** Delays of grants and of changes to the contracts' roles, once they are in effect. */
async function compareDelays(
  client: PublicClient,
  { authority, attestation, registry }: DeployedAddresses,
  { adminDelay }: DeploymentParameters,
  compare: (what: string, expected: unknown, found: unknown) => void,
): Promise<void> {
  const manager = { address: authority, abi: managerAbi } as const;
  const inEffect = `${adminDelay}`;
  for (const [name, role] of Object.entries({ admin: ADMIN, ...roles })) {
    const delay = await client.readContract({
      ...manager,
      functionName: "getRoleGrantDelay",
      args: [role],
    });
    compare(
      `seconds until a grant of ${name} counts (from ${SETBACK} s after deployment)`,
      inEffect,
      delay,
    );
  }
  for (const [name, target] of Object.entries({ attestation, registry })) {
    const delay = await client.readContract({
      ...manager,
      functionName: "getTargetAdminDelay",
      args: [target],
    });
    compare(
      `seconds until a change of ${name}'s roles counts (from ${SETBACK} s after deployment)`,
      inEffect,
      delay,
    );
  }
}

interface CheckFile {
  readonly addresses: DeployedAddresses;
  readonly parameters: DeploymentParameters;
  /** The block it was deployed in, to spare reading the chain from its first. */
  readonly fromBlock?: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rpc: { type: "string" }, deployment: { type: "string" } },
  });
  if (values.rpc === undefined || values.deployment === undefined) {
    throw new Error("Usage: npm run deployment:check -- --rpc URL --deployment FILE");
  }
  const file: CheckFile = JSON.parse(await readFile(values.deployment, "utf8"));
  const client = createPublicClient({ transport: http(values.rpc, { timeout: 20_000 }) });
  const rows = await readBack(client, file.addresses, file.parameters, {
    fromBlock: BigInt(file.fromBlock ?? 0),
  });
  if (printRows(rows) > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
