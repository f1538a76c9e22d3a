import { type Address, encodeDeployData, type Hex } from "viem";
import {
  ACCESS_MANAGER,
  type Artifact,
  ATTESTATION,
  librariesOf,
  REGISTRY,
  readArtifact,
} from "./artifacts.ts";

/** Puts the addresses of libraries into creation code. */
function link(artifact: Artifact, addresses: Readonly<Record<string, Address>>): Hex {
  let code = artifact.bytecode.slice(2);
  for (const [source, libraries] of Object.entries(artifact.linkReferences)) {
    for (const [name, places] of Object.entries(libraries)) {
      const address = addresses[`${source}:${name}`];
      if (address === undefined) throw new Error(`no address for ${source}:${name}`);
      for (const { start, length } of places) {
        const digits = address.slice(2).toLowerCase();
        if (length !== 20) throw new Error(`a place of ${length} bytes for ${name}`);
        code = code.slice(0, 2 * start) + digits + code.slice(2 * (start + length));
      }
    }
  }
  return `0x${code}`;
}

/** What deployment sends: creation code in, address out. */
export type Deployer = (name: string, data: Hex) => Promise<Address>;

async function deployLinked(
  fullName: string,
  args: readonly unknown[],
  deploy: Deployer,
  done: Map<string, Address>,
): Promise<Address> {
  const known = done.get(fullName);
  if (known !== undefined) return known;
  const artifact = await readArtifact(fullName);
  const addresses: Record<string, Address> = {};
  for (const library of librariesOf(artifact)) {
    addresses[library] = await deployLinked(library, [], deploy, done);
  }
  const bytecode = link(artifact, addresses);
  const data = encodeDeployData({ abi: artifact.abi, bytecode, args });
  const address = await deploy(fullName.split(":")[1] ?? fullName, data);
  done.set(fullName, address);
  return address;
}

/** Deploys the attestation contract, and before it the libraries that it is linked with. */
export async function deployAttestation(
  root: Hex,
  authority: Address,
  deploy: Deployer,
): Promise<Address> {
  return deployLinked(ATTESTATION, [root, authority], deploy, new Map());
}

/** Deploys the contract of roles, whose administrator is `admin`. */
export async function deployAccessManager(admin: Address, deploy: Deployer): Promise<Address> {
  return deployLinked(ACCESS_MANAGER, [admin], deploy, new Map());
}

export interface RegistryDeployment {
  readonly attestation: Address;
  readonly authority: Address;
  /** In blocks. */
  readonly maxChallengeAge: number;
}

/** Deploys the registry of workers and programs, and before it its libraries. */
export async function deployRegistry(
  { attestation, authority, maxChallengeAge }: RegistryDeployment,
  deploy: Deployer,
): Promise<Address> {
  return deployLinked(
    REGISTRY,
    [attestation, authority, BigInt(maxChallengeAge)],
    deploy,
    new Map(),
  );
}
