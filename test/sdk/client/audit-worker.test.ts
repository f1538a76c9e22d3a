import assert from "node:assert/strict";
import {
  createPublicClient,
  custom,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  http,
  parseAbi,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import {
  auditWorker,
  reevaluateWorker,
  signRegistration,
  tcbClaimsOf,
  workerRegistryAbi,
} from "../../../sdk/client/index.ts";
import { createCollateral, verify } from "../../../sdk/tdx/index.ts";
import { buildEvidence, rebuildQuote } from "../../../sdk/tdx/onchain/index.ts";
import { createWorld, type World, withCode } from "./support/world.ts";

const wrapperAbi = parseAbi([
  "function forward(address target, bytes data)",
  "function put(bytes part)",
  "function run(address target)",
]);

describe("auditWorker", () => {
  let world: World;

  beforeEach(async () => {
    world = await createWorld();
  });

  const audit = (identity: Hex, change: object = {}) =>
    auditWorker(world.client, {
      ...world.program,
      identity,
      root: world.simulator.rootCertificate,
      maxStaleness: 1e9,
      ...change,
    });
  const first = () => {
    const [worker] = world.workers;
    assert.ok(worker);
    return worker;
  };

  /** The calldata of a registration that is yet to be sent. */
  const registrationData = async () => {
    const account = privateKeyToAccount(generatePrivateKey());
    const { number, hash } = await world.client.getBlock();
    const { reportData, identitySignature } = await signRegistration({
      account,
      chainId: await world.client.getChainId(),
      registry: world.address,
      programId: world.programId,
      challenge: { number, hash },
    });
    const quote = world.platform.quote({ reportData: hexToBytes(reportData) });
    const { evidence } = buildEvidence(quote, { collateral: world.simulator.collateral() });
    const request = {
      programId: world.programId,
      identity: account.address,
      challengeBlock: number,
      approvalId: 1,
      identitySignature,
      ownerSignature: "0x",
    } as const;
    const args = [request, evidence, "0x"] as const;
    const data = encodeFunctionData({ abi: workerRegistryAbi, functionName: "register", args });
    return { identity: account.address, data };
  };
  const send = async (to: Hex, data: Hex) => {
    const hash = await world.stranger.sendTransaction({ to, data, gas: 16_000_000n });
    const receipt = await world.client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, "success");
  };

  it("finds that a good worker's record follows from the chain's calldata", async () => {
    const { holds, steps, quote, collateral, sources } = await audit(first().identity);
    assert.deepEqual(
      steps.filter(({ ok }) => !ok),
      [],
    );
    assert.ok(holds && steps.length >= 12, `${steps.length} steps`);
    // What was rebuilt is what any verifier takes, and has every byte that was signed.
    const options = { at: world.simulator.at, root: world.simulator.rootCertificate };
    const checked = createCollateral(collateral, options);
    const { status, quote: parsed } = verify(hexToBytes(quote), checked, options);
    assert.equal(status, "UpToDate");
    const original = first().quote;
    assert.deepEqual(parsed.signedRegion, original.subarray(0, parsed.signedRegion.length));
    assert.deepEqual(
      new Set(sources.map(({ part }) => part)),
      new Set([
        "TCB info",
        "QE identity",
        "signer of the TCB info",
        "PCK CA",
        "root CRL",
        "PCK CRL",
        "PCK certificate",
      ]),
    );
  });

  it("reads a registration back that another contract was given to make", async () => {
    const { identity, data } = await registrationData();
    const { address } = await world.viem.deployContract("ForwardingWrapper");
    const args = [world.address, data] as const;
    await send(address, encodeFunctionData({ abi: wrapperAbi, functionName: "forward", args }));
    const { holds, steps } = await audit(identity);
    assert.ok(holds);
    const step = steps.find(({ name }) => name === "calldata");
    assert.match(String(step?.found), /stands in a call of 0x/);
  });

  it("says plainly what it cannot rebuild: a call that another contract put together", async () => {
    const { identity, data } = await registrationData();
    const { address } = await world.viem.deployContract("StoringWrapper");
    // In two parts, so that no transaction holds it whole.
    const middle = 2 + 2 * 600;
    for (const part of [data.slice(0, middle), `0x${data.slice(middle)}`] as Hex[]) {
      await send(
        address,
        encodeFunctionData({ abi: wrapperAbi, functionName: "put", args: [part] }),
      );
    }
    const run = encodeFunctionData({ abi: wrapperAbi, functionName: "run", args: [world.address] });
    await send(address, run);
    await assert.rejects(
      audit(identity),
      (error: { code: string; subject: string; found: string }) => {
        assert.equal(error.code, "AUDIT_CALLDATA_UNREADABLE");
        assert.equal(error.subject, "the registration");
        assert.match(error.found.toLowerCase(), new RegExp(address.toLowerCase()));
        return true;
      },
    );
  });

  it("judges a later evaluation by the collateral of its own time", async () => {
    const { identity, quote } = first();
    await world.moveBy(3600);
    await world.pushCollateral({});
    const numbers = { tcbInfo: 20, qeIdentity: 20 };
    const { leaf } = buildEvidence(quote, { numbers }).evidence;
    const claims = tcbClaimsOf(quote);
    await reevaluateWorker(world.stranger, { ...world.program, identity, leaf, claims, numbers });
    const { holds, steps } = await audit(identity);
    assert.ok(holds, JSON.stringify(steps.filter(({ ok }) => !ok)));
    assert.ok(steps.some(({ name }) => name === "quote at the evaluation after it"));
  });

  it("finds the differences of another root, and of a chain that lost an upload's event", async () => {
    const { createSimulator } = await import("../../../sdk/tdx/simulator/index.ts");
    const other = createSimulator({ seed: "another" });
    const { holds, steps } = await audit(first().identity, { root: other.rootCertificate });
    assert.equal(holds, false);
    const differing = steps.filter(({ ok }) => !ok).map(({ name }) => name);
    assert.deepEqual(differing, ["root", "quote at the registration"]);
    const latest = await world.client.getBlockNumber();
    await assert.rejects(
      audit(first().identity, { fromBlock: latest }),
      withCode("AUDIT_EVENT_MISSING"),
    );
    await assert.rejects(audit(`0x${"11".repeat(20)}`), withCode("WORKER_UNKNOWN"));
  });

  it("works with an endpoint that gives logs of few blocks at once, and soon ends with none", async () => {
    const { provider } = world;
    let refused = 0;
    const limited = createPublicClient({
      transport: custom(
        {
          request: async ({ method, params }: { method: string; params?: unknown[] }) => {
            const [filter] = (params ?? []) as { fromBlock: Hex; toBlock: Hex }[];
            if (method === "eth_getLogs" && filter !== undefined) {
              if (Number(filter.toBlock) - Number(filter.fromBlock) > 3) {
                refused++;
                throw { code: -32005, message: "query returned more than 4 blocks" };
              }
            }
            return provider.request(params === undefined ? { method } : { method, params });
          },
        },
        { retryCount: 0 },
      ),
    });
    const root = world.simulator.rootCertificate;
    const identity = first().identity;
    const question = { ...world.program, identity, root, maxStaleness: 1e9 };
    assert.ok((await auditWorker(limited, question)).holds);
    assert.ok(refused > 0);
    const closed = createPublicClient({
      transport: http("http://127.0.0.1:1", { retryCount: 0, timeout: 1_000 }),
    });
    await assert.rejects(auditWorker(closed, question), withCode("CHAIN_UNREACHABLE"));
  });

  it("refuses what is no compact quote", () => {
    assert.throws(() => rebuildQuote("0x1234", []), withCode("ONCHAIN_PARAMETER_INVALID"));
  });
});
