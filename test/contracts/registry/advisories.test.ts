import assert from "node:assert/strict";
import { type Hex, stringToHex, toHex } from "viem";
import { defaultTcbLevels } from "../../../sdk/tdx/simulator/index.ts";
import { type Registered, reevaluate, refusedWith, upload } from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";

const advisoryId = (name: string): Hex => stringToHex(name, { size: 32 });
const CONCERNED = advisoryId("INTEL-SA-00001");
const OTHER = advisoryId("INTEL-SA-00002");

describe("refused advisories", () => {
  let made: Registered;
  const $ = sharedWorld(async (world) => {
    const [first, second] = defaultTcbLevels;
    const issueDate = world.simulator.at - 86_400 + 60;
    const tcbLevels = [{ ...first, advisoryIds: ["INTEL-SA-00001"] }, second];
    await upload(world, { tcbInfo: { issueDate, tcbLevels } }, ["TCB info"]);
    made = await world.register({ withCertificate: true });
  });

  const status = async () => await $.world.statusOf(made.identity.address);
  const refuse = async (id: Hex) =>
    await $.world.registry.write.refuseAdvisory([$.world.programId, id]);
  const accept = async (id: Hex) =>
    await $.world.registry.write.acceptAdvisory([$.world.programId, id]);

  it("stop every worker until it was judged by them, and then those they concern", async () => {
    const { world } = $;
    await refuse(OTHER);
    assert.equal(await status(), "REEVALUATION_NEEDED");
    await reevaluate(world, made);
    assert.equal(await status(), "VALID");
    await refuse(CONCERNED);
    assert.equal(await status(), "REEVALUATION_NEEDED");
    await reevaluate(world, made);
    assert.equal(await status(), "REEVALUATION_NEEDED");
    const [found] = await refusedWith("AdvisoryNotAccepted", world.register());
    assert.equal(found, CONCERNED);
    const again = world.register({ identity: made.identity });
    await refusedWith("AdvisoryNotAccepted", again);
  });

  it("are accepted again after the notice, to the second", async () => {
    const { world } = $;
    await refuse(CONCERNED);
    await accept(CONCERNED);
    const { timestamp } = await world.client.getBlock();
    const due = Number(timestamp) + 3600;
    const next = async (seconds: number) =>
      await world.provider.request({
        method: "evm_setNextBlockTimestamp",
        params: [toHex(seconds)],
      });
    await next(due - 1);
    await refusedWith("AdvisoryNotAccepted", world.register());
    await next(due);
    await reevaluate(world, made);
    assert.equal(await status(), "VALID");
    await world.register();
  });

  it("refused again while they wait are refused", async () => {
    const { world } = $;
    await refuse(CONCERNED);
    await accept(CONCERNED);
    await refuse(CONCERNED);
    const { timestamp } = await world.client.getBlock();
    await world.at(Number(timestamp) + 2 * 3600);
    await refusedWith("AdvisoryNotAccepted", world.register());
    await reevaluate(world, made);
    assert.equal(await status(), "REEVALUATION_NEEDED");
  });

  it("stay refused when the policy changes", async () => {
    const { world } = $;
    await refuse(CONCERNED);
    const policy = await world.registry.read.policyOf([world.programId]);
    await world.registry.write.setPolicy([world.programId, { ...policy, maxAge: 3600 }]);
    await refusedWith("AdvisoryNotAccepted", world.register());
    assert.equal(await world.registry.read.isAdvisoryRefused([world.programId, CONCERNED]), true);
  });

  it("are the owner's, and cannot be accepted where they are not refused", async () => {
    const { world } = $;
    const { write } = world.registry;
    const { account } = world.stranger;
    const { programId } = world;
    await refusedWith("NotProgramOwner", write.refuseAdvisory([programId, OTHER], { account }));
    await refusedWith("NotProgramOwner", write.acceptAdvisory([programId, OTHER], { account }));
    await refusedWith("NothingPending", accept(OTHER));
  });
});
