import assert from "node:assert/strict";
import { encodeFunctionData, type Hex, keccak256, parseAbi, stringToHex, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  acceptAdvisory,
  acceptOwnership,
  applyPolicy,
  approveMeasurements,
  carryWorkerCall,
  createProgram,
  defaultProgramPolicy,
  delistPlatform,
  getApproval,
  getPlatform,
  getProgram,
  isWorkerValid,
  listPlatforms,
  measurementsFromQuote,
  proposeOwner,
  reevaluateWorker,
  refuseAdvisory,
  registerWorker,
  revokePlatform,
  revokeWorker,
  setPolicy,
  signWorkerCall,
  tcbClaimsOf,
  withdrawApproval,
} from "../../../sdk/client/index.ts";
import { reportDigest } from "../../../sdk/client/measurements.ts";
import { parseQuote } from "../../../sdk/tdx/index.ts";
import { buildEvidence } from "../../../sdk/tdx/onchain/index.ts";
import { createWorld, type World, withCode } from "./support/world.ts";

const PLATFORM = keccak256(stringToHex("another machine"));

describe("the client's writes", () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld();
  });

  const first = () => {
    const [worker] = world.workers;
    assert.ok(worker);
    return worker;
  };
  const statusOf = async () =>
    (await isWorkerValid(world.client, { ...world.program, identity: first().identity })).status;

  it("create a program, once", async () => {
    const { owner, client, address } = world;
    const salt = keccak256(stringToHex("second"));
    const measurements = [measurementsFromQuote(first().quote)];
    const parameters = { address, salt, measurements, platformIds: [PLATFORM] };
    const { programId, gasUsed } = await createProgram(owner, parameters);
    assert.ok(gasUsed > 21_000n);
    const program = await getProgram(client, { address, programId });
    assert.deepEqual(program?.policy, defaultProgramPolicy);
    assert.equal(program.approvalCount, 1);
    await assert.rejects(createProgram(owner, parameters), withCode("PROGRAM_EXISTS"));
  });

  it("approve what a quote was measured as, and take it back", async () => {
    const { owner, stranger, client, program } = world;
    const { quote } = first();
    for (const options of [{}, { pinMrSeam: true }] as const) {
      const measurements = measurementsFromQuote(quote, options);
      const { approvalId } = await approveMeasurements(owner, { ...program, measurements });
      const approval = await getApproval(client, { ...program, approvalId });
      const form = approval?.pinsMrSeam ? 3 : 1;
      assert.equal(approval?.digest, reportDigest(parseQuote(quote).report, form));
      assert.equal(approval.pinsMrSeam, "pinMrSeam" in options);
    }
    const measurements = measurementsFromQuote(quote);
    await assert.rejects(
      approveMeasurements(stranger, { ...program, measurements }),
      withCode("NOT_PROGRAM_OWNER"),
    );
    await assert.rejects(
      approveMeasurements(owner, {
        ...program,
        measurements: measurementsFromQuote(quote, { applicationRegister: "MRCONFIGID" }),
      }),
      (error: { code: string }) =>
        ["MR_CONFIG_ID_NOT_ENFORCED", "APPLICATION_NOT_MEASURED"].includes(error.code),
    );
    const short = { ...measurements, mrTd: "0x12" } as const;
    await assert.rejects(
      approveMeasurements(owner, { ...program, measurements: short }),
      withCode("CLIENT_PARAMETER_INVALID"),
    );
    await withdrawApproval(owner, { ...program, approvalId: 1 });
    assert.equal(await statusOf(), "APPROVAL_WITHDRAWN");
    await assert.rejects(
      withdrawApproval(owner, { ...program, approvalId: 1 }),
      withCode("APPROVAL_IS_WITHDRAWN"),
    );
    await assert.rejects(
      withdrawApproval(owner, { ...program, approvalId: 99 }),
      withCode("APPROVAL_UNKNOWN"),
    );
  });

  it("list, delist and revoke machines", async () => {
    const { owner, client, program, platformId } = world;
    await listPlatforms(owner, { ...program, platformIds: [PLATFORM] });
    const platform = () => getPlatform(client, { ...program, platformId: PLATFORM });
    assert.equal((await platform()).isListed, true);
    await delistPlatform(owner, { ...program, platformId: PLATFORM });
    assert.equal((await platform()).isListed, false);
    await assert.rejects(
      delistPlatform(owner, { ...program, platformId: PLATFORM }),
      withCode("PLATFORM_NOT_ADMITTED"),
    );
    await revokePlatform(owner, { ...program, platformId });
    assert.equal(await statusOf(), "PLATFORM_REVOKED");
    await assert.rejects(world.bootWorker(), withCode("PLATFORM_IS_REVOKED"));
  });

  it("change what a program demands, and whose it is", async () => {
    const { owner, other, client, program } = world;
    const present = await getProgram(client, program);
    assert.ok(present);
    const wider = { ...present.policy, maxAge: 2 * present.policy.maxAge };
    await setPolicy(owner, { ...program, policy: wider });
    await applyPolicy(other, program);
    assert.equal((await getProgram(client, program))?.policy.maxAge, wider.maxAge);
    await assert.rejects(applyPolicy(other, program), withCode("NOTHING_PENDING"));
    await assert.rejects(
      setPolicy(owner, { ...program, policy: { ...wider, maxAge: 0 } }),
      withCode("POLICY_INVALID"),
    );
    await proposeOwner(owner, { ...program, newOwner: other.account.address });
    await assert.rejects(acceptOwnership(owner, program), withCode("NOT_PENDING_OWNER"));
    await acceptOwnership(other, program);
    const after = await getProgram(client, program);
    assert.equal(after?.owner.toLowerCase(), other.account.address.toLowerCase());
  });

  it("refuse an advisory, judge a worker again, accept the advisory", async () => {
    const { owner, stranger, program } = world;
    const { identity, quote } = first();
    const advisory = { ...program, advisoryId: "INTEL-SA-00837" };
    await assert.rejects(acceptAdvisory(owner, advisory), withCode("NOTHING_PENDING"));
    await refuseAdvisory(owner, advisory);
    assert.equal(await statusOf(), "REEVALUATION_NEEDED");
    const numbers = { tcbInfo: 20, qeIdentity: 20 };
    const { leaf } = buildEvidence(quote, { numbers }).evidence;
    const claims = tcbClaimsOf(quote);
    const question = { ...program, identity, claims, numbers };
    await reevaluateWorker(stranger, { ...question, leaf });
    assert.equal(await statusOf(), "VALID");
    await assert.rejects(
      reevaluateWorker(stranger, { ...question, leaf, claims: { ...claims, qeIsvSvn: 999 } }),
      withCode("EVIDENCE_MISMATCH"),
    );
    await assert.rejects(
      reevaluateWorker(stranger, { ...question, leaf: { ...leaf, pceSvn: 1 } }),
      withCode("PCK_CERTIFICATE_NOT_CACHED"),
    );
    await acceptAdvisory(owner, advisory);
  });

  it("register a worker, and say what is wrong with one", async () => {
    const { owner, address, program, platform, simulator } = world;
    const quote = platform.quote({ reportData: new Uint8Array(64) });
    const { evidence } = buildEvidence(quote, { collateral: simulator.collateral() });
    const request = {
      programId: world.programId,
      identity: owner.account.address,
      challengeBlock: 0n,
      approvalId: 1,
      identitySignature: "0x",
      ownerSignature: "0x",
    } as const;
    const current = await world.client.getBlockNumber();
    const attempt = (change: object) =>
      registerWorker(owner, {
        address,
        registration: { request: { ...request, challengeBlock: current, ...change }, evidence },
      });
    await assert.rejects(attempt({}), withCode("REPORT_DATA_MISMATCH"));
    await assert.rejects(
      attempt({ challengeBlock: current + 9n }),
      withCode("CHALLENGE_BLOCK_UNKNOWN"),
    );
    const broken = { ...evidence, quote: `${evidence.quote.slice(0, -2)}ff` as Hex };
    await assert.rejects(
      registerWorker(owner, {
        address,
        registration: { request: { ...request, challengeBlock: current }, evidence: broken },
      }),
      (error: { code: string; name: string }) =>
        error.name === "OnchainError" && error.code === "QE_REPORT_DATA_MISMATCH",
    );
    const debug = world.bootWorker({ quote: { tdAttributes: "0100001000000000" } });
    await assert.rejects(debug, withCode("DEBUG_TD"));
    await assert.rejects(world.bootWorker({ approvalId: 9 }), withCode("APPROVAL_UNKNOWN"));
    await assert.rejects(
      world.bootWorker({ programId: zeroHash }),
      (error: { name: string }) => error.name === "RegistryError",
    );
    assert.ok(program);
  });

  it("revoke a worker: by its owner, not by a stranger", async () => {
    const { stranger, owner, program } = world;
    const question = { ...program, identity: first().identity };
    await assert.rejects(revokeWorker(stranger, question), withCode("ACCESS_MANAGED_UNAUTHORIZED"));
    await revokeWorker(owner, question);
    assert.equal(await statusOf(), "REVOKED");
    await assert.rejects(revokeWorker(owner, question), withCode("WORKER_IS_REVOKED"));
    const unknown = privateKeyToAccount(generatePrivateKey()).address;
    await assert.rejects(
      revokeWorker(owner, { ...program, identity: unknown }),
      withCode("WORKER_UNKNOWN"),
    );
  });

  it("carry a call that a worker signed, once and in time", async () => {
    const { viem, address, programId, client, stranger } = world;
    const { account } = first();
    const market = await viem.deployContract("JobMarket", [address]);
    const abi = parseAbi([
      "function post(bytes32 programId, bytes input)",
      "function take(uint256 jobId)",
    ]);
    const post = encodeFunctionData({ abi, functionName: "post", args: [programId, "0x11"] });
    await stranger.sendTransaction({ to: market.address, data: post });
    const data = encodeFunctionData({ abi, functionName: "take", args: [0n] });
    const { timestamp } = await client.getBlock();
    const deadline = Number(timestamp) + 600;
    const gate = { address: market.address };
    const call = await signWorkerCall(client, { ...gate, account, data, deadline });
    await carryWorkerCall(stranger, { ...gate, call });
    await assert.rejects(
      carryWorkerCall(stranger, { ...gate, call }),
      withCode("INVALID_ACCOUNT_NONCE"),
    );
    const late = await signWorkerCall(client, { ...gate, account, data, deadline: 1 });
    await assert.rejects(
      carryWorkerCall(stranger, { ...gate, call: late }),
      withCode("WORKER_CALL_EXPIRED"),
    );
    const next = await signWorkerCall(client, { ...gate, account, data, deadline });
    await assert.rejects(
      carryWorkerCall(stranger, { ...gate, call: { ...next, worker: stranger.account.address } }),
      withCode("WORKER_CALL_SIGNATURE_INVALID"),
    );
    await world.revoke(account.address);
    await assert.rejects(
      carryWorkerCall(stranger, { ...gate, call: next }),
      withCode("WORKER_NOT_VALID"),
    );
  });
});
