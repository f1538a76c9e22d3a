import assert from "node:assert/strict";
import { network } from "hardhat";
import { getContract, toHex } from "viem";
import { deploy } from "../../ignition/deploy.ts";
import { managerAbi } from "../../ignition/manager-abi.ts";
import { LONGEST_NOTICE, roles } from "../../ignition/modules/Chainseal.ts";
import { checkParameters, type DeploymentParameters } from "../../ignition/parameters.ts";
import { readBack } from "../../ignition/read-back.ts";
import { workerRegistryAbi } from "../../sdk/client/abi.ts";
import { intelSgxRootCa } from "../../sdk/tdx/index.ts";
import { tdxAttestationAbi } from "../../sdk/tdx/onchain/index.ts";
import { createSimulator } from "../../sdk/tdx/simulator/index.ts";

const SETBACK = 5 * 86_400;

async function deployTo(rootCertificate: Uint8Array, adminDelay = LONGEST_NOTICE) {
  const connection = await network.create();
  const { viem, provider } = connection;
  const [deployer, admin, governance, guardian, stranger] = await viem.getWalletClients();
  if (!deployer || !admin || !governance || !guardian || !stranger) throw new Error("accounts");
  const parameters: DeploymentParameters = {
    rootCertificate: toHex(rootCertificate),
    maxChallengeAge: 256,
    adminDelay,
    admin: admin.account.address,
    governance: governance.account.address,
    guardian: guardian.account.address,
  };
  const addresses = await deploy(connection as unknown as Parameters<typeof deploy>[0], parameters);
  const client = await viem.getPublicClient();
  return {
    parameters,
    addresses,
    client,
    viem,
    accounts: { deployer, admin, governance, guardian, stranger },
    async pass(seconds: number) {
      await provider.request({ method: "evm_increaseTime", params: [seconds] });
      await provider.request({ method: "evm_mine", params: [] });
    },
  };
}

describe("Deployment", () => {
  it("reads back as it was to be, once its delays are in effect", async () => {
    const { client, addresses, parameters, pass } = await deployTo(intelSgxRootCa());
    const early = await readBack(client, addresses, parameters);
    const differing = early.filter(({ agrees }) => !agrees).map(({ what }) => what);
    assert.equal(differing.length, 5, "only the delays of OpenZeppelin's setback");
    assert.ok(differing.every((what) => what.includes("after deployment")));
    await pass(SETBACK + 1);
    const rows = await readBack(client, addresses, parameters);
    assert.deepEqual(
      rows.filter(({ agrees }) => !agrees),
      [],
    );
    assert.ok(rows.length > 15, `${rows.length} facts`);
  });

  it("finds a difference in every parameter", async () => {
    const { client, addresses, parameters, accounts, pass } = await deployTo(intelSgxRootCa());
    await pass(SETBACK + 1);
    const other = accounts.stranger.account.address;
    const changes: readonly Partial<DeploymentParameters>[] = [
      { rootCertificate: "0x00" },
      { maxChallengeAge: 255 },
      { adminDelay: LONGEST_NOTICE + 1 },
      { admin: other },
      { governance: other },
      { guardian: other },
    ];
    for (const change of changes) {
      const rows = await readBack(client, addresses, { ...parameters, ...change });
      assert.ok(
        rows.some(({ agrees }) => !agrees),
        JSON.stringify(change),
      );
    }
  });

  it("says on chain for ever that it is a development deployment", async () => {
    const { rootCertificate } = createSimulator({ seed: "deployment" });
    const { addresses, client } = await deployTo(rootCertificate, 1);
    const registry = getContract({ address: addresses.registry, abi: workerRegistryAbi, client });
    assert.equal(await registry.read.isDevelopment(), true);
    const { attestation: address } = addresses;
    const attestation = getContract({ address, abi: tdxAttestationAbi, client });
    assert.equal(await attestation.read.isIntelRoot(), false);
    const events = await registry.getEvents.DevelopmentDeployment({ fromBlock: 0n });
    assert.equal(events.length, 1);
  });

  it("lets the guardian act at once, governance dismiss it at once, and nobody else act", async () => {
    const { addresses, accounts } = await deployTo(intelSgxRootCa());
    const { deployer, admin, governance, guardian, stranger } = accounts;
    const registry = { address: addresses.registry, abi: workerRegistryAbi } as const;
    const pause = (wallet: typeof guardian) =>
      wallet.writeContract({ ...registry, functionName: "pause" });
    for (const other of [deployer, admin, governance, stranger]) {
      await assert.rejects(pause(other), /AccessManagedUnauthorized/);
    }
    await pause(guardian);
    await governance.writeContract({
      address: addresses.authority,
      abi: managerAbi,
      functionName: "revokeRole",
      args: [roles.guardian, guardian.account.address],
    });
    await assert.rejects(
      guardian.writeContract({
        ...registry,
        functionName: "revokePlatformForAll",
        args: [`0x${"11".repeat(32)}`],
      }),
      /AccessManagedUnauthorized/,
    );
  });

  it("makes every act of ADMIN wait, and a new guardian too", async () => {
    const { addresses, accounts, client, pass } = await deployTo(intelSgxRootCa());
    await pass(SETBACK + 1);
    const { admin, governance, stranger } = accounts;
    const manager = { address: addresses.authority, abi: managerAbi } as const;
    const grant = (wallet: typeof admin, role: bigint) =>
      wallet.writeContract({
        ...manager,
        functionName: "grantRole",
        args: [role, stranger.account.address, 0],
      });
    const isGuardian = async () => {
      const args = [roles.guardian, stranger.account.address] as const;
      const [isMember] = await client.readContract({ ...manager, functionName: "hasRole", args });
      return isMember;
    };
    await assert.rejects(grant(admin, 0n), /AccessManagerNotScheduled/);
    await grant(governance, roles.guardian);
    assert.equal(await isGuardian(), false, "not before the delay is over");
    await pass(LONGEST_NOTICE + 1);
    assert.equal(await isGuardian(), true);
  });

  it("refuses parameters that leave it without an admin or with short delays", async () => {
    const { parameters, accounts } = await deployTo(intelSgxRootCa());
    const deployer = accounts.deployer.account.address;
    const check = (change: Partial<DeploymentParameters>, isIntelRoot = true) =>
      checkParameters({ ...parameters, ...change }, { deployer, isIntelRoot });
    check({});
    check({ adminDelay: 1 }, false);
    assert.throws(() => check({ adminDelay: LONGEST_NOTICE - 1 }), /adminDelay/);
    assert.throws(() => check({ admin: deployer }), /admin/);
    assert.throws(() => check({ guardian: `0x${"0".repeat(40)}` }), /guardian/);
    assert.throws(() => check({ maxChallengeAge: 8192 }), /maxChallengeAge/);
  });
});
