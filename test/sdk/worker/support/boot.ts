import { createPublicClient, custom, type Hex, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  direct,
  type LogLine,
  type RegisterOnBootOptions,
  type RunningWorker,
  registerOnBoot,
  simulatorProvider,
  type WorkerEvent,
} from "../../../../sdk/worker/index.ts";
import type { World } from "../../../contracts/registry/support/world.ts";
import { ManualTiming } from "./manual-timing.ts";

/** The identity's key in these tests; no log and no event may hold it. */
export const IDENTITY_KEY = `0x${"5ec2e7".repeat(10)}0bad` as Hex;

type Request = (args: { method: string; params?: unknown }) => Promise<unknown>;

/** A client of the world's chain through which a test can see and change every request. */
export function clientThrough(
  world: World,
  change: (args: Parameters<Request>[0], next: Request) => Promise<unknown>,
) {
  const next = ((args) => world.provider.request(args as never)) as Request;
  return createPublicClient({
    transport: custom({ request: (args) => change(args, next) }, { retryCount: 0 }),
  });
}

export interface Booted {
  readonly worker: RunningWorker;
  readonly timing: ManualTiming;
  readonly lines: LogLine[];
  readonly happened: WorkerEvent[];
  /** The names of all events so far. */
  names(): string[];
  /** Waits until an event of this name has happened `count` times. */
  until(name: WorkerEvent["name"], count?: number): Promise<WorkerEvent>;
}

const running: RunningWorker[] = [];

/** Stops whatever a test left running. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((worker) => worker.stop()));
}

/** A worker of the world's program, with waits that pass at once. */
export function boot(world: World, options: Partial<RegisterOnBootOptions> = {}): Booted {
  const timing = new ManualTiming();
  const lines: LogLine[] = [];
  const happened: WorkerEvent[] = [];
  let wake: (() => void)[] = [];
  const worker = registerOnBoot({
    client: world.client,
    registry: world.registry.address,
    programId: world.programId,
    approvalId: 1,
    provider: simulatorProvider({ platform: world.platform }),
    submit: direct({ walletClient: world.stranger }),
    identity: privateKeyToAccount(IDENTITY_KEY),
    timing,
    logger: (line) => lines.push(line),
    onEvent: (event) => {
      happened.push(event);
      for (const one of wake.splice(0)) one();
    },
    ...options,
  });
  running.push(worker);
  return {
    worker,
    timing,
    lines,
    happened,
    names: () => happened.map(({ name }) => name),
    async until(name, count = 1) {
      for (;;) {
        const found = happened.filter((event) => event.name === name)[count - 1];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          wake = [...wake, resolve];
        });
      }
    },
  };
}

/** Moves the chain's clock to a time and makes a few blocks. */
export async function moveTo(world: World, seconds: number): Promise<void> {
  await world.at(seconds);
  await mine(world, 4);
}

export async function mine(world: World, blocks: number): Promise<void> {
  await world.provider.request({ method: "hardhat_mine", params: [toHex(blocks)] });
}
