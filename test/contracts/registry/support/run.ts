import assert from "node:assert/strict";
import fc from "fast-check";
import { type Hex, toHex, zeroHash } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { GAS, platformIdOf, type Registered, reevaluate, refusal } from "./actions.ts";
import type { Attested, Ghosts, Model, Wanted } from "./model.ts";
import { Admission, measurementsOf, policyDefaults, WorkerStatus, type World } from "./world.ts";

export const WORKERS = 3;
export const NOTICE = 3600;

type Made = Awaited<ReturnType<World["registration"]>>;

export interface Step {
  readonly kind: string;
  readonly worker: number;
  readonly platform: number;
  readonly approval: number;
  readonly age: number;
  readonly number: number;
  readonly accepted: number;
  readonly open: boolean;
  readonly wait: number;
}

const ATTACKS = ["forged", "replayed", "older", "elsewhere"];

/** The first three times as often as the others together. */
const often = (first: number, ...others: readonly number[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(first) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const kind = fc.oneof(
  { weight: 9, arbitrary: fc.constant("register") },
  { weight: 2, arbitrary: fc.constantFrom(...ATTACKS) },
  { weight: 2, arbitrary: fc.constantFrom("reevaluate", "wait") },
  { weight: 2, arbitrary: fc.constantFrom("setPolicy", "applyPolicy", "approve", "list") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "revokeWorker",
      "revokePlatform",
      "revokeForAll",
      "withdraw",
      "delist",
      "pause",
    ),
  },
);

export const step: fc.Arbitrary<Step> = fc.record({
  kind,
  worker: fc.nat(WORKERS - 1),
  // Most are about what is there from the beginning, or else hardly anyone would ever be valid.
  platform: often(0, 1),
  approval: often(1, 2, 3),
  age: fc.constantFrom(600, 7200, 86_400, 172_800),
  number: fc.constantFrom(0, 0, 0, 20, 21),
  accepted: fc.constantFrom(0b10, 0b110, 0b110, 0b100),
  open: fc.boolean(),
  wait: fc.constantFrom(1, 600, NOTICE - 1, NOTICE, 90_000, 72 * 3600, 31 * 86_400),
});

/** The contract and the model side by side, with what both did so far. */
export class Run {
  readonly ghosts: Ghosts = {
    revoked: new Set(),
    verified: new Set(),
    newestChallenge: new Map(),
  };
  readonly made: (Made | undefined)[] = [];
  /** How often each status was found, and each answer to a genuine registration. */
  readonly seen: Map<string, number>;
  now: number;
  readonly world: World;
  readonly model: Model;
  readonly programId: Hex;
  readonly identities: readonly PrivateKeyAccount[];
  readonly platforms: readonly World["platform"][];

  constructor(
    world: World,
    model: Model,
    programId: Hex,
    start: number,
    shared: Shared,
    seen: Map<string, number>,
  ) {
    this.world = world;
    this.model = model;
    this.programId = programId;
    this.now = start;
    this.identities = shared.identities;
    this.platforms = shared.platforms;
    this.seen = seen;
  }

  /** The next transaction's block has this time. */
  async tick(seconds = 1): Promise<void> {
    this.now += seconds;
    await this.world.provider.request({
      method: "evm_setNextBlockTimestamp",
      params: [toHex(this.now)],
    });
  }

  count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  /** One step, and all that must hold after it. */
  async take(one: Step): Promise<void> {
    this.count(one.kind);
    if (one.kind === "register") await this.register(one);
    else if (one.kind === "reevaluate") await this.reevaluate(one);
    else if (ATTACKS.includes(one.kind)) await this.attack(one);
    else await this.act(one);
    await this.check();
  }

  async expect(call: Promise<unknown>, isAccepted: boolean, what: string): Promise<void> {
    if (isAccepted) await call;
    else assert.notEqual((await refusal(call)).name, "", what);
  }

  async register({ worker, platform, approval }: Step): Promise<void> {
    const identity = this.identities[worker];
    const machine = this.platforms[platform];
    assert.ok(identity && machine);
    const made = await this.world.registration({
      programId: this.programId,
      identity,
      platform: machine,
      approvalId: approval,
    });
    await this.tick();
    const attested: Attested = {
      platform,
      challengeBlock: made.request.challengeBlock,
      attestedAt: this.now,
      approvalId: approval,
    };
    const expected = this.model.registration(worker, attested, this.now);
    this.count(`register: ${expected}`);
    const sent = this.submit(made);
    if (expected !== "ok") {
      const { name } = await refusal(sent);
      if (expected !== "expired") assert.equal(name, expected);
      return;
    }
    await sent;
    const state = this.model.workers[worker];
    assert.ok(state);
    state.attested = attested;
    this.made[worker] = made;
    this.ghosts.verified.add(made.commitment);
  }

  async submit(made: Made): Promise<unknown> {
    return await this.world.send(
      this.world.registry.address,
      this.world.registerData(made),
      this.world.stranger,
    );
  }

  /** What no one may get a record by. */
  async attack({ kind, worker, platform }: Step): Promise<void> {
    const identity = this.identities[worker];
    const machine = this.platforms[platform];
    assert.ok(identity && machine);
    const before = this.made[worker];
    const options = { programId: this.programId, identity, platform: machine };
    if (kind === "replayed") {
      if (before === undefined) return;
      await this.tick();
      await refusal(this.submit(before));
    } else if (kind === "older") {
      if (before === undefined) return;
      const challengeBlock = before.request.challengeBlock - 1n;
      const made = await this.world.registration({ ...options, challengeBlock });
      await this.tick();
      await refusal(this.submit(made));
    } else if (kind === "elsewhere") {
      const made = await this.world.registration({ ...options, programId: zeroHash });
      await this.tick();
      const request = { ...made.request, programId: this.programId };
      await refusal(this.submit({ ...made, request }));
    } else {
      const made = await this.world.registration(options);
      const at = 2 + 2 * (48 + 520 + (Number(made.request.challengeBlock) % 32));
      const { quote } = made.evidence;
      const digit = quote[at] === "0" ? "1" : "0";
      const forged: Hex = `0x${quote.slice(2, at)}${digit}${quote.slice(at + 1)}`;
      await this.tick();
      await refusal(this.submit({ ...made, evidence: { ...made.evidence, quote: forged } }));
    }
  }

  async reevaluate({ worker }: Step): Promise<void> {
    const made = this.made[worker];
    if (made === undefined) return;
    await this.tick();
    const isRevoked = this.model.workers[worker]?.isRevoked === true;
    const isAlive = !isRevoked && this.now <= this.model.expiresAt;
    await this.expect(reevaluate(this.world, made as Registered), isAlive, "reevaluate");
  }

  async act(one: Step): Promise<void> {
    const { model, world, programId } = this;
    const { write } = world.registry;
    const gas = { gas: GAS };
    const machine = this.platforms[one.platform];
    const identity = this.identities[one.worker];
    assert.ok(machine && identity);
    const platformId = platformIdOf(machine);
    const isRevokedPlatform = model.revokedPlatforms.has(one.platform);
    switch (one.kind) {
      case "wait":
        await this.tick(one.wait);
        await world.mine();
        return;
      case "revokeWorker": {
        const state = model.workers[one.worker];
        assert.ok(state);
        const isAccepted = state.attested !== undefined && !state.isRevoked;
        await this.tick();
        await this.expect(
          write.revokeWorker([programId, identity.address], gas),
          isAccepted,
          "revokeWorker",
        );
        if (isAccepted) {
          state.isRevoked = true;
          this.ghosts.revoked.add(one.worker);
        }
        return;
      }
      case "revokePlatform":
        await this.tick();
        await this.expect(
          write.revokePlatform([programId, platformId], gas),
          !isRevokedPlatform,
          "revokePlatform",
        );
        model.revokedPlatforms.add(one.platform);
        model.listedFrom.delete(one.platform);
        return;
      case "revokeForAll":
        await this.tick();
        await this.expect(
          write.revokePlatformForAll([platformId], gas),
          !model.revokedForAll.has(one.platform),
          "revokePlatformForAll",
        );
        model.revokedForAll.add(one.platform);
        return;
      case "list":
        await this.tick();
        await this.expect(
          write.listPlatforms([programId, [platformId]], gas),
          !isRevokedPlatform,
          "list",
        );
        if (!isRevokedPlatform && !model.listedFrom.has(one.platform)) {
          model.listedFrom.set(one.platform, this.now + NOTICE);
        }
        return;
      case "delist":
        await this.tick();
        await this.expect(
          write.delistPlatform([programId, platformId], gas),
          model.listedFrom.has(one.platform),
          "delist",
        );
        model.listedFrom.delete(one.platform);
        return;
      case "approve":
        await this.tick();
        await write.approve([programId, measurementsOf(world.template)], gas);
        model.approvedFrom.push(this.now + NOTICE);
        return;
      case "withdraw": {
        const isThere = one.approval <= model.approvedFrom.length;
        const isAccepted = isThere && !model.withdrawn.has(one.approval);
        await this.tick();
        await this.expect(write.withdraw([programId, one.approval], gas), isAccepted, "withdraw");
        if (isAccepted) model.withdrawn.add(one.approval);
        return;
      }
      case "pause": {
        const next = model.pausedAt === undefined ? 0 : model.pausedAt + 30 * 86_400;
        await this.tick();
        const isAccepted = this.now >= next;
        await this.expect(write.pause(gas), isAccepted, "pause");
        if (isAccepted) model.pausedAt = this.now;
        return;
      }
      case "setPolicy": {
        const wanted: Wanted = {
          maxAge: one.age,
          minNumber: one.number,
          accepted: one.accepted,
          isOpen: one.open,
        };
        await this.tick();
        await write.setPolicy([programId, policyOf(wanted)], gas);
        model.setPolicy(wanted, this.now);
        return;
      }
      default: {
        const { pending } = model;
        await this.tick();
        // The notice is never skipped: neither by a second.
        const isDue = pending !== undefined && this.now >= pending.from;
        await this.expect(write.applyPolicy([programId], gas), isDue, "applyPolicy");
        if (isDue) {
          Object.assign(model.policy, pending.wanted);
          model.pending = undefined;
        }
      }
    }
  }

  async check(): Promise<void> {
    const { registry } = this.world;
    const present = await registry.read.policyOf([this.programId]);
    const { notice: _notice, ...policy } = this.model.policy;
    assert.deepEqual(present, policyOf(policy));
    const found = await registry.read.statusesOf([
      this.identities.map(() => this.programId),
      this.identities.map(({ address }) => address),
    ]);
    for (const [index, { address }] of this.identities.entries()) {
      const status = WorkerStatus[found[index] ?? -1] ?? "";
      assert.equal(status, this.model.statusOf(index, this.now));
      this.count(status);
      const made = this.made[index];
      // There is no record without a quote that was verified.
      assert.equal(status === "WORKER_UNKNOWN", made === undefined);
      if (made === undefined) continue;
      const record = await registry.read.workerOf([this.programId, address]);
      if (this.ghosts.revoked.has(index)) {
        assert.equal(status, "REVOKED");
        assert.ok(record.isRevoked);
      }
      // It is that of the newest.
      assert.ok(this.ghosts.verified.has(made.commitment));
      const challengeBlock = BigInt(record.challengeBlock);
      assert.equal(challengeBlock, made.request.challengeBlock);
      assert.ok(challengeBlock >= (this.ghosts.newestChallenge.get(index) ?? 0n));
      this.ghosts.newestChallenge.set(index, challengeBlock);
      assert.equal(record.attestedAt, this.model.workers[index]?.attested?.attestedAt);
    }
  }
}

export interface Shared {
  readonly identities: readonly PrivateKeyAccount[];
  readonly platforms: readonly World["platform"][];
}

function policyOf({ maxAge, minNumber, accepted, isOpen }: Wanted) {
  return {
    ...policyDefaults,
    maxAge,
    minTcbEvaluationDataNumber: minNumber,
    acceptedStatuses: accepted,
    admission: isOpen ? Admission.OPEN : Admission.LIST,
  };
}
