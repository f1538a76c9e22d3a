import type { LocalAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { ChainsealError } from "../errors.ts";
import { attest, toKnownError } from "./attest.ts";
import { WorkerError } from "./errors.ts";
import { EventHub, type Registration, type WorkerEvent } from "./events.ts";
import { type RegisterOnBootOptions, readOptions, type Settings } from "./options.ts";
import type { Context } from "./prepare.ts";
import { mayPass } from "./refusals.ts";
import { readDeployment } from "./registry-state.ts";
import { Alarm, sleepUnlessRung, waitForRenewal } from "./schedule.ts";
import { abortable, type Deferred, deferred, retryDelay } from "./timing.ts";

/** `registering` and `renewing` while at it; `failed` and `stopped` for good. */
export type WorkerState = "registering" | "registered" | "renewing" | "failed" | "stopped";

/** A worker that registers itself and stays registered. */
export interface RunningWorker {
  /** Signs as the worker. Its key is in this process's memory and nowhere else. */
  readonly identity: LocalAccount;
  readonly state: WorkerState;
  /** The last that was confirmed. */
  readonly registration: Registration | undefined;
  /** The first registration. Rejects when it fails for good, or when the worker is stopped before. */
  readonly ready: Promise<Registration>;
  /** Attests again, also when it is not due. Resolves with the next registration. */
  renewNow(): Promise<Registration>;
  /** Everything that has happened, as far as it is remembered, and that will; ends with the worker. */
  events(): AsyncGenerator<WorkerEvent, void, undefined>;
  /** Ends everything. The registration stays on chain until it ends there. */
  stop(): Promise<void>;
}

/** Somebody who waits for the next registration. */
type Waiter = Deferred<Registration>;

class Runner implements RunningWorker {
  readonly identity: LocalAccount;
  readonly ready: Promise<Registration>;
  state: WorkerState = "registering";
  registration: Registration | undefined;
  readonly #settings: Settings;
  readonly #hub: EventHub;
  readonly #alarm = new Alarm();
  readonly #controller = new AbortController();
  readonly #ended: Promise<void>;
  #waiters: Waiter[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
    this.identity = settings.identity ?? privateKeyToAccount(generatePrivateKey());
    this.#hub = new EventHub(this.identity.address, settings);
    this.ready = this.#next();
    // Who does not look at it must not end the process by that.
    this.ready.catch(() => undefined);
    this.#ended = this.#run();
  }

  renewNow(): Promise<Registration> {
    const next = this.#next();
    if (this.state === "registered") this.#alarm.ring();
    return next;
  }

  events(): AsyncGenerator<WorkerEvent, void, undefined> {
    return this.#hub.events();
  }

  async stop(): Promise<void> {
    this.#controller.abort(new WorkerError("WORKER_STOPPED"));
    await this.#ended;
  }

  #next(): Promise<Registration> {
    if (this.state === "failed" || this.state === "stopped") {
      return Promise.reject(new WorkerError("WORKER_STOPPED", { found: this.state }));
    }
    const waiter = deferred<Registration>();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  #settle(settle: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    waiters.forEach(settle);
  }

  async #run(): Promise<void> {
    const { signal: outer } = this.#settings;
    const stop = () => this.#controller.abort(new WorkerError("WORKER_STOPPED"));
    if (outer?.aborted) stop();
    outer?.addEventListener("abort", stop, { once: true });
    try {
      await this.#live();
    } catch (thrown) {
      this.#end(thrown);
    } finally {
      outer?.removeEventListener("abort", stop);
      this.#hub.end();
    }
  }

  #end(thrown: unknown): void {
    if (this.#controller.signal.aborted) {
      this.state = "stopped";
      this.#hub.emit({ name: "stopped" });
      const error = new WorkerError("WORKER_STOPPED");
      this.#settle((waiter) => waiter.reject(error));
      return;
    }
    this.state = "failed";
    const error = toKnownError(thrown) ?? new ChainsealError("UNEXPECTED", String(thrown));
    this.#hub.emit({ name: "failed", error });
    this.#settle((waiter) => waiter.reject(error));
  }

  async #live(): Promise<never> {
    const emit = this.#hub.emit;
    const signal = this.#controller.signal;
    emit({ name: "keys-made", identity: this.identity.address });
    signal.throwIfAborted();
    const deployment = await this.#readDeployment(signal);
    const context: Context = {
      settings: this.#settings,
      deployment,
      identity: this.identity,
      emit,
      signal,
    };
    let registration = this.#confirmed("registered", await attest(context));
    for (;;) {
      const reason = await waitForRenewal(context, this.#alarm, registration);
      this.state = "renewing";
      emit({ name: "renewal-started", reason });
      registration = await this.#renew(context, reason);
    }
  }

  /** The first questions to the chain; the node may be starting too. */
  async #readDeployment(signal: AbortSignal) {
    const { client, registry, retry, timing } = this.#settings;
    for (let failures = 1; ; failures++) {
      try {
        return await abortable(readDeployment(client, registry), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ChainsealError)) throw error;
        if (!mayPass(error) || failures >= retry.attempts) throw error;
        const delay = retryDelay(failures, retry, timing.random);
        this.#hub.emit({ name: "retrying", failures, delay, error });
        await timing.sleep(delay, signal);
      }
    }
  }

  #confirmed(name: "registered" | "renewed", registration: Registration): Registration {
    const { confirmation } = this.#settings;
    this.registration = registration;
    this.state = "registered";
    this.#hub.emit({ name, confirmation, registration });
    this.#settle((waiter) => waiter.resolve(registration));
    return registration;
  }

  /** In rounds of a bounded number of tries, until it is done or refused for good. */
  async #renew(context: Context, reason: string): Promise<Registration> {
    const { limits } = this.#settings;
    const outlast = reason === "due" ? this.registration : undefined;
    for (;;) {
      try {
        return this.#confirmed("renewed", await attest(context, { outlast }));
      } catch (thrown) {
        context.signal.throwIfAborted();
        const error = toKnownError(thrown);
        if (error === undefined || !mayPass(error)) throw thrown;
        context.emit({ name: "renewal-failed", delay: limits.check, error });
        this.#settle((waiter) => waiter.reject(error));
        await sleepUnlessRung(context, this.#alarm, limits.check);
        this.#alarm.take();
      }
    }
  }
}

/**
 * Registers this machine as a worker and keeps it registered: makes its key in memory, has a recent
 * block's hash quoted, submits, waits until that is final, and attests again before it ends. Returns
 * at once; `ready` says when the worker counts.
 *
 * What may pass is tried again, a bounded number of times with growing, random waits. What the
 * registry refuses for good ends the worker: `state` is `failed`, and the event says why.
 *
 * Errors, of the call itself: `WORKER_PARAMETER_INVALID`. Of `ready`: what the registry, the quote
 * provider, the submitter or the chain refused.
 *
 * @example
 * import { createPublicClient, http } from "viem";
 * import { detectQuoteProvider, registerOnBoot, relayer } from "chainseal/sdk/worker";
 *
 * const { provider } = await detectQuoteProvider();
 * const worker = registerOnBoot({
 *   client: createPublicClient({ transport: http(rpcUrl) }),
 *   registry,
 *   programId,
 *   approvalId: 1,
 *   provider,
 *   submit: relayer({ url: relayerUrl }),
 *   logger: (line) => console.log(JSON.stringify(line)),
 * });
 * const { validUntil } = await worker.ready;
 */
export function registerOnBoot(options: RegisterOnBootOptions): RunningWorker {
  return new Runner(readOptions(options));
}
