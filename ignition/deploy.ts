/**
 * Deploys the contracts and reads them back:
 *
 *     RPC_URL=... DEPLOYER_PRIVATE_KEY=... npm run deploy -- --parameters parameters.json
 *
 * Interrupted, it goes on where it was when it is started again.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Address, type PublicClient, sha256, toHex } from "viem";
import { intelSgxRootCa } from "../sdk/tdx/index.ts";
import Chainseal from "./modules/Chainseal.ts";
import { checkParameters, type DeploymentParameters } from "./parameters.ts";
import { type DeployedAddresses, readBack } from "./read-back.ts";
import { printRows } from "./rows.ts";

/** What of a Hardhat connection is needed here. */
interface Connection {
  readonly viem: {
    getPublicClient(): Promise<PublicClient>;
    getWalletClients(): Promise<readonly { readonly account: { readonly address: Address } }[]>;
  };
  readonly ignition: {
    deploy(
      module: typeof Chainseal,
      options: {
        readonly parameters: Record<string, Record<string, string | number>>;
        readonly deploymentId?: string;
        readonly displayUi?: boolean;
      },
    ): Promise<Record<keyof DeployedAddresses, { readonly address: Address }>>;
  };
}

/** Deploys with Ignition, the roles included. Refuses parameters that `checkParameters` refuses. */
export async function deploy(
  { viem, ignition }: Connection,
  parameters: DeploymentParameters,
  options: { readonly deploymentId?: string; readonly displayUi?: boolean } = {},
): Promise<DeployedAddresses> {
  const [deployer] = await viem.getWalletClients();
  if (deployer === undefined) throw new Error("no account: set DEPLOYER_PRIVATE_KEY");
  const isIntelRoot = sha256(parameters.rootCertificate) === sha256(toHex(intelSgxRootCa()));
  checkParameters(parameters, { deployer: deployer.account.address, isIntelRoot });
  const { authority, attestation, registry } = await ignition.deploy(Chainseal, {
    parameters: { Chainseal: { ...parameters } },
    ...options,
  });
  return {
    authority: authority.address,
    attestation: attestation.address,
    registry: registry.address,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { parameters: { type: "string" } } });
  if (values.parameters === undefined) {
    throw new Error("Usage: npm run deploy -- --parameters FILE");
  }
  const parameters: DeploymentParameters = JSON.parse(await readFile(values.parameters, "utf8"));
  const { network } = await import("hardhat");
  const connection = await network.create("deployment");
  const client = await connection.viem.getPublicClient();
  const deploymentId = `chain-${await client.getChainId()}`;
  const addresses = await deploy(connection as unknown as Connection, parameters, {
    deploymentId,
    displayUi: true,
  });
  process.stdout.write(`${JSON.stringify({ addresses, parameters }, null, 2)}\n`);
  printRows(await readBack(client, addresses, parameters));
}

if (import.meta.main) await main();
