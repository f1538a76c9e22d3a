import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { toHex, zeroAddress, zeroHash } from "viem";
import { intelSgxRootCa } from "../../../sdk/tdx/index.ts";
import { defaultTcbLevels } from "../../../sdk/tdx/simulator/index.ts";
import {
  createProgram,
  DAY,
  deploy,
  deployLibraries,
  GAS,
  platformIdOf,
  reevaluate,
  refusedWith,
  upload,
} from "./support/actions.ts";
import { sharedWorld } from "./support/shared-world.ts";
import {
  ATTESTATION_LIBRARIES,
  measurementsOf,
  type Policy,
  policyDefaults,
  REGISTRY_LIBRARIES,
  WorkerStatus,
  type World,
} from "./support/world.ts";

type Made = Awaited<ReturnType<World["register"]>>;

describe("why a worker is not valid", () => {
  let made: Made;
  const $ = sharedWorld(async (world) => {
    made = await world.register({ withCertificate: true });
  });

  const change = async (policy: Partial<Policy>) => {
    const { registry, programId } = $.world;
    const present = await registry.read.policyOf([programId]);
    await registry.write.setPolicy([programId, { ...present, ...policy }]);
  };
  const outOfDate = async () => {
    const [first, second] = defaultTcbLevels;
    const issueDate = $.world.simulator.at - DAY + 60;
    const tcbLevels = [{ ...first, status: "OutOfDate" }, second];
    await upload($.world, { tcbInfo: { issueDate, tcbLevels } }, ["TCB info"]);
    await reevaluate($.world, made);
  };
  const write = () => $.world.registry.write;
  const ids = () => [made.request.programId, made.identity.address] as const;
  const later = async (seconds: number) => {
    const { timestamp } = await $.world.client.getBlock();
    await $.world.at(Number(timestamp) + seconds);
  };

  /** How each status comes about, one for each of the enum. */
  const causes: Record<(typeof WorkerStatus)[number], () => Promise<unknown>> = {
    VALID: async () => undefined,
    PROGRAM_UNKNOWN: async () => undefined,
    WORKER_UNKNOWN: async () => undefined,
    REVOKED: async () => await write().revokeWorker(ids()),
    COLLATERAL_EXPIRED: async () => await later(40 * DAY),
    ATTESTATION_TOO_OLD: async () => await later(2 * DAY),
    TCB_STATUS_NOT_ACCEPTED: async () => await change({ acceptedStatuses: 1 << 2 }),
    TCB_GRACE_PERIOD_OVER: async () => {
      await change({ acceptedStatuses: 0, graceStatuses: 1 << 1 });
    },
    TCB_EVALUATION_NUMBER_TOO_LOW: async () => await change({ minTcbEvaluationDataNumber: 21 }),
    SEPT_VE_DISABLE_REQUIRED: async () => {
      const tdAttributes = "0x0000000000000000";
      const programId = await createProgram($.world, {
        policy: { requireSeptVeDisable: false },
        measurements: [measurementsOf($.world.template, { tdAttributes })],
      });
      made = await $.world.register({ programId, quote: { tdAttributes } });
      const policy = await $.world.registry.read.policyOf([programId]);
      await write().setPolicy([programId, { ...policy, requireSeptVeDisable: true }]);
    },
    REEVALUATION_NEEDED: async () => {
      await write().refuseAdvisory([made.request.programId, `0x${"41".repeat(32)}`]);
    },
    APPROVAL_WITHDRAWN: async () => await write().withdraw([made.request.programId, 1]),
    PLATFORM_REVOKED: async () => {
      await write().revokePlatform([made.request.programId, platformIdOf($.world.platform)]);
    },
    PLATFORM_NOT_ADMITTED: async () => {
      await write().delistPlatform([made.request.programId, platformIdOf($.world.platform)]);
    },
    GPU_REQUIRED: async () => await change({ requireGpu: true }),
  };

  for (const [status, cause] of Object.entries(causes)) {
    it(`is said for ${status}, and requireWorker reverts with it`, async () => {
      const { world } = $;
      const first = made;
      await cause();
      let [programId, worker] = ids() as readonly [`0x${string}`, `0x${string}`];
      made = first;
      if (status === "PROGRAM_UNKNOWN") programId = zeroHash;
      if (status === "WORKER_UNKNOWN") worker = world.owner.account.address;
      const code = WorkerStatus.indexOf(status as (typeof WorkerStatus)[number]);
      const { read } = world.registry;
      assert.equal(await read.statusOf([programId, worker]), code);
      const both = await read.statusesOf([
        [programId, zeroHash],
        [worker, worker],
      ]);
      assert.deepEqual(both, [code, 1]);
      if (code === 0) {
        await read.requireWorker([programId, worker]);
      } else {
        const args = await refusedWith("WorkerNotValid", read.requireWorker([programId, worker]));
        assert.equal(args[2], code);
      }
    });
  }

  it("has the names of the contract's enum, in its order", () => {
    const source = readFileSync(
      new URL("../../../contracts/registry/RegistryTypes.sol", import.meta.url),
      "utf8",
    );
    const body = /enum WorkerStatus \{([^}]*)\}/.exec(source)?.[1] ?? "";
    const names = body
      .replaceAll(/\/\/\/.*/g, "")
      .split(",")
      .map((name) => name.trim());
    assert.deepEqual(names, [...WorkerStatus]);
  });

  it("is UNKNOWN for the zero address, also where a program's owner is nobody", async () => {
    const { read } = $.world.registry;
    assert.equal(await read.statusOf([made.request.programId, zeroAddress]), 2);
    assert.equal(await read.statusOf([zeroHash, zeroAddress]), 1);
  });

  it("comes for many at once, of lists of one length", async () => {
    const { world } = $;
    await outOfDate();
    const { programId } = made.request;
    const { address } = made.identity;
    const good = await createProgram(world);
    const { read } = world.registry;
    const found = await read.statusesOf([
      [programId, good, zeroHash],
      [address, address, address],
    ]);
    assert.deepEqual(found, [6, 2, 1]);
    assert.deepEqual(await read.statusesOf([[], []]), []);
    await refusedWith("PolicyInvalid", read.statusesOf([[programId], []]));
  });

  it("is answered without a record for what there is none of", async () => {
    const { read } = $.world.registry;
    const worker = await read.workerOf([zeroHash, zeroAddress]);
    assert.ok(!worker.isRegistered && !worker.isRevoked && worker.expiresAt === 0);
    await refusedWith("ProgramUnknown", read.policyOf([zeroHash]));
  });
});

describe("the deployment", () => {
  const $ = sharedWorld();

  it("says that it is for development, in a view and in an event", async () => {
    const { world } = $;
    assert.equal(await world.registry.read.isDevelopment(), true);
    const logs = await world.registry.getEvents.DevelopmentDeployment({ fromBlock: 0n });
    assert.equal(logs.length, 1);
    const fingerprint = await world.attestation.read.rootFingerprint();
    assert.equal(logs[0]?.args.rootFingerprint, fingerprint);
  });

  it("may have a notice of seconds; under Intel's root a day is the least", async () => {
    const { world } = $;
    await createProgram(world, { policy: { notice: 0 } });
    const root = toHex(intelSgxRootCa());
    const attestation = await deploy(
      world,
      "TdxAttestation",
      [root, world.authority.address],
      await deployLibraries(world, ATTESTATION_LIBRARIES),
    );
    const address = await deploy(
      world,
      "WorkerRegistry",
      [attestation, world.authority.address, 256n],
      await deployLibraries(world, REGISTRY_LIBRARIES),
    );
    const { abi } = world.registry;
    const found = { address, abi, functionName: "isDevelopment" } as const;
    assert.equal(await world.client.readContract(found), false);
    const create = async (notice: number) => {
      const functionName = "createProgram";
      const args = [zeroHash, { ...policyDefaults, notice }, [], []] as const;
      await world.owner.writeContract({ address, abi, functionName, args, gas: GAS });
    };
    await refusedWith("PolicyInvalid", create(DAY - 1));
    await create(DAY);
  });

  it("fits: every contract is below the limit of EIP-170", async () => {
    const { world } = $;
    for (const { address } of [world.registry, world.attestation]) {
      const code = await world.client.getCode({ address });
      const size = ((code?.length ?? 2) - 2) / 2;
      assert.ok(size > 0 && size < 24_576, `${size}`);
    }
  });
});

describe("a keeper's session", () => {
  let made: Made;
  const $ = sharedWorld(async (world) => {
    made = await world.register({ withCertificate: true });
  });
  const bound = {
    role: 2,
    transportKeyHash: `0x${"aa".repeat(32)}`,
    session: `0x${"bb".repeat(32)}`,
  } as const;

  const verify = async (
    one: Made | Awaited<ReturnType<World["registration"]>>,
    options = bound,
  ) => {
    const { world } = $;
    await world.mine();
    return await world.registry.read.verifySession([
      one.request,
      options.transportKeyHash,
      options.session,
      one.evidence,
    ]);
  };

  it("holds by a fresh quote of a valid worker, for that key and session", async () => {
    await verify(await $.world.registration({ identity: made.identity, ...bound }));
  });

  it("is refused for another key, session, role or worker", async () => {
    const { world } = $;
    const { identity } = made;
    const other: `0x${string}` = `0x${"cc".repeat(32)}`;
    for (const changed of [{ transportKeyHash: other }, { session: other }, { role: 1 }]) {
      const one = await world.registration({ identity, ...bound, ...changed });
      await refusedWith("ReportDataMismatch", verify(one));
    }
    const unknown = await world.registration(bound);
    await refusedWith("WorkerNotValid", verify(unknown));
  });

  it("is refused for a worker that is revoked, and for another platform than the record's", async () => {
    const { world } = $;
    const { identity } = made;
    const quote = { teeTcbSvn: "06010300000000000000000000000000" };
    const moved = await world.registration({ identity, ...bound, quote });
    await refusedWith("EvidenceMismatch", verify(moved));
    const one = await world.registration({ identity, ...bound });
    await world.registry.write.revokeWorker([world.programId, identity.address]);
    await refusedWith("WorkerNotValid", verify(one));
  });

  it("is refused with an old challenge", async () => {
    const { world } = $;
    const one = await world.registration({ identity: made.identity, ...bound });
    await world.provider.request({ method: "hardhat_mine", params: ["0x101", "0x0"] });
    await refusedWith("ChallengeBlockUnknown", verify(one));
  });
});
