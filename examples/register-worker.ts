/**
 * Registers a simulated machine as a worker, renews its registration, and stops.
 *
 * After `npm run build`, with Node 22.18 or newer; the deployment trusts the root of a simulator, and
 * the program approves its default TD:
 *
 *   CHAINSEAL_PRIVATE_KEY=0x… node examples/register-worker.ts RPC REGISTRY PROGRAM SEED
 *
 * On a real machine the provider is `(await detectQuoteProvider()).provider`.
 */
import { createSimulator } from "chainseal/sdk/tdx/simulator";
import { direct, registerOnBoot, simulatorProvider } from "chainseal/sdk/worker";
import { createPublicClient, createWalletClient, type Hex, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const [rpcUrl, registry, programId, seed] = process.argv.slice(2) as [string, Hex, Hex, string];
const payer = privateKeyToAccount(process.env.CHAINSEAL_PRIVATE_KEY as Hex);
const transport = http(rpcUrl);

const worker = registerOnBoot({
  client: createPublicClient({ transport }),
  registry,
  programId,
  approvalId: 1,
  provider: simulatorProvider({ platform: createSimulator({ seed }).platform() }),
  // Or `relayer({ url })`, so that no key that pays is in the machine.
  submit: direct({ walletClient: createWalletClient({ account: payer, transport }) }),
  logger: ({ level, event }) => console.log(`${level} ${event}`),
});

const { validUntil } = await worker.ready;
console.log(`valid until ${new Date(validUntil * 1000).toISOString()}`);
await worker.renewNow();
await worker.stop();
