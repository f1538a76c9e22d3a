import assert from "node:assert/strict";
import type { CollateralOptions } from "../../../sdk/tdx/simulator/index.ts";
import { createProgram, DAY, platformIdOf, refusedWith, upload } from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";

const MONTHS = 90 * DAY;

describe("the end of a record", () => {
  const $ = sharedWorld();

  const registerLongLived = async (platformOptions = {}) => {
    const { world } = $;
    const platform = world.simulator.platform({ label: "expiring", ...platformOptions });
    const programId = await createProgram(world, {
      policy: { maxAge: MONTHS },
      platformIds: [platformIdOf(platform)],
    });
    const made = await world.register({ programId, platform, withCertificate: true });
    const worker = await world.registry.read.workerOf([programId, made.identity.address]);
    return { programId, platform, identity: made.identity, worker };
  };

  const at = () => $.world.simulator.at;
  const issued = (nextUpdate: number) => ({ issueDate: at() - DAY + 60, nextUpdate });
  /** Each has one part end first, at `end`. */
  const parts: Record<string, (end: number) => CollateralOptions> = {
    "TCB info": (end) => ({ tcbInfo: issued(end) }),
    "QE identity": (end) => ({ qeIdentity: issued(end) }),
    "PCK CRL": (end) => ({ pckCrl: { thisUpdate: at() - DAY + 60, nextUpdate: end } }),
    "root CRL": (end) => ({ rootCrl: { thisUpdate: at() - DAY + 60, nextUpdate: end } }),
  };

  for (const [part, options] of Object.entries(parts)) {
    it(`is that of its ${part} where that ends first, to the second`, async () => {
      const { world } = $;
      const end = at() + 5 * DAY;
      await upload(world, options(end), [part]);
      const { programId, identity, worker } = await registerLongLived();
      assert.equal(worker.expiresAt, end);
      await world.at(end);
      assert.equal(await world.statusOf(identity.address, programId), "VALID");
      await world.at(end + 1);
      assert.equal(await world.statusOf(identity.address, programId), "COLLATERAL_EXPIRED");
    });
  }

  it("is that of its PCK certificate where that ends first", async () => {
    const { world } = $;
    const end = at() + 3 * DAY;
    const { programId, identity, worker } = await registerLongLived({
      validity: { notBefore: at() - DAY, notAfter: end },
    });
    assert.equal(worker.expiresAt, end);
    await world.at(end + 1);
    assert.equal(await world.statusOf(identity.address, programId), "COLLATERAL_EXPIRED");
  });

  it("is the last second at which its evaluation number counts", async () => {
    const { world } = $;
    const later = { issueDate: at() - DAY + 60, nextUpdate: at() + 80 * DAY };
    const crl = { thisUpdate: at() - DAY + 60, nextUpdate: at() + 80 * DAY };
    await upload(world, { tcbInfo: later, qeIdentity: later, pckCrl: crl });
    await upload(world, { tcbEvaluationDataNumber: 21, tcbInfo: later }, ["TCB info"]);
    const minimumFrom = await world.attestation.read.minimumFromOf([21]);
    const { programId, platform, identity, worker } = await registerLongLived();
    assert.equal(worker.expiresAt, minimumFrom - 1);
    await world.at(minimumFrom - 1);
    assert.equal(await world.statusOf(identity.address, programId), "VALID");
    await world.at(minimumFrom);
    assert.equal(await world.statusOf(identity.address, programId), "COLLATERAL_EXPIRED");
    const call = world.register({ programId, platform, identity });
    await refusedWith("TcbEvaluationNumberSuperseded", call);
  });

  it("is the program's maximum age from the quote on, to the second", async () => {
    const { world } = $;
    const { identity } = await world.register({ withCertificate: true });
    const { attestedAt } = await world.registry.read.workerOf([world.programId, identity.address]);
    await world.at(attestedAt + DAY);
    assert.equal(await world.statusOf(identity.address), "VALID");
    await world.at(attestedAt + DAY + 1);
    assert.equal(await world.statusOf(identity.address), "ATTESTATION_TOO_OLD");
    await world.register({ identity });
    assert.equal(await world.statusOf(identity.address), "VALID");
  });
});
