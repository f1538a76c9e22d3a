import assert from "node:assert/strict";
import { network } from "hardhat";
import { toHex } from "viem";
import Chainseal, { LONGEST_NOTICE } from "../../ignition/modules/Chainseal.ts";
import { checkParameters, type DeploymentParameters } from "../../ignition/parameters.ts";
import { readBack } from "../../ignition/read-back.ts";
import { intelSgxRootCa } from "../../sdk/tdx/index.ts";
import { createSimulator } from "../../sdk/tdx/simulator/index.ts";

const SETBACK = 5 * 86_400;

async function deploy(rootCertificate: Uint8Array, adminDelay = LONGEST_NOTICE) {
  const connection = await network.create();
  const { viem, ignition, provider } = connection;
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
  const { authority, attestation, registry } = await ignition.deploy(Chainseal, {
    parameters: { Chainseal: { ...parameters } },
  });
  const client = await viem.getPublicClient();
  const addresses = {
    authority: authority.address,
    attestation: attestation.address,
    registry: registry.address,
  };
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
    const { client, addresses, parameters, pass } = await deploy(intelSgxRootCa());
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
    const { client, addresses, parameters, accounts, pass } = await deploy(intelSgxRootCa());
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
    const { addresses, viem } = await deploy(rootCertificate, 1);
    const registry = await viem.getContractAt("WorkerRegistry", addresses.registry);
    assert.equal(await registry.read.isDevelopment(), true);
    const attestation = await viem.getContractAt("TdxAttestation", addresses.attestation);
    assert.equal(await attestation.read.isIntelRoot(), false);
    assert.equal((await registry.getEvents.DevelopmentDeployment({}, { fromBlock: 0n })).length, 1);
  });

  it("lets the guardian act at once, governance dismiss it at once, and nobody else act", async () => {
    const { addresses, viem, accounts } = await deploy(intelSgxRootCa());
    const registry = await viem.getContractAt("WorkerRegistry", addresses.registry);
    const manager = await viem.getContractAt("AccessManager", addresses.authority);
    const others = [accounts.deployer, accounts.admin, accounts.governance, accounts.stranger];
    for (const { account } of others) {
      await assert.rejects(registry.write.pause({ account }), /AccessManagedUnauthorized/);
    }
    const guardian = accounts.guardian.account;
    await registry.write.pause({ account: guardian });
    await manager.write.revokeRole([1n, guardian.address], {
      account: accounts.governance.account,
    });
    const platformId = `0x${"11".repeat(32)}` as const;
    await assert.rejects(
      registry.write.revokePlatformForAll([platformId], { account: guardian }),
      /AccessManagedUnauthorized/,
    );
  });

  it("makes every act of ADMIN wait, and a new guardian too", async () => {
    const { addresses, viem, accounts, pass } = await deploy(intelSgxRootCa());
    await pass(SETBACK + 1);
    const manager = await viem.getContractAt("AccessManager", addresses.authority);
    const admin = accounts.admin.account;
    await assert.rejects(
      manager.write.grantRole([0n, accounts.stranger.account.address, 0], { account: admin }),
      /AccessManagerNotScheduled/,
    );
    await manager.write.grantRole([1n, accounts.stranger.account.address, 0], {
      account: accounts.governance.account,
    });
    const [isMember] = await manager.read.hasRole([1n, accounts.stranger.account.address]);
    assert.equal(isMember, false, "not before the delay is over");
    await pass(LONGEST_NOTICE + 1);
    const [isNow] = await manager.read.hasRole([1n, accounts.stranger.account.address]);
    assert.equal(isNow, true);
  });

  it("refuses parameters that leave it without an admin or with short delays", async () => {
    const { parameters, accounts } = await deploy(intelSgxRootCa());
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
